variable "name" {
  description = "Name of the webhook."
  type        = string
}

variable "url" {
  description = "URL that RealtimeKit calls."
  type        = string
}

variable "events" {
  description = "Events to report."
  type        = set(string)
}
