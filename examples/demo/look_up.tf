data "realtimekit_webhooks" "all" {}

output "names" {
  value = data.realtimekit_webhooks.all.webhooks[*].name
}
