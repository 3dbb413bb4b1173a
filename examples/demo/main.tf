terraform {
  required_providers {
    realtimekit = {
      source = "realtimekit/realtimekit"
    }
  }
}

provider "realtimekit" {} # its settings come from the environment

resource "realtimekit_webhook" "meetings" {
  name   = "Meeting log"
  url    = "https://hooks.example.com/meetings"
  events = ["meeting.started", "meeting.ended"]
}
