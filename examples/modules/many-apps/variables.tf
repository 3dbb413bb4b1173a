variable "account_id" {
  description = "Account of the apps. By default the one of the provider."
  type        = string
  default     = null
}

variable "tenants" {
  description = "The apps by tenant, each with its webhooks by key. The key is also the name unless there is one."
  type = map(object({
    app_id = string
    webhooks = optional(map(object({
      url     = string
      events  = set(string)
      name    = optional(string)
      enabled = optional(bool, true)
    })), {})
  }))
  nullable = false

  validation {
    condition     = length(distinct([for tenant in var.tenants : tenant.app_id])) == length(var.tenants)
    error_message = "Two tenants have the same app_id: give their webhooks to one of them."
  }

  validation {
    condition = alltrue([
      for tenant in var.tenants :
      length(distinct([for webhook in tenant.webhooks : webhook.url])) == length(tenant.webhooks)
    ])
    error_message = "Two webhooks of a tenant have the same url, and an app has each URL at most once."
  }

  validation {
    condition = alltrue(flatten([
      for tenant in var.tenants :
      [for webhook in tenant.webhooks : startswith(webhook.url, "https://")]
    ]))
    error_message = "Each url must start with https://."
  }
}
