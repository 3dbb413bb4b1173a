data "realtimekit_webhooks" "all" {}

# The IDs of the webhooks, by name.
output "webhook_ids" {
  value = { for webhook in data.realtimekit_webhooks.all.webhooks : webhook.name => webhook.id... }
}
