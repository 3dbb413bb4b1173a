//! Actions that pause and resume deliveries: triggered by another resource, and by hand.

use std::{fs, path::Path};

use http::Method;
use realtimekit::mock_api::MockApi;
use serde_json::{Value, json};

use crate::{support::*, terraform};

const MEETINGS: &str = "realtimekit_webhook.meetings";
const PAUSE: &str = "-invoke=action.realtimekit_webhook_disable.pause";

/// The example of an action, in a directory of its own.
fn example(api: &MockApi, action: &str) -> Terraform {
    let path = format!("examples/actions/{action}/action.tf");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let terraform = terraform(api);
    terraform.write(&text);
    terraform
}

fn apply(terraform: &Terraform, arguments: &[&str]) -> Ran {
    terraform.succeeds(&[&["apply", "-auto-approve"], arguments].concat())
}

/// What was switched on and off, in order.
fn switched(api: &MockApi) -> Vec<Value> {
    let calls = api.calls().into_iter();
    let patches = calls.filter(|call| call.method == Method::PATCH);
    patches.filter_map(|call| call.body).collect()
}

#[test]
fn deliveries_are_paused_while_another_resource_is_updated() {
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_disable");
    apply(&terraform, &[]);
    assert_eq!(switched(&api), [Value::Null; 0], "nothing was updated yet");

    let ran = apply(&terraform, &["-var=receiver_version=2"]);

    ran.says(&[
        "Disabling deliveries of webhook",
        "(\"Meeting log\", to hooks.example.com)…",
        "terraform_data.receiver: Modifications complete",
        "Enabling deliveries of webhook",
        "Actions: 2 invoked.",
    ]);
    assert_eq!(
        switched(&api),
        [json!({ "enabled": false }), json!({ "enabled": true })]
    );
    let plan = terraform.run(&["plan", "-detailed-exitcode", "-var=receiver_version=2"]);
    assert!(plan.succeeded, "no drift is left: {plan}");
}

#[test]
fn an_action_by_hand_is_drift_of_the_resource_that_manages_the_webhook() {
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_disable");
    apply(&terraform, &[]);

    apply(&terraform, &[PAUSE]).says(&["Disabling deliveries", "Actions: 1 invoked."]);
    assert!(!api.webhooks(ACCOUNT, APP)[0].enabled);
    apply(&terraform, &[PAUSE]).says(&["are disabled already: nothing to do."]);
    assert_eq!(switched(&api).len(), 1);

    terraform
        .succeeds(&["plan"])
        .says(&[MEETINGS, "enabled = false -> true"]);
    apply(&terraform, &[]);
    assert!(api.webhooks(ACCOUNT, APP)[0].enabled);
    terraform.expect_no_changes();
}

#[test]
fn a_webhook_made_disabled_is_enabled_once_there_is_a_receiver() {
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_enable");

    apply(&terraform, &[]).says(&["Enabling deliveries", "Actions: 1 invoked."]);

    assert!(api.webhooks(ACCOUNT, APP)[0].enabled);
    terraform.expect_no_changes();
}

#[test]
fn an_action_on_a_webhook_that_is_gone_fails_with_what_to_do() {
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_disable");
    apply(&terraform, &[]);
    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();
    api.clear_webhooks();

    let ran = terraform.fails(&["apply", "-auto-approve", "-refresh=false", PAUSE]);

    ran.says(&["No Such Webhook", "has no webhook", &id, "create it again"]);
}

#[test]
fn what_is_wrong_with_an_action_is_found_without_an_invocation() {
    let api = live();
    let mut terraform = terraform(&api);
    terraform.unset("REALTIMEKIT_APP_ID");
    let action = |id: &str| {
        format!(
            "action \"realtimekit_webhook_enable\" \"resume\" {{\n  config {{\n    webhook_id = \
             \"{id}\"\n  }}\n}}\n"
        )
    };

    terraform.write(&action("a/b"));
    terraform.fails(&["validate"]).says(&["Invalid Webhook ID"]);
    terraform.write(&action("0d1f069d-43bb-489a-ad8c-7eb95592ba8e"));
    let resume = "-invoke=action.realtimekit_webhook_enable.resume";
    terraform
        .fails(&["plan", resume])
        .says(&["Missing app_id", "REALTIMEKIT_APP_ID"]);

    assert!(api.calls().is_empty());
}
