//! The actions on webhooks, as Terraform 1.14 and newer invokes them.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use crate::support::{
    ACCOUNT, APP, Calls, Core, PATIENCE,
    calls::{only, outcome},
    configured, object,
};

const DISABLE: &str = "realtimekit_webhook_disable";
const ENABLE: &str = "realtimekit_webhook_enable";

/// A provider that is configured for an API, and the configuration of either action: a webhook of
/// the API that is enabled.
async fn start(block: &[(&str, Json)]) -> (Core, Calls, MockApi, Json) {
    let (terraform, calls, api) = configured(Quirks::live(), block).await;
    let url = "https://hooks.example.com/secret-path";
    let webhook = api.add_webhook(ACCOUNT, APP, "bell", url, &["meeting.started"]);
    let target = object(
        "account_id app_id webhook_id",
        &[("webhook_id", webhook.id.into())],
    );
    (terraform, calls, api, target)
}

#[tokio::test]
async fn deliveries_are_paused_and_resumed_by_one_read_and_one_change_each() {
    let (_terraform, calls, api, target) = start(&[]).await;
    let id = target["webhook_id"].as_str().unwrap();
    let webhook = format!("webhook {id} (\"bell\", to hooks.example.com)");
    for (action, doing, enabled) in [(DISABLE, "Disabling", false), (ENABLE, "Enabling", true)] {
        api.clear_calls();

        let (messages, diagnostics) = outcome(calls.invoke(action, &target).await).await;

        assert_eq!(diagnostics, []);
        assert_eq!(messages, [format!("{doing} deliveries of {webhook}…")]);
        assert_eq!(api.webhooks(ACCOUNT, APP)[0].enabled, enabled);
        let requests: Vec<_> = api
            .calls()
            .into_iter()
            .map(|call| (call.method, call.body))
            .collect();
        let change = json!({ "enabled": enabled }); // and nothing else
        assert_eq!(
            requests,
            [(Method::GET, None), (Method::PATCH, Some(change))]
        );
    }
}

#[tokio::test]
async fn change_that_may_have_been_made_is_read_back_or_told_of_as_such() {
    let (_terraform, calls, api, target) = start(&[("max_retries", 0.into())]).await;
    let fail = async |fault| {
        api.fail(Matcher::method(Method::PATCH), 1, fault);
        outcome(calls.invoke(DISABLE, &target).await).await.1
    };

    let lost = fail(Fault::drop_connection()).await;
    let undone = fail(Fault::body(StatusCode::OK, r#"{"success":true,"data":{}}"#)).await;
    let made = fail(Fault::drop_connection().after_storing()).await;

    let lost = only(&lost, "error: Could Not Disable the Webhook");
    assert!(lost.contains("may have made the change nevertheless"));
    assert!(lost.contains("safe to invoke it again"));
    only(&undone, "error: The API Did Not Do It");
    assert_eq!(made, [], "it was read back, and is as wanted");
}

/// Nobody listens and no connection is left, for longer than the process stays without one.
#[tokio::test]
async fn process_without_a_client_ends_after_its_action() {
    let (terraform, calls, api, target) = start(&[]).await;
    let slow = Fault::delay_before_storing(Duration::from_secs(14));
    api.fail(Matcher::method(Method::PATCH), 1, slow);
    let mut events = calls.invoke(DISABLE, &target).await;
    let begun = timeout(PATIENCE, events.message()).await.unwrap();
    assert!(begun.unwrap().is_some());
    let mut idle = Core::start().await.disconnect();

    drop((events, calls));
    let mut busy = terraform.disconnect();
    idle.exit().await.expect_success();
    busy.exit().await.expect_success();

    let is_enabled = api.webhooks(ACCOUNT, APP)[0].enabled;
    assert!(!is_enabled, "it ended before its action had");
}
