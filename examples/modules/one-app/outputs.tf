output "webhook_ids" {
  description = "Ids of the webhooks, by the keys of var.webhooks."
  value       = { for key, webhook in realtimekit_webhook.this : key => webhook.id }
}

output "webhooks" {
  description = "The webhooks with all their attributes, by the keys of var.webhooks."
  value       = realtimekit_webhook.this
}
