//! The framework's pure planning, held against the rules by which Terraform judges a provider.
//!
//! `terraform` states those rules, `arbitrary` makes schemas, configurations and states, and
//! `properties` says what must be true of every one of them. `cases` are those that are easily
//! missed, with names.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod arbitrary;
mod asking;
mod cases;
mod properties;
mod terraform;
