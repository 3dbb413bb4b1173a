# To invoke it directly: terraform apply -invoke=action.realtimekit_webhook_enable.resume
action "realtimekit_webhook_enable" "resume" {
  config {
    webhook_id = realtimekit_webhook.meetings.id
  }
}

# Created disabled, and enabled by the action after the receiver is created.
resource "realtimekit_webhook" "meetings" {
  name    = "Meeting log"
  url     = "https://hooks.example.com/meetings"
  events  = ["meeting.started", "meeting.ended"]
  enabled = false

  lifecycle {
    ignore_changes = [enabled]
  }
}

resource "terraform_data" "receiver" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.realtimekit_webhook_enable.resume]
    }
  }
}
