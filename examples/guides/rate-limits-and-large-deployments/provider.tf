# Half of what the API allows in the long run (1,200 requests in 300 seconds).
provider "realtimekit" {
  requests_per_second = 2
}
