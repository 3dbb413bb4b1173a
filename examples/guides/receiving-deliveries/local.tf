resource "realtimekit_webhook" "local" {
  name   = "A receiver on this machine"
  url    = "http://127.0.0.1:8080/"
  events = ["meeting.started", "meeting.ended"]
}
