locals {
  # One resource for all webhooks, so that the provider sends one list request for each app.
  webhooks = merge([
    for tenant, app in var.tenants : {
      for key, webhook in app.webhooks :
      "${tenant}/${key}" => merge(webhook, {
        app_id = app.app_id
        name   = coalesce(webhook.name, key)
      })
    }
  ]...)
}

resource "realtimekit_webhook" "this" {
  for_each = local.webhooks

  account_id = var.account_id
  app_id     = each.value.app_id
  name       = each.value.name
  url        = each.value.url
  events     = each.value.events
  enabled    = each.value.enabled
}
