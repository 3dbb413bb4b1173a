//! The real `terraform` (or `tofu`) drives the built provider against the mock API.
//!
//! Terraform is looked for on PATH; without it every test here fails and says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says by failing what it could not do"
)]

mod configuration;
mod data_sources;
mod discovery;
mod drift;
mod examples;
mod faults;
mod functions;
mod guide_to_imports;
mod guides;
mod import;
#[cfg(unix)]
mod interrupt;
mod lifecycle;
mod limits;
mod modules;
mod moves;
mod plans;
mod reads;
mod secrets;
mod shown;
mod support;
mod url_conflicts;
