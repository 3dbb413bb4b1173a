# Requires no server and no token: Terraform generates the computed values.
# Requires Terraform 1.7 or newer.
mock_provider "realtimekit" {
  mock_resource "realtimekit_webhook" {
    defaults = {
      id = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e"
    }
  }
}

variables {
  app_id = "14a396e7-ca44-4937-bf1f-050a69118543"
}

run "the_key_is_the_name_unless_there_is_one" {
  variables {
    webhooks = {
      meetings   = { url = "https://hooks.example.com/meetings", events = ["meeting.started"] }
      recordings = { url = "https://hooks.example.com/recordings", events = ["recording.statusUpdate"], name = "Recordings" }
    }
  }

  assert {
    condition     = realtimekit_webhook.this["meetings"].name == "meetings"
    error_message = "A webhook without a name should be named by its key."
  }

  assert {
    condition     = realtimekit_webhook.this["recordings"].name == "Recordings"
    error_message = "A name that is given should be kept."
  }

  assert {
    condition     = output.webhook_ids["meetings"] == "0d1f069d-43bb-489a-ad8c-7eb95592ba8e"
    error_message = "The output should hold the ids by key."
  }
}

run "a_url_without_tls_is_refused" {
  command = plan

  variables {
    webhooks = {
      meetings = { url = "http://hooks.example.com/meetings", events = ["meeting.started"] }
    }
  }

  expect_failures = [var.webhooks]
}

run "a_url_that_is_used_twice_is_refused" {
  command = plan

  variables {
    webhooks = {
      one   = { url = "https://hooks.example.com/meetings", events = ["meeting.started"] }
      other = { url = "https://hooks.example.com/meetings", events = ["meeting.ended"] }
    }
  }

  expect_failures = [var.webhooks]
}

run "a_webhook_without_events_is_refused" {
  command = plan

  variables {
    webhooks = {
      meetings = { url = "https://hooks.example.com/meetings", events = [] }
    }
  }

  expect_failures = [var.webhooks]
}
