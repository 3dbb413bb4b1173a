terraform state show realtimekit_webhook.meetings
terraform plan
