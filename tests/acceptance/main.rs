//! The real `terraform` (or `tofu`) drives the built provider against the mock API.
//!
//! Terraform is looked for on PATH; without it every test here fails and says so. What becomes of
//! each operation under each fault is tested in one process by `tests/faults`; here are messages
//! as they are shown, what Terraform stores, and one fault of each operation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says by failing what it could not do"
)]

mod configuration;
mod data_sources;
mod drift;
mod examples;
mod faults;
mod features;
mod functions;
mod guides;
mod import;
#[cfg(unix)] // Windows has no signal for another process
mod interrupt;
mod lifecycle;
mod modules;
mod moves;
mod plans;
mod secrets;
mod support;
mod url_conflicts;
