# To invoke it directly: terraform apply -invoke=action.realtimekit_webhook_disable.pause
action "realtimekit_webhook_disable" "pause" {
  config {
    webhook_id = realtimekit_webhook.meetings.id
  }
}

action "realtimekit_webhook_enable" "resume" {
  config {
    webhook_id = realtimekit_webhook.meetings.id
  }
}

resource "realtimekit_webhook" "meetings" {
  name   = "Meeting log"
  url    = "https://hooks.example.com/meetings"
  events = ["meeting.started", "meeting.ended"]
}

variable "receiver_version" {
  type    = string
  default = "1"
}

# The receiver of the webhook: deliveries are paused while it is updated.
resource "terraform_data" "receiver" {
  input = var.receiver_version

  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.realtimekit_webhook_disable.pause]
    }

    action_trigger {
      events  = [after_update]
      actions = [action.realtimekit_webhook_enable.resume]
    }
  }
}
