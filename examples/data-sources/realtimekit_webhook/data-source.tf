data "realtimekit_webhook" "meetings" {
  url = "https://hooks.example.com/meetings"
}

output "meeting_events" {
  value = data.realtimekit_webhook.meetings.events
}
