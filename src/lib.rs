//! The Terraform provider for Cloudflare RealtimeKit webhooks.

pub mod mock_api;
pub mod proto;
