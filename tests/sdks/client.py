"""Cloudflare's Python SDK: the life of a webhook against the mock API of the environment."""

import os

import cloudflare

account = os.environ["CLOUDFLARE_ACCOUNT_ID"]
app = os.environ["REALTIMEKIT_APP_ID"]
client = cloudflare.Cloudflare(
    api_token=os.environ["CLOUDFLARE_API_TOKEN"],
    base_url=os.environ["CLOUDFLARE_BASE_URL"],
    max_retries=0,
)
webhooks = client.realtime_kit.webhooks
of_app = {"account_id": account, "app_id": app}
written = {"name": "bell", "url": "https://example.com/python", "events": ["meeting.started"]}

created = webhooks.create_webhook(app, account_id=account, **written).data
assert created.url == written["url"], created
assert webhooks.get_webhook_by_id(created.id, **of_app).data.name == "bell"
listed = webhooks.get_webhooks(app, account_id=account).data
assert created.id in [webhook.id for webhook in listed], listed
written["name"] = "gong"
assert webhooks.replace_webhook(created.id, **of_app, **written).data.name == "gong"
edited = webhooks.edit_webhook(created.id, **of_app, enabled=False).data
assert edited.enabled is False, edited
webhooks.delete_webhook(created.id, **of_app)
try:
    webhooks.get_webhook_by_id(created.id, **of_app)
except cloudflare.NotFoundError:
    pass
else:
    raise AssertionError("a deleted webhook was found")
