//! The Terraform provider for Cloudflare RealtimeKit webhooks, from the bottom up:
//!
//! - [`proto`]: the messages of Terraform's plugin protocol, as generated.
//! - [`plugin`]: how Terraform starts and reaches any plugin process.
//! - [`framework`]: what every provider needs: values, schemas, planning, the protocol's calls.
//! - [`api`]: the RealtimeKit REST API; knows nothing of Terraform.
//! - [`provider`]: `realtimekit_*`, made from the two above.
//! - [`mock_api`]: the same API on the loopback interface, for tests and demonstrations.

#[cfg(all(test, feature = "mock-api"))]
extern crate self as realtimekit; // the fuzz targets name the library so

pub mod api;
pub mod framework;
#[cfg(all(test, feature = "mock-api"))]
#[path = "../fuzz/src/replay.rs"]
mod fuzz_seeds;
#[cfg(feature = "mock-api")]
pub mod mock_api;
pub mod plugin;
pub mod proto;
pub mod provider;
