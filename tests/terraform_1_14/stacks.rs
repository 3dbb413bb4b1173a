//! Stacks: the one way in which a released Terraform takes a deferral in a plan.

use std::{env, fs, os::unix::fs::symlink};

use crate::STACKS;
use crate::{
    features::*,
    rpcapi::{Instance, RpcApi, SOURCE, VERSION},
    support::*,
};

/// `Deferred.Reason` of the stacks API, which is not that of the plugin protocol.
const PROVIDER_CONFIG_UNKNOWN: i32 = 3;

/// As Terraform names the machine that this runs on.
fn platform() -> String {
    let os = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}_{architecture}")
}

/// Installs the built provider as `terraform init` does, and says its checksum.
fn install(terraform: &Terraform) -> String {
    let package = format!("{SOURCE}/{VERSION}/{}", platform());
    let mirror = terraform.path().join("mirror").join(package);
    fs::create_dir_all(&mirror).unwrap();
    let name = format!("terraform-provider-realtimekit_v{VERSION}");
    symlink(
        env!("CARGO_BIN_EXE_terraform-provider-realtimekit"),
        mirror.join(name),
    )
    .unwrap();
    fs::write(terraform.path().join("none.tfrc"), "").unwrap();
    terraform.write("");
    let mut init = terraform.command(&["init", "-plugin-dir=mirror"]);
    let ran: Ran = init
        .env("TF_CLI_CONFIG_FILE", "none.tfrc")
        .output()
        .unwrap()
        .into();
    assert!(ran.succeeded, "{ran}");
    let lock = fs::read_to_string(terraform.path().join(".terraform.lock.hcl")).unwrap();
    let hash = lock.split('"').find(|text| text.starts_with("h1:"));
    hash.expect("a checksum").to_owned()
}

/// A stack whose second provider block depends on what the first one makes.
fn write_stack(terraform: &Terraform) {
    let bundle = terraform.path().join("bundle");
    let module = bundle.join("stack/webhook");
    fs::create_dir_all(&module).unwrap();
    let sources = r#"{"terraform_source_bundle": 1, "packages": [
        {"source": "git::https://example.com/stack.git", "local": "stack", "meta": {}}]}"#;
    fs::write(bundle.join("terraform-sources.json"), sources).unwrap();
    let stack = r#"
required_providers {
  realtimekit = { source = "realtimekit/realtimekit", version = ">= 0.1.0" }
}

provider "realtimekit" "known" {
  config {}
}

provider "realtimekit" "unknown" {
  config {
    api_token = component.first.id
  }
}

component "first" {
  source    = "./webhook"
  inputs    = { url = "https://example.com/first" }
  providers = { realtimekit = provider.realtimekit.known }
}

component "second" {
  source    = "./webhook"
  inputs    = { url = "https://example.com/second" }
  providers = { realtimekit = provider.realtimekit.unknown }
}
"#;
    fs::write(bundle.join("stack/main.tfcomponent.hcl"), stack).unwrap();
    let resource = r#"
terraform {
  required_providers {
    realtimekit = { source = "realtimekit/realtimekit" }
  }
}

variable "url" {
  type = string
}

data "realtimekit_webhooks" "all" {}

resource "realtimekit_webhook" "bell" {
  name   = "bell"
  url    = var.url
  events = ["meeting.started"]
}

output "id" {
  value = realtimekit_webhook.bell.id
}
"#;
    fs::write(module.join("main.tf"), resource).unwrap();
}

fn address(instance: Option<Instance>) -> String {
    let address = instance.unwrap().address.unwrap();
    format!("{}: {}", address.component, address.resource)
}

#[tokio::test]
async fn a_stack_defers_what_waits_for_its_provider_and_plans_the_rest() {
    requires!(STACKS);
    let (_api, terraform) = setup();
    let hash = install(&terraform);
    write_stack(&terraform);

    let mut rpc = RpcApi::start(&terraform).await;
    let (bundle, cache) = (
        terraform.path().join("bundle"),
        terraform.path().join(".terraform/providers"),
    );
    let events = rpc.plan(&bundle, &cache, hash).await;

    let diagnostics: Vec<_> = events
        .iter()
        .filter_map(|event| event.diagnostic.clone())
        .collect();
    assert_eq!(diagnostics, []);
    let changes = events.into_iter().filter_map(|event| event.planned);
    let descriptions: Vec<_> = changes.flat_map(|change| change.descriptions).collect();
    let planned = descriptions.iter().filter_map(|one| one.planned.clone());
    let planned: Vec<_> = planned.map(|instance| address(Some(instance))).collect();
    assert_eq!(planned, ["component.first: realtimekit_webhook.bell"]);
    let deferred = descriptions.into_iter().filter_map(|one| one.deferred);
    let mut deferred: Vec<_> = deferred
        .map(|one| (address(one.instance), one.deferred.unwrap().reason))
        .collect();
    deferred.sort();
    let expected = ["data.realtimekit_webhooks.all", "realtimekit_webhook.bell"].map(|resource| {
        (
            format!("component.second: {resource}"),
            PROVIDER_CONFIG_UNKNOWN,
        )
    });
    assert_eq!(deferred, expected);
}
