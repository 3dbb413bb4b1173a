resource "realtimekit_webhook" "meetings" {
  name   = "Meeting log"
  url    = "https://hooks.example.com/meetings"
  events = ["meeting.started", "meeting.ended"]

  timeouts = {
    create = "1h"
    update = "1h"
    delete = "1h"
  }
}
