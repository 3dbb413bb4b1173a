locals {
  webhook = provider::realtimekit::parse_webhook_import_id(
    "14a396e7-ca44-4937-bf1f-050a69118543/0d1f069d-43bb-489a-ad8c-7eb95592ba8e"
  )
}

data "realtimekit_webhook" "meetings" {
  account_id = local.webhook.account_id # null, which means that of the provider
  app_id     = local.webhook.app_id
  id         = local.webhook.webhook_id
}
