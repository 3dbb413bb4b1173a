resource "realtimekit_webhook" "everything" {
  name   = "Everything that happens"
  url    = "https://hooks.example.com/everything"
  events = provider::realtimekit::webhook_events()
}

resource "realtimekit_webhook" "media" {
  name   = "Recordings and live streams"
  url    = "https://hooks.example.com/media"
  events = provider::realtimekit::webhook_events("recording.", "livestreaming.")
}
