//! The Terraform provider for Cloudflare RealtimeKit webhooks.

pub mod proto;
