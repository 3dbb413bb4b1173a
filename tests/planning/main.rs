//! The framework's pure planning, compared with the rules by which Terraform judges a provider.
//!
//! `terraform` states those rules, `arbitrary` makes schemas, configurations and states, and `plans`
//! checks each plan. `properties` are true of all of them; `cases` are plans that are easily wrong.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod arbitrary;
mod cases;
mod plans;
mod properties;
mod terraform;
