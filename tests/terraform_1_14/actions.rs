//! Actions that pause and resume deliveries: triggered by another resource, and by hand.

use std::{fs, path::Path};

use http::Method;
use realtimekit::mock_api::MockApi;
use serde_json::{Value, json};

use crate::{ACTIONS, DESTROY_ACTIONS, features::*, shown::read, support::*};

const MEETINGS: &str = "realtimekit_webhook.meetings";
const PAUSE: &str = "-invoke=action.realtimekit_webhook_disable.pause";

/// The example of an action, in a directory of its own.
fn example(api: &MockApi, action: &str) -> Terraform {
    let path = format!("examples/actions/{action}/action.tf");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let terraform = Terraform::new(api);
    terraform.write(&text);
    terraform
}

fn apply(terraform: &Terraform, arguments: &[&str]) -> Ran {
    terraform.succeeds(&[&["apply", "-auto-approve"], arguments].concat())
}

/// The bodies of the PATCH requests, in order.
fn patches(api: &MockApi) -> Vec<Value> {
    let calls = api.calls().into_iter();
    let patches = calls.filter(|call| call.method == Method::PATCH);
    patches.filter_map(|call| call.body).collect()
}

#[test]
fn action_trigger_pauses_deliveries_during_an_update() {
    requires!(ACTIONS);
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_disable");
    apply(&terraform, &[]);
    assert_eq!(patches(&api), [Value::Null; 0], "nothing was updated yet");

    let ran = apply(&terraform, &["-var=receiver_version=2"]);

    ran.says(&[
        "Disabling deliveries of webhook",
        "(\"Meeting log\", to hooks.example.com)…",
        "Enabling deliveries of webhook",
        "Actions: 2 invoked.",
    ]);
    ran.says(&["terraform_data.receiver: Modifications complete"]);
    assert_eq!(
        patches(&api),
        [json!({ "enabled": false }), json!({ "enabled": true })]
    );
    let plan = terraform.run(&["plan", "-detailed-exitcode", "-var=receiver_version=2"]);
    assert!(plan.succeeded, "no drift is left: {plan}");
}

#[test]
fn action_invoked_directly_is_drift_of_the_resource() {
    requires!(ACTIONS);
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_disable");
    apply(&terraform, &[]);

    apply(&terraform, &[PAUSE]).says(&["Disabling deliveries", "Actions: 1 invoked."]);
    assert!(!api.webhooks(ACCOUNT, APP)[0].enabled);
    apply(&terraform, &[PAUSE]).says(&["are already disabled: nothing to do."]);
    assert_eq!(patches(&api).len(), 1);

    terraform
        .succeeds(&["plan"])
        .says(&[MEETINGS, "enabled = false -> true"]);
    apply(&terraform, &[]);
    assert!(api.webhooks(ACCOUNT, APP)[0].enabled);
    terraform.expect_no_changes();
}

#[test]
fn action_enables_a_disabled_webhook() {
    requires!(ACTIONS);
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_enable");

    apply(&terraform, &[]).says(&["Enabling deliveries", "Actions: 1 invoked."]);

    assert!(api.webhooks(ACCOUNT, APP)[0].enabled);
    terraform.expect_no_changes();
}

#[test]
fn deliveries_are_paused_before_the_webhook_is_destroyed() {
    requires!(DESTROY_ACTIONS);
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.write(&read("receiving-deliveries/before_destroy.tf"));
    apply(&terraform, &[]);
    assert_eq!(patches(&api), [Value::Null; 0]);

    let ran = terraform.succeeds(&["destroy", "-auto-approve"]);

    ran.says(&["Disabling deliveries", "Destruction complete"]);
    assert_eq!(patches(&api), [json!({ "enabled": false })]);
    assert!(api.webhooks(ACCOUNT, APP).is_empty());
}

#[test]
fn action_on_a_missing_webhook_is_an_error() {
    requires!(ACTIONS);
    let api = live();
    let terraform = example(&api, "realtimekit_webhook_disable");
    apply(&terraform, &[]);
    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();
    api.clear_webhooks();

    let ran = terraform.fails(&["apply", "-auto-approve", "-refresh=false", PAUSE]);

    ran.says(&["No Such Webhook", "has no webhook", &id, "create it again"]);
}

#[test]
fn action_mistake_is_an_error_before_the_invocation() {
    requires!(ACTIONS);
    let (api, mut terraform) = setup();
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
