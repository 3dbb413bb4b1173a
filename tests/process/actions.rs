//! The actions on webhooks, as Terraform 1.14 and newer plans and invokes them.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::{
    mock_api::{Fault, Matcher, MockApi, Quirks},
    proto::tfplugin6::{
        Diagnostic,
        invoke_action::{self, event::Type},
    },
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;
use tonic::Streaming;

use crate::support::{
    ACCOUNT, APP, Calls, Core, PATIENCE, call, configured, object, until,
    wire::{UNKNOWN, dynamic},
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
    async fn start(quirks: Quirks, block: &[(&str, Json)]) -> Self {
        let (terraform, calls, api) = configured(quirks, block).await;
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
        let change = Matcher::method(Method::PATCH);
        self.api.fail(change, 1, fault);
    }

    async fn events(&mut self, action: &str, id: &str) -> Streaming<invoke_action::Event> {
        let calls = &self.calls;
        call!(calls.invoke_action {
            action_type: action.into(),
            config: dynamic(&target(id)),
            client_capabilities: None,
        })
    }

    /// Starts to disable the webhook, and waits for the first message.
    async fn begin(&mut self) -> Streaming<invoke_action::Event> {
        let mut events = self.events(DISABLE, &self.id.clone()).await;
        let first = timeout(PATIENCE, events.message()).await.unwrap();
        assert!(first.unwrap().is_some());
        events
    }

    async fn invoke(&mut self, action: &str) -> (Vec<String>, Vec<Diagnostic>) {
        end(self.events(action, &self.id.clone()).await).await
    }
}

/// The configuration of either action; the provider says the account and the app.
fn target(id: &str) -> Json {
    object("account_id app_id webhook_id", &[("webhook_id", id.into())])
}

/// What Terraform makes of the events: it panics at an empty one, takes a status for a failure
/// of the plugin, and the end of the stream for a success.
async fn end(mut events: Streaming<invoke_action::Event>) -> (Vec<String>, Vec<Diagnostic>) {
    let (mut messages, mut completed) = (Vec::new(), Vec::new());
    while let Some(event) = timeout(PATIENCE, events.message()).await.unwrap().unwrap() {
        match event.r#type.expect("Terraform: unexpected event type") {
            Type::Progress(progress) => messages.push(progress.message),
            Type::Completed(end) => completed.push(end.diagnostics),
        }
    }
    assert_eq!(completed.len(), 1, "completed once: {completed:?}");
    (messages, completed.remove(0))
}

/// Fails unless this alone was said, about the ID or about no attribute, with these words.
#[track_caller]
fn expect_told(told: &[Diagnostic], about_id: bool, summary: &str, words: &str) {
    let [told] = told else { panic!("{told:?}") };
    assert_eq!(told.summary, summary);
    assert_eq!(told.attribute.is_some(), about_id);
    assert!(told.detail.contains(words), "{}", told.detail);
    assert!(!about_id || format!("{:?}", told.attribute).contains("webhook_id"));
}

#[tokio::test]
async fn deliveries_are_paused_and_resumed_by_one_read_and_one_change_each() {
    for quirks in [Quirks::documented(), Quirks::live()] {
        let mut actions = Actions::start(quirks, &[]).await;
        for (action, doing, enabled) in [(DISABLE, "Disabling", false), (ENABLE, "Enabling", true)]
        {
            actions.api.clear_calls();

            let (messages, diagnostics) = actions.invoke(action).await;

            let id = &actions.id;
            let webhook = format!("webhook {id} (\"bell\", to hooks.example.com)");
            assert_eq!(diagnostics, []);
            assert_eq!(messages, [format!("{doing} deliveries of {webhook}…")]);
            assert_eq!(actions.is_enabled(), enabled);
            assert_eq!(actions.methods(), [Method::GET, Method::PATCH]);
            let body = actions.api.calls()[1].body.clone();
            let expected = json!({ "enabled": enabled }); // and nothing else
            assert_eq!(body, Some(expected));
        }
        actions.api.clear_calls();
        let (messages, diagnostics) = actions.invoke(ENABLE).await;
        assert_eq!(diagnostics, []);
        assert!(messages[0].ends_with("are already enabled: nothing to do."));
        assert_eq!(actions.methods(), [Method::GET]);
    }
}

#[tokio::test]
async fn change_that_may_have_been_made_is_read_back_or_told_of_as_such() {
    let no_retries = [("max_retries", 0.into())];
    let mut actions = Actions::start(Quirks::documented(), &no_retries).await;

    actions.fail_change(Fault::drop_connection());
    let (_, lost) = actions.invoke(DISABLE).await;
    actions.fail_change(Fault::body(StatusCode::OK, r#"{"success":true,"data":{}}"#));
    let (_, undone) = actions.invoke(DISABLE).await;
    actions.fail_change(Fault::drop_connection().after_storing());
    let (_, made) = actions.invoke(DISABLE).await;

    let summary = "Could Not Disable the Webhook";
    let nevertheless = "may have made the change nevertheless";
    expect_told(&lost, false, summary, nevertheless);
    expect_told(&lost, false, summary, "safe to invoke it again");
    expect_told(&undone, false, "The API Did Not Do It", "");
    assert_eq!(made, [], "it was read back, and is as wanted");
}

#[tokio::test]
async fn interrupt_ends_the_wait_for_the_rate_limit() {
    let mut actions = Actions::start(Quirks::live(), &[]).await;
    let limit = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    actions.fail_change(limit.header("Retry-After", "300").unwrap());
    let events = actions.begin().await;
    until(|| actions.methods().len() == 2).await;

    let calls = &actions.calls;
    call!(calls.stop_provider {});
    let (_, told) = end(events).await;

    expect_told(&told, false, "Could Not Disable the Webhook", "interrupted");
    assert!(actions.is_enabled());
}

/// Nobody listens and no connection is left, for longer than the process stays without one.
#[tokio::test]
async fn process_without_a_client_ends_after_its_action() {
    let mut actions = Actions::start(Quirks::live(), &[]).await;
    actions.fail_change(Fault::delay_before_storing(Duration::from_secs(14)));
    let events = actions.begin().await;
    let mut idle = Core::start().await.disconnect();

    drop((events, actions.calls));
    let mut busy = actions.terraform.disconnect();
    idle.exit().await.expect_success();
    busy.exit().await.expect_success();

    let is_enabled = actions.api.webhooks(ACCOUNT, APP)[0].enabled;
    assert!(!is_enabled, "it ended before its action had");
}

#[tokio::test]
async fn id_is_checked_by_the_plan_without_a_request_and_looked_for_by_the_invocation() {
    let mut actions = Actions::start(Quirks::live(), &[]).await;
    for fine in [&actions.id, UNKNOWN] {
        let calls = &actions.calls;
        calls.plan_action(DISABLE, &target(fine)).await.plainly();
    }
    let unusual = target("all");
    let unusual = actions.calls.plan_action(ENABLE, &unusual).await;
    expect_told(&unusual.diagnostics, true, "Unusual Webhook ID", "");
    assert_eq!(actions.methods(), [Method::GET; 0]);

    let missing = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
    let (messages, told) = end(actions.events(DISABLE, missing).await).await;

    expect_told(&told, true, "No Such Webhook", "realtimekit_webhooks lists");
    assert_eq!(messages, [""; 0]);
    assert_eq!(actions.methods(), [Method::GET]);
}
