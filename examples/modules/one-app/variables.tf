variable "account_id" {
  description = "Account of the app. By default the one of the provider."
  type        = string
  default     = null
}

variable "app_id" {
  description = "RealtimeKit app. By default the one of the provider."
  type        = string
  default     = null
}

variable "webhooks" {
  description = "The webhooks of the app, by a key that is also the name unless there is one."
  type = map(object({
    url     = string
    events  = set(string)
    name    = optional(string)
    enabled = optional(bool, true)
  }))
  nullable = false

  validation {
    condition     = alltrue([for webhook in var.webhooks : startswith(webhook.url, "https://")])
    error_message = "Each url must start with https://."
  }

  validation {
    condition     = alltrue([for webhook in var.webhooks : length(webhook.events) > 0])
    error_message = "Each webhook needs at least one event. To pause one, set enabled = false."
  }

  validation {
    condition     = length(distinct([for webhook in var.webhooks : webhook.url])) == length(var.webhooks)
    error_message = "Two webhooks have the same url, and an app has each URL at most once."
  }
}
