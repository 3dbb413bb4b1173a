//! The Terraform provider for Cloudflare RealtimeKit webhooks, from the bottom up:
//!
//! - [`proto`]: the messages of Terraform's plugin protocol, as generated.
//! - [`plugin`]: how Terraform starts and reaches any plugin process.
//! - [`framework`]: what every provider needs: values, schemas, planning, the protocol's calls.
//! - [`api`]: the RealtimeKit REST API; knows nothing of Terraform.
//! - [`provider`]: `realtimekit_*`, made from the two above.
//! - [`mock_api`]: the same API on the loopback interface, for tests and demonstrations.

/// Logs an event at `debug`.
///
/// A release is built without the events of any crate below `info`: only this library's are ever
/// shown, and `h2` alone has three hundred. So these are events at `info`, named for their level.
macro_rules! log_debug {
    ($($event:tt)+) => { ::tracing::info!(name: "debug", $($event)+) };
}

/// Logs an event at `trace`; otherwise as `log_debug`.
macro_rules! log_trace {
    ($($event:tt)+) => { ::tracing::info!(name: "trace", $($event)+) };
}

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
