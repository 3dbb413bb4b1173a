# Requires no server, no token and no settings: Terraform generates the computed values.
# Requires Terraform 1.7 or newer, or OpenTofu 1.8 or newer.
mock_provider "realtimekit" {}

variables {
  name   = "meetings"
  url    = "https://hooks.example.com/meetings"
  events = ["meeting.started"]
}

run "the_webhook_that_is_created_is_the_one_that_is_read" {
  assert {
    condition     = data.realtimekit_webhook.this.id == realtimekit_webhook.this.id
    error_message = "The data source should read the webhook of the resource."
  }

  assert {
    condition     = output.webhook_ids == { meetings = realtimekit_webhook.this.id }
    error_message = "The output should hold the ID of the webhook by its name."
  }
}
