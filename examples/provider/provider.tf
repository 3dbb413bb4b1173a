terraform {
  required_providers {
    realtimekit = {
      source  = "realtimekit/realtimekit"
      version = "~> 0.1"
    }
  }
}

# The token comes from the environment variable CLOUDFLARE_API_TOKEN.
provider "realtimekit" {
  account_id = "023e105f4ecef8ad9ca31a8372d0c353"
  app_id     = "14a396e7-ca44-4937-bf1f-050a69118543"
}
