//! The provider under faults: in this process, called as Terraform calls it, against the mock API.
//!
//! `provider` is one run of the provider, `terraform` a small core that plans and applies with it.
//! `counts` checks how many requests that takes, `matrix` what becomes of each operation under
//! each fault, and `model` what must hold whatever happens.
//!
//! Provider and mock API share one thread and a paused clock, see [`api`]: no result depends on
//! how busy the machine is.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and counts what it tried"
)]

mod api;
mod counts;
mod matrix;
mod model;
mod provider;
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the tests of the process"
)]
#[path = "../support/mod.rs"]
mod support;
mod terraform;
