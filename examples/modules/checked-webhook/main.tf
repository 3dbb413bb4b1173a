resource "realtimekit_webhook" "this" {
  name   = var.name
  url    = var.url
  events = var.events
}

# Reads the webhook from the API.
data "realtimekit_webhook" "this" {
  account_id = realtimekit_webhook.this.account_id
  app_id     = realtimekit_webhook.this.app_id
  id         = realtimekit_webhook.this.id
}
