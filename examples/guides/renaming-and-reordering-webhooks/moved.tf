resource "realtimekit_webhook" "this" {
  for_each = {
    meetings   = ["meeting.started", "meeting.ended"]
    recordings = ["recording.statusUpdate"]
  }

  name   = each.key
  url    = "https://hooks.example.com/${each.key}"
  events = each.value
}

# The old address is realtimekit_webhook.meetings, without for_each.
moved {
  from = realtimekit_webhook.meetings
  to   = realtimekit_webhook.this["meetings"]
}
