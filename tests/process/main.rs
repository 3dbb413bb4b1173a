//! The built provider over its protocol, with the test in Terraform's part.
//!
//! What a test of Unix alone needs, such as a signal or the mode of a file, is marked at the test.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers are tests too, which Clippy does not see"
)]

mod actions;
mod command_line;
mod debug_mode;
mod deferral;
mod handshake;
mod logging;
#[cfg(unix)]
mod other_users;
mod panics;
mod rpcs;
mod services;
mod shutdown;
#[allow(dead_code, unused_imports, reason = "shared with tests in one process")]
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod webhooks;
