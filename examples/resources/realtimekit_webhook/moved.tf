# The webhook was managed with the provider Mastercard/restapi. This also works for a
# restful_resource of magodo/restful.
moved {
  from = restapi_object.meetings
  to   = realtimekit_webhook.meetings
}
