output "webhook_ids" {
  description = "ID of the webhook, by its name."
  value       = { (var.name) = data.realtimekit_webhook.this.id }
}

output "is_delivering" {
  description = "Whether RealtimeKit calls the URL."
  value       = data.realtimekit_webhook.this.enabled
}
