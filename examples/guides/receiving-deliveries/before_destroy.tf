# Terraform 1.16 or newer. `caller` is the webhook. A reference to the resource would be a cycle.
action "realtimekit_webhook_disable" "before_destroy" {
  config {
    webhook_id = caller.id
  }
}

resource "realtimekit_webhook" "meetings" {
  name   = "Meeting log"
  url    = "https://hooks.example.com/meetings"
  events = ["meeting.started", "meeting.ended"]

  lifecycle {
    action_trigger {
      events  = [before_destroy]
      actions = [action.realtimekit_webhook_disable.before_destroy]
    }
  }
}
