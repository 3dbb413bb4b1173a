import {
  to = realtimekit_webhook.meetings
  id = provider::realtimekit::webhook_import_id(
    "023e105f4ecef8ad9ca31a8372d0c353",
    "14a396e7-ca44-4937-bf1f-050a69118543",
    "0d1f069d-43bb-489a-ad8c-7eb95592ba8e",
  )
}

resource "realtimekit_webhook" "meetings" {
  name   = "Meeting log"
  url    = "https://hooks.example.com/meetings"
  events = ["meeting.started", "meeting.ended"]
}
