# Uses the account and app from the provider block.
resource "realtimekit_webhook" "meetings" {
  name   = "Meeting log"
  url    = "https://hooks.example.com/meetings"
  events = ["meeting.started", "meeting.ended"]
}

# In another app, and disabled.
resource "realtimekit_webhook" "recordings" {
  app_id  = "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a"
  name    = "Recordings"
  url     = "https://hooks.example.com/recordings"
  events  = ["recording.statusUpdate"]
  enabled = false
}
