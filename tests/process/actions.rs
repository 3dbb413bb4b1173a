//! The actions on webhooks, as Terraform 1.14 and newer plans and invokes them.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::{
    mock_api::{Fault, Matcher, MockApi, Quirks},
    proto::tfplugin6::{Diagnostic, invoke_action::Event},
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;
use tonic::Streaming;

use crate::support::{
    ACCOUNT, APP, Calls, Core, PATIENCE,
    calls::{only, outcome},
    configured, object,
    wire::UNKNOWN,
};

const DISABLE: &str = "realtimekit_webhook_disable";
const ENABLE: &str = "realtimekit_webhook_enable";

/// A provider, and an API with a webhook that is enabled.
struct Actions {
    terraform: Core,
    calls: Calls,
    api: MockApi,
    id: String,
}

impl Actions {
    async fn start(block: &[(&str, Json)]) -> Self {
        let (terraform, calls, api) = configured(Quirks::live(), block).await;
        let url = "https://hooks.example.com/secret-path";
        let webhook = api.add_webhook(ACCOUNT, APP, "bell", url, &["meeting.started"]);
        Self {
            terraform,
            calls,
            api,
            id: webhook.id,
        }
    }

    fn is_enabled(&self) -> bool {
        self.api.webhooks(ACCOUNT, APP)[0].enabled
    }

    fn methods(&self) -> Vec<Method> {
        let calls = self.api.calls().into_iter();
        calls.map(|call| call.method).collect()
    }

    fn fail_change(&self, fault: Fault) {
        self.api.fail(Matcher::method(Method::PATCH), 1, fault);
    }

    async fn events(&self, action: &str) -> Streaming<Event> {
        self.calls.invoke(action, &target(&self.id)).await
    }

    async fn invoke(&self, action: &str) -> (Vec<String>, Vec<Diagnostic>) {
        outcome(self.events(action).await).await
    }
}

/// The configuration of either action; the provider says the account and the app.
fn target(id: &str) -> Json {
    object("account_id app_id webhook_id", &[("webhook_id", id.into())])
}

#[tokio::test]
async fn deliveries_are_paused_and_resumed_by_one_read_and_one_change_each() {
    let actions = Actions::start(&[]).await;
    let webhook = format!("webhook {} (\"bell\", to hooks.example.com)", actions.id);
    for (action, doing, enabled) in [(DISABLE, "Disabling", false), (ENABLE, "Enabling", true)] {
        actions.api.clear_calls();

        let (messages, diagnostics) = actions.invoke(action).await;

        assert_eq!(diagnostics, []);
        assert_eq!(messages, [format!("{doing} deliveries of {webhook}…")]);
        assert_eq!(actions.is_enabled(), enabled);
        assert_eq!(actions.methods(), [Method::GET, Method::PATCH]);
        let body = actions.api.calls()[1].body.clone();
        assert_eq!(body, Some(json!({ "enabled": enabled }))); // and nothing else
    }
}

#[tokio::test]
async fn change_that_may_have_been_made_is_read_back_or_told_of_as_such() {
    let actions = Actions::start(&[("max_retries", 0.into())]).await;

    actions.fail_change(Fault::drop_connection());
    let (_, lost) = actions.invoke(DISABLE).await;
    actions.fail_change(Fault::body(StatusCode::OK, r#"{"success":true,"data":{}}"#));
    let (_, undone) = actions.invoke(DISABLE).await;
    actions.fail_change(Fault::drop_connection().after_storing());
    let (_, made) = actions.invoke(DISABLE).await;

    let lost = only(&lost, "error: Could Not Disable the Webhook");
    assert!(lost.contains("may have made the change nevertheless"));
    assert!(lost.contains("safe to invoke it again"));
    only(&undone, "error: The API Did Not Do It");
    assert_eq!(made, [], "it was read back, and is as wanted");
}

/// Nobody listens and no connection is left, for longer than the process stays without one.
#[tokio::test]
async fn process_without_a_client_ends_after_its_action() {
    let actions = Actions::start(&[]).await;
    actions.fail_change(Fault::delay_before_storing(Duration::from_secs(14)));
    let mut events = actions.events(DISABLE).await;
    let begun = timeout(PATIENCE, events.message()).await.unwrap();
    assert!(begun.unwrap().is_some());
    let mut idle = Core::start().await.disconnect();

    drop((events, actions.calls));
    let mut busy = actions.terraform.disconnect();
    idle.exit().await.expect_success();
    busy.exit().await.expect_success();

    let is_enabled = actions.api.webhooks(ACCOUNT, APP)[0].enabled;
    assert!(!is_enabled, "it ended before its action had");
}

#[tokio::test]
async fn id_is_checked_by_the_plan_without_a_request() {
    let actions = Actions::start(&[]).await;
    let plan = async |id: &str| actions.calls.plan_action(ENABLE, &target(id)).await;

    let (existing, unknown) = (plan(&actions.id).await, plan(UNKNOWN).await);
    let unusual = plan("all").await.diagnostics;

    assert_eq!((existing.plainly(), unknown.plainly()), Default::default());
    only(&unusual, "warning at webhook_id: Unusual Webhook ID");
    assert!(actions.api.calls().is_empty());
}
