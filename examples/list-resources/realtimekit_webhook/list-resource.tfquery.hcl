# All webhooks of the app from the provider block.
list "realtimekit_webhook" "all" {
  provider = realtimekit
}

# Webhooks of another app that receive the event meeting.ended.
list "realtimekit_webhook" "ended" {
  provider = realtimekit

  config {
    app_id  = "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a"
    event   = "meeting.ended"
    enabled = true
  }
}
