//! The built provider among hostile local processes, under random kills, and for a long time.
//!
//! `local_attackers` are other programs of the machine, `secret_leaks` is what they could read,
//! `crash_recovery` the random ends of a run, `soak` hours of work in one process. Longer forms:
//!
//! ```text
//! CASES=500 cargo test --test security crash_recovery -- --nocapture
//! SOAK_SECONDS=1800 cargo test --test security soak -- --nocapture
//! ```
#![cfg(target_os = "linux")] // the tests look at processes in /proc
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says by failing what it could not do, and a long one what it saw"
)]

mod crash_recovery;
mod local_attackers;
mod processes;
mod secret_leaks;
mod soak;

#[allow(dead_code, unused_imports, reason = "shared with tests/process")]
#[path = "../support/mod.rs"]
mod support;
#[allow(dead_code, reason = "shared with the acceptance tests")]
#[path = "../acceptance/support/mod.rs"]
mod terraform;

/// A number that the environment may say.
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |value| value.parse().unwrap())
}
