data "realtimekit_apps" "production" {
  name = "production"
}

output "app_id" {
  value = one(data.realtimekit_apps.production.apps).id
}
