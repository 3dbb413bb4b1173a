# Half of the average rate that the API allows (1,200 requests in 300 seconds).
provider "realtimekit" {
  requests_per_second = 2
}
