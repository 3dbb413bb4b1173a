data "realtimekit_webhooks" "all" {}

output "webhooks" {
  value = { for webhook in data.realtimekit_webhooks.all.webhooks : webhook.id => webhook.url }
}
