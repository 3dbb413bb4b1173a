//! The Terraform provider for Cloudflare RealtimeKit webhooks.

pub mod plugin;
pub mod proto;
