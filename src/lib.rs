//! The Terraform provider for Cloudflare RealtimeKit webhooks.

pub mod framework;
pub mod proto;
