locals {
  webhooks = {
    meetings = {
      url    = "https://hooks.example.com/meetings"
      events = ["meeting.started", "meeting.ended"]
    }
    recordings = {
      url    = "https://hooks.example.com/recordings"
      events = ["recording.statusUpdate"]
    }
  }
}

resource "realtimekit_webhook" "this" {
  for_each = local.webhooks

  name   = each.key
  url    = each.value.url
  events = each.value.events
}

data "realtimekit_webhooks" "existing" {}

locals {
  ids = { for webhook in data.realtimekit_webhooks.existing.webhooks : webhook.url => webhook.id }
}

import {
  for_each = {
    for key, webhook in local.webhooks : key => local.ids[webhook.url]
    if contains(keys(local.ids), webhook.url)
  }

  to = realtimekit_webhook.this[each.key]
  id = each.value
}
