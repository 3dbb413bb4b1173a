resource "realtimekit_webhook" "this" {
  for_each = var.webhooks

  account_id = var.account_id
  app_id     = var.app_id
  name       = coalesce(each.value.name, each.key)
  url        = each.value.url
  events     = each.value.events
  enabled    = each.value.enabled
}
