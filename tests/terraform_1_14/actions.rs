//! Actions that pause and resume deliveries: triggered by another resource, and by hand.

use http::Method;
use serde_json::{Value, json};

use crate::{ACTIONS, DESTROY_ACTIONS, features::*, support::*};

/// The command that invokes the action of an example.
const PAUSE: &str = "apply -auto-approve -invoke=action.realtimekit_webhook_disable.pause";
const NOTHING: [Value; 0] = [];

/// The example of an action, applied.
fn example(action: &str) -> (Workspace, Ran) {
    let w = Workspace::new();
    let ran = w.apply(read(&format!("examples/actions/{action}/action.tf")));
    (w, ran)
}

/// The bodies of the PATCH requests, in order.
fn patches(w: &Workspace) -> Vec<Value> {
    let calls = w.api.calls().into_iter();
    let patches = calls.filter(|call| call.method == Method::PATCH);
    patches.filter_map(|call| call.body).collect()
}

#[test]
fn action_trigger_pauses_deliveries_during_an_update() {
    requires!(ACTIONS);
    let (w, _) = example("realtimekit_webhook_disable");
    assert_eq!(patches(&w), NOTHING, "nothing was updated yet");

    let ran = w.succeeds(&format!("{APPLY} -var=receiver_version=2"));

    ran.says(
        "Disabling deliveries of webhook | (\"Meeting log\", to hooks.example.com)… | Enabling \
         deliveries of webhook | terraform_data.receiver: Modifications complete | 2 invoked.",
    );
    let expected = [json!({ "enabled": false }), json!({ "enabled": true })];
    assert_eq!(patches(&w), expected);
    w.succeeds("plan -detailed-exitcode -var=receiver_version=2"); // no drift is left
}

#[test]
fn action_invoked_directly_is_drift_of_the_resource() {
    requires!(ACTIONS);
    let (w, _) = example("realtimekit_webhook_disable");

    let [first, second] = [PAUSE; 2].map(|pause| w.succeeds(pause));
    first.says("Disabling deliveries | Actions: 1 invoked.");
    second.says("are already disabled: nothing to do.");
    assert!(!w.webhook().enabled);
    assert_eq!(patches(&w).len(), 1);

    let planned = w.succeeds("plan");
    planned.says(&format!("{MEETINGS} | enabled = false -> true"));
    w.succeeds(APPLY);
    assert!(w.webhook().enabled);
    w.expect_no_changes();

    w.api.clear_webhooks();
    let told = "No Such Webhook | has no webhook | create it again";
    w.fails(&format!("{PAUSE} -refresh=false"), told);
}

#[test]
fn action_enables_a_disabled_webhook() {
    requires!(ACTIONS);
    let (w, ran) = example("realtimekit_webhook_enable");

    ran.says("Enabling deliveries | Actions: 1 invoked.");
    assert!(w.webhook().enabled);
}

#[test]
fn deliveries_are_paused_before_the_webhook_is_destroyed() {
    requires!(DESTROY_ACTIONS);
    let w = Workspace::new();
    w.apply(guide("receiving-deliveries/before_destroy.tf"));
    assert_eq!(patches(&w), NOTHING);

    let ran = w.succeeds("destroy -auto-approve");

    ran.says("Disabling deliveries | Destruction complete");
    assert_eq!(patches(&w), [json!({ "enabled": false })]);
    assert!(w.webhooks().is_empty());
}
