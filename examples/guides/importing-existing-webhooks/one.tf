import {
  to       = realtimekit_webhook.meetings
  id       = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e"
  provider = realtimekit
}
