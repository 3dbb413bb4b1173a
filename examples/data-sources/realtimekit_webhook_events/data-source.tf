data "realtimekit_webhook_events" "supported" {}

# Events that the API supports, but that this version of the provider does not know.
output "new_events" {
  value = setsubtract(
    data.realtimekit_webhook_events.supported.events,
    provider::realtimekit::webhook_events(),
  )
}
