//! The programs of `examples/`: the demo, and what packs a release.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "as in any test"
)]

mod demo;
mod package;
#[path = "../acceptance/support/mod.rs"]
#[allow(dead_code, reason = "shared with the acceptance tests")]
mod support;

use std::process::Command;

/// A command of Cargo, which changes no versions.
fn cargo(arguments: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(support::root());
    cargo.args(arguments.split_whitespace());
    cargo.args(["--locked", "--quiet"]);
    cargo
}
