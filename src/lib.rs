//! The Terraform provider for Cloudflare RealtimeKit webhooks.

pub mod api;
pub mod mock_api;
pub mod proto;
