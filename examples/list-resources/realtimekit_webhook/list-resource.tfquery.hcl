# All webhooks of the app that the provider block names.
list "realtimekit_webhook" "all" {
  provider = realtimekit
}

# Those of another app that are called when a meeting ends.
list "realtimekit_webhook" "ended" {
  provider = realtimekit

  config {
    app_id  = "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a"
    event   = "meeting.ended"
    enabled = true
  }
}
