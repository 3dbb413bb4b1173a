//! What only Terraform 1.14 and newer can show, with the built provider and the mock API.
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
mod guide_to_imports;
mod identity;
mod lifecycle;
mod query;
#[cfg(unix)]
mod rpcapi;
#[path = "../acceptance/shown.rs"]
mod shown;
#[cfg(unix)]
mod stacks;
#[allow(
    dead_code,
    reason = "shared with the tests that any Terraform can show"
)]
#[path = "../acceptance/support.rs"]
mod support;

use std::{env, process::Command, sync::OnceLock};

use realtimekit::mock_api::MockApi;
use serde_json::Value;

use crate::support::Terraform;

/// The first minor version that has `terraform query` and actions.
const NEEDED: u32 = 14;

/// A configuration directory for the Terraform on PATH, which must be new enough.
#[track_caller]
fn terraform(api: &MockApi) -> Terraform {
    static MINOR: OnceLock<u32> = OnceLock::new();
    let minor = *MINOR.get_or_init(minor_version);
    assert!(
        minor >= NEEDED,
        "these tests need Terraform 1.{NEEDED} or newer, and the terraform on PATH is 1.{minor}: \
         run .ci/terraform 1.15 and put target/terraform-1.15/bin first on PATH"
    );
    Terraform::new(api)
}

fn minor_version() -> u32 {
    let mut command = Command::new("terraform");
    command
        .args(["version", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        .env("HOME", env::temp_dir());
    let output = command.output().expect("terraform is on PATH");
    let version: Value = serde_json::from_slice(&output.stdout).unwrap();
    let version = version["terraform_version"].as_str().unwrap();
    version.split('.').nth(1).unwrap().parse().unwrap()
}
