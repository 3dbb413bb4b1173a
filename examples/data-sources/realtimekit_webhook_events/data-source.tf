data "realtimekit_webhook_events" "supported" {}

# Events that the service reports, and that this version of the provider does not know yet.
output "new_events" {
  value = setsubtract(
    data.realtimekit_webhook_events.supported.events,
    provider::realtimekit::webhook_events(),
  )
}
