list "realtimekit_webhook" "all" {
  provider = realtimekit
}
