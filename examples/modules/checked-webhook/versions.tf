terraform {
  required_version = ">= 1.0"

  required_providers {
    realtimekit = {
      source  = "realtimekit/realtimekit"
      version = ">= 0.1"
    }
  }
}
