//! The built provider over its protocol, with the test in Terraform's part.
#![cfg(unix)] // the tests send signals and look at the modes of files
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
mod panics;
mod services;
mod shutdown;
mod support;
mod tls;
#[path = "../server/wire.rs"]
mod wire;
