//! The Terraform provider for Cloudflare RealtimeKit webhooks, from the bottom up:
//!
//! - [`proto`]: the messages of Terraform's plugin protocol, as generated.
//! - [`plugin`]: how Terraform starts and reaches any plugin process.
//! - [`framework`]: what every provider needs: values, schemas, planning, the protocol's calls.
//! - [`api`]: the RealtimeKit REST API; knows nothing of Terraform.
//! - [`provider`]: `realtimekit_*`, made from the two above.
//! - [`mock_api`]: the same API on the loopback interface, for tests and demonstrations.

pub mod api;
pub mod framework;
#[cfg(feature = "mock-api")]
pub mod mock_api;
pub mod plugin;
pub mod proto;
pub mod provider;
