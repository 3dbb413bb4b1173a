# Half of the API's rate limit (1,200 requests in 300 seconds).
provider "realtimekit" {
  requests_per_second = 2
}
