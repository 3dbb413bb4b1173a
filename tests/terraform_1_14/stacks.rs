//! Stacks: the one way in which a released Terraform takes a deferral in a plan.

use std::{fs, time::Duration};

use serde_json::json;
use tokio::time::timeout;

use crate::{
    STACKS,
    features::*,
    rpcapi::{Instance, plan_stack},
    support::*,
};

/// `Deferred.Reason` of the stacks API, which is not that of the plugin protocol.
const PROVIDER_CONFIG_UNKNOWN: i32 = 3;

/// Where the stack is said to come from; the bundle says where it is.
const SOURCE: &str = "git::https://example.com/stack.git";

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

/// Installs the built provider as `terraform init` does, and writes the bundle.
fn prepare(w: &Workspace) {
    w.install();
    let variable = block("variable url", "type = string");
    let data = block("data realtimekit_webhooks all", "");
    let output = block("output id", &format!("value = {BELL}.id"));
    w.write(variable + &data + &bell("url = var.url") + &output);
    w.succeeds("init");
    fs::create_dir_all(w.path().join("stack/webhook")).unwrap();
    let package = json!({ "source": SOURCE, "local": "stack", "meta": {} });
    let bundle = json!({ "terraform_source_bundle": 1, "packages": [package] });
    w.put("terraform-sources.json", &bundle.to_string());
    w.put("stack/main.tfcomponent.hcl", STACK);
    w.put("stack/webhook/main.tf", &w.get("main.tf"));
    w.put("stack/.terraform.lock.hcl", &w.get(".terraform.lock.hcl"));
}

fn address(instance: Option<Instance>) -> String {
    let address = instance.unwrap().address.unwrap();
    format!("{}: {}", address.component, address.resource)
}

#[tokio::test]
async fn a_stack_defers_what_waits_for_its_provider_and_plans_the_rest() {
    requires!(STACKS);
    let w = Workspace::new();
    prepare(&w);

    let plan = timeout(Duration::from_secs(60), plan_stack(&w, SOURCE));
    let events = plan.await.unwrap();

    let (mut planned, mut deferred) = (Vec::new(), Vec::new());
    for event in events {
        assert_eq!(event.diagnostic, None);
        for change in event.planned.into_iter().flat_map(|it| it.descriptions) {
            planned.extend(change.planned.map(|instance| address(Some(instance))));
            let deferral = change.deferred.map(|it| (address(it.instance), it.reason));
            deferred.extend(deferral);
        }
    }
    assert_eq!(planned, ["component.first: realtimekit_webhook.bell"]);
    deferred.sort();
    let expected = ["data.realtimekit_webhooks.all", "realtimekit_webhook.bell"];
    let expected = expected.map(|resource| format!("component.second: {resource}"));
    let expected = expected.map(|address| (address, Some(PROVIDER_CONFIG_UNKNOWN)));
    assert_eq!(deferred, expected);
}
