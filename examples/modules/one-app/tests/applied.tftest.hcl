# Runs the provider with the API in the environment variables, such as the mock API.
# Destroys what it creates. Terraform 1.6 or newer. Not for OpenTofu, where a condition cannot refer to
# another run.
provider "realtimekit" {}

variables {
  webhooks = {
    meetings = {
      url    = "https://hooks.example.com/meetings"
      events = ["meeting.started", "meeting.ended"]
    }
  }
}

run "a_webhook_is_created" {
  assert {
    condition     = realtimekit_webhook.this["meetings"].created_at != ""
    error_message = "The API should say when the webhook was created."
  }

  assert {
    condition     = realtimekit_webhook.this["meetings"].enabled
    error_message = "A webhook should be enabled unless it says otherwise."
  }
}

run "a_change_keeps_the_webhook" {
  variables {
    webhooks = {
      meetings = {
        url     = "https://hooks.example.com/meetings"
        events  = ["meeting.started"]
        enabled = false
      }
    }
  }

  assert {
    condition     = output.webhook_ids["meetings"] == run.a_webhook_is_created.webhook_ids["meetings"]
    error_message = "The webhook should be changed in place."
  }

  assert {
    condition     = realtimekit_webhook.this["meetings"].events == toset(["meeting.started"])
    error_message = "The API should store the events that were asked for."
  }
}
