data "realtimekit_webhook_public_key" "deliveries" {}

# For the configuration of the receiver.
output "webhook_public_key" {
  value = data.realtimekit_webhook_public_key.deliveries.public_key
}
