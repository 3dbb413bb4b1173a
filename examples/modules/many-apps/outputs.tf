output "webhook_ids" {
  description = "Ids of the webhooks, by tenant and by key."
  value = {
    for tenant, app in var.tenants : tenant => {
      for key, webhook in app.webhooks : key => realtimekit_webhook.this["${tenant}/${key}"].id
    }
  }
}
