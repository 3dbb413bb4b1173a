//! The built provider over its protocol, with the test in Terraform's part.
#![cfg(unix)] // the tests send signals and look at the modes of files
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers are tests too, which Clippy does not see"
)]

mod actions;
mod admission;
mod command_line;
mod debug_mode;
mod deferral;
mod functions;
mod handshake;
mod identity;
mod logging;
mod old_terraform;
mod panics;
mod query;
mod replanning;
mod services;
mod shutdown;
mod support;
mod terraform_checks;
mod tls;
mod webhooks;
#[path = "../framework/wire.rs"]
mod wire;
