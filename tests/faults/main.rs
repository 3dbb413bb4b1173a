//! The provider under fire: in this process, called as Terraform calls it, against the mock API.
//!
//! `provider` is one run of it, `terraform` is a small core that plans and applies with it as
//! Terraform does. `counts` holds how many requests that takes, `matrix` what becomes of each
//! operation under each fault, and `model` what must hold whatever happens.
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
mod terraform;
#[path = "../framework/wire.rs"]
mod wire;
