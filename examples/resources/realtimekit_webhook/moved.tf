# Managed with the provider Mastercard/restapi so far. A restful_resource of magodo/restful is
# taken over in the same way.
moved {
  from = restapi_object.meetings
  to   = realtimekit_webhook.meetings
}
