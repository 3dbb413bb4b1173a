//! Stacks: the one way in which a released Terraform takes a deferral in a plan.

use std::fs;

use crate::STACKS;
use crate::{
    features::*,
    rpcapi::{DeferredInstance, Instance, RpcApi},
    support::*,
};

/// `Deferred.Reason` of the stacks API, which is not that of the plugin protocol.
const PROVIDER_CONFIG_UNKNOWN: i32 = 3;

/// Installs the built provider as `terraform init` does, and says its checksum.
fn install(w: &Workspace) -> String {
    w.install();
    w.write("");
    w.succeeds("init");
    w.put("none.tfrc", "");
    let lock = w.get(".terraform.lock.hcl");
    let hash = lock.split('"').find(|text| text.starts_with("h1:"));
    hash.expect("a checksum").to_owned()
}

/// A stack whose second provider block depends on what the first one makes.
const STACK: &str = r#"
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

const COMPONENT: &str = r#"
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

const SOURCES: &str = r#"{"terraform_source_bundle": 1, "packages": [
    {"source": "git::https://example.com/stack.git", "local": "stack", "meta": {}}]}"#;

fn address(instance: Option<Instance>) -> String {
    let address = instance.unwrap().address.unwrap();
    format!("{}: {}", address.component, address.resource)
}

#[tokio::test]
async fn a_stack_defers_what_waits_for_its_provider_and_plans_the_rest() {
    requires!(STACKS);
    let w = Workspace::new();
    let hash = install(&w);
    let bundle = w.path().join("bundle");
    fs::create_dir_all(bundle.join("stack/webhook")).unwrap();
    w.put("bundle/terraform-sources.json", SOURCES);
    w.put("bundle/stack/main.tfcomponent.hcl", STACK);
    w.put("bundle/stack/webhook/main.tf", COMPONENT);

    let cache = w.path().join(".terraform/providers");
    let events = RpcApi::start(&w).await.plan(&bundle, &cache, hash).await;

    let (mut planned, mut deferred) = (Vec::new(), Vec::new());
    for event in events {
        assert_eq!(event.diagnostic, None);
        for change in event.planned.into_iter().flat_map(|it| it.descriptions) {
            planned.extend(change.planned.map(|instance| address(Some(instance))));
            let reason =
                |one: DeferredInstance| (address(one.instance), one.deferred.unwrap().reason);
            deferred.extend(change.deferred.map(reason));
        }
    }
    assert_eq!(planned, ["component.first: realtimekit_webhook.bell"]);
    deferred.sort();
    let expected = ["data.realtimekit_webhooks.all", "realtimekit_webhook.bell"];
    let expected = expected.map(|resource| format!("component.second: {resource}"));
    assert_eq!(
        deferred,
        expected.map(|address| (address, PROVIDER_CONFIG_UNKNOWN))
    );
}
