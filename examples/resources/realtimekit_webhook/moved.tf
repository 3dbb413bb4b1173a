# The webhook was managed with the provider Mastercard/restapi. A restful_resource of
# magodo/restful can be moved in the same way.
moved {
  from = restapi_object.meetings
  to   = realtimekit_webhook.meetings
}
