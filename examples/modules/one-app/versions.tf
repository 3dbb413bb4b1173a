terraform {
  required_version = ">= 1.3" # optional attributes with defaults

  required_providers {
    realtimekit = {
      source  = "realtimekit/realtimekit"
      version = ">= 0.1"
    }
  }
}
