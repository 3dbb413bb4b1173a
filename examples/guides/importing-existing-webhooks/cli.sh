terraform import realtimekit_webhook.meetings 0d1f069d-43bb-489a-ad8c-7eb95592ba8e
