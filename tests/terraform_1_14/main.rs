//! Identities, queries, actions and Stacks, with the built provider and the mock API: what only
//! Terraform 1.14 and newer has. An older one leaves the tests out.
//!
//! Not among the tests that plain `cargo test` runs: `.ci/terraform 1.15` sets such a Terraform
//! up, and `PATH=$PWD/target/terraform-1.15/bin:$PATH cargo test --test terraform_1_14` runs these.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says by failing what it could not do"
)]

mod actions;
#[allow(dead_code, reason = "shared with the acceptance tests")]
#[path = "../acceptance/features.rs"]
mod features;
mod identity;
mod query;
#[cfg(unix)]
mod rpcapi;
#[cfg(unix)]
mod stacks;
#[allow(dead_code, reason = "shared with the acceptance tests")]
#[path = "../acceptance/support/mod.rs"]
mod support;

use crate::features::Feature;

const IDENTITY: Feature = Feature("identities", 12, Some(12));
const QUERY: Feature = Feature("queries", 14, None);
const ACTIONS: Feature = Feature("actions", 14, None);
const DESTROY_ACTIONS: Feature = Feature("actions before_destroy", 16, None);
const STACKS: Feature = Feature("deferrals in Stacks", 14, None);
