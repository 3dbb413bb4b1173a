//! The actions on webhooks, as Terraform 1.14 and newer plans and invokes them.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::{
    mock_api::{Fault, Matcher, MockApi, Quirks},
    proto::tfplugin6::{
        Diagnostic,
        invoke_action::{self, event::Type},
        stop_provider,
    },
};
use serde_json::{Value as Json, json};
use tokio::time::{sleep, timeout};
use tonic::Streaming;

use crate::support::{
    ACCOUNT, APP, Calls, Core, Instance, PATIENCE, TOLD_NOTHING, object, provider_block, webhook,
    wire::{UNKNOWN, dynamic},
};

const DISABLE: &str = "realtimekit_webhook_disable";
const ENABLE: &str = "realtimekit_webhook_enable";
const UNKNOWN_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// A provider, and an API with a webhook that is enabled.
struct Session {
    terraform: Core,
    calls: Calls,
    api: MockApi,
    id: String,
}

impl Session {
    async fn start(quirks: Quirks, block: &[(&str, Json)]) -> Self {
        let api = MockApi::builder().quirks(quirks).start().unwrap();
        let url = "https://hooks.example.com/secret-path";
        let webhook = api.add_webhook(ACCOUNT, APP, "bell", url, &["meeting.started"]);
        let terraform = Core::start().await;
        let mut calls = terraform.calls();
        calls
            .configure("1.15.5", &provider_block(&api, block))
            .await;
        Self {
            terraform,
            calls,
            api,
            id: webhook.id,
        }
    }

    async fn live() -> Self {
        Self::start(Quirks::live(), &[]).await
    }

    fn is_enabled(&self) -> bool {
        self.api.webhooks(ACCOUNT, APP)[0].enabled
    }

    fn methods(&self) -> Vec<Method> {
        self.api
            .calls()
            .into_iter()
            .map(|call| call.method)
            .collect()
    }

    fn fail_change(&self, fault: Fault) {
        self.api.fail(Matcher::method(Method::PATCH), 1, fault);
    }

    /// Starts an action, and waits for its first message.
    async fn begin(&mut self) -> Streaming<invoke_action::Event> {
        let mut events = self.events(DISABLE, &self.id.clone()).await;
        let first = timeout(PATIENCE, events.message()).await.unwrap();
        assert!(first.unwrap().is_some());
        events
    }

    async fn events(&mut self, action: &str, id: &str) -> Streaming<invoke_action::Event> {
        let request = invoke_action::Request {
            action_type: action.into(),
            config: dynamic(&target(id)),
            client_capabilities: None,
        };
        let answer = self.calls.provider.invoke_action(request).await;
        answer.unwrap().into_inner()
    }

    async fn invoke(&mut self, action: &str) -> (Vec<String>, Vec<Diagnostic>) {
        end(self.events(action, &self.id.clone()).await).await
    }
}

/// The configuration of either action; the provider says the account and the app.
fn target(id: &str) -> Json {
    let names = ["account_id", "app_id", "webhook_id"];
    object(&names, &[("webhook_id", id.into())])
}

/// What Terraform makes of the events: it panics at an empty one, takes a status for a failure
/// of the plugin, and the end of the stream for a success.
async fn end(mut events: Streaming<invoke_action::Event>) -> (Vec<String>, Vec<Diagnostic>) {
    let mut messages = Vec::new();
    let mut completed = Vec::new();
    while let Some(event) = timeout(PATIENCE, events.message()).await.unwrap().unwrap() {
        match event.r#type.expect("Terraform: unexpected event type") {
            Type::Progress(progress) => messages.push(progress.message),
            Type::Completed(end) => completed.push(end.diagnostics),
        }
    }
    assert_eq!(completed.len(), 1, "completed once: {completed:?}");
    (messages, completed.remove(0))
}

/// The attribute that each message is shown at, if any, and its summary.
fn told(diagnostics: &[Diagnostic]) -> Vec<(String, &str)> {
    let path = |diagnostic: &Diagnostic| {
        let steps = diagnostic.attribute.iter().flat_map(|path| &path.steps);
        let steps = steps.map(|step| format!("{:?}", step.selector.as_ref().unwrap()));
        steps.collect::<String>()
    };
    let told = diagnostics.iter();
    told.map(|it| (path(it), it.summary.as_str())).collect()
}

#[tokio::test]
async fn deliveries_are_paused_and_resumed_by_one_read_and_one_change_each() {
    for quirks in [Quirks::documented(), Quirks::live()] {
        let mut session = Session::start(quirks, &[]).await;
        for (action, doing, enabled) in [(DISABLE, "Disabling", false), (ENABLE, "Enabling", true)]
        {
            session.api.clear_calls();

            let (messages, diagnostics) = session.invoke(action).await;

            assert_eq!(diagnostics, []);
            let id = &session.id;
            let webhook = format!("webhook {id} (\"bell\", to hooks.example.com)");
            assert_eq!(messages, [format!("{doing} deliveries of {webhook}…")]);
            assert_eq!(session.is_enabled(), enabled);
            assert_eq!(session.methods(), [Method::GET, Method::PATCH]);
            let body = json!({ "enabled": enabled });
            assert_eq!(session.api.calls()[1].body, Some(body), "and nothing else");
        }
    }
}

#[tokio::test]
async fn webhook_that_is_so_already_is_not_written() {
    let mut session = Session::live().await;

    let (messages, diagnostics) = session.invoke(ENABLE).await;

    assert_eq!(diagnostics, []);
    let nothing = "are already enabled: nothing to do.";
    assert!(messages[0].ends_with(nothing), "{messages:?}");
    assert_eq!(session.methods(), [Method::GET]);
}

#[tokio::test]
async fn resource_that_is_read_afterwards_shows_the_drift() {
    let mut session = Session::live().await;
    let stored = Instance {
        state: webhook(&[
            ("id", session.id.as_str().into()),
            ("account_id", ACCOUNT.into()),
            ("app_id", APP.into()),
            ("name", "bell".into()),
            ("url", "https://hooks.example.com/secret-path".into()),
            ("events", json!(["meeting.started"])),
            ("enabled", true.into()),
        ]),
        ..Default::default()
    };
    // The second read is answered by a list, which a third would be content with.
    for _ in 0..2 {
        let read = session.calls.read(&stored).await.plainly();
        assert_eq!(read.state["enabled"], true);
    }
    assert!(session.api.calls()[1].path.ends_with("/webhooks"));

    let (_, diagnostics) = session.invoke(DISABLE).await;

    assert_eq!(diagnostics, []);
    let read = session.calls.read(&stored).await.plainly();
    assert_eq!(read.state["enabled"], false);
}

#[tokio::test]
async fn webhook_that_does_not_exist_is_an_error_at_its_id() {
    let mut session = Session::live().await;

    let (messages, diagnostics) = end(session.events(DISABLE, UNKNOWN_ID).await).await;

    let at_id = "AttributeName(\"webhook_id\")".to_owned();
    assert_eq!(told(&diagnostics), [(at_id, "No Such Webhook")]);
    let detail = &diagnostics[0].detail;
    assert!(detail.contains("realtimekit_webhooks lists"), "{detail}");
    assert_eq!(messages, [""; 0]);
    assert_eq!(session.methods(), [Method::GET]);
}

#[tokio::test]
async fn change_that_may_have_been_made_is_read_back_or_told_of_as_such() {
    let mut session = Session::start(Quirks::live(), &[("max_retries", 0.into())]).await;

    session.fail_change(Fault::drop_connection());
    let (_, lost) = session.invoke(DISABLE).await;
    session.fail_change(Fault::drop_connection().after_storing());
    let (_, made) = session.invoke(DISABLE).await;

    assert_eq!(
        told(&lost),
        [(String::new(), "Could Not Disable the Webhook")]
    );
    for part in [
        "may have made the change nevertheless",
        "safe to invoke it again",
    ] {
        assert!(lost[0].detail.contains(part), "{}", lost[0].detail);
    }
    assert_eq!(made, [], "it was read back, and is as wanted");
}

#[tokio::test]
async fn api_that_says_yes_and_does_nothing_is_found_out() {
    let mut session = Session::start(Quirks::documented(), &[]).await;
    session.fail_change(Fault::body(StatusCode::OK, r#"{"success":true,"data":{}}"#));

    let (_, diagnostics) = session.invoke(DISABLE).await;

    assert_eq!(
        told(&diagnostics),
        [(String::new(), "The API Did Not Do It")]
    );
    assert_eq!(session.methods(), [Method::GET, Method::PATCH, Method::GET]);
}

#[tokio::test]
async fn interrupt_ends_the_wait_for_the_rate_limit() {
    let mut session = Session::live().await;
    let limit = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    session.fail_change(limit.header("Retry-After", "300").unwrap());
    let events = session.begin().await;
    while session.methods().len() < 2 {
        sleep(Duration::from_millis(5)).await;
    }

    let stop = stop_provider::Request::default();
    session.calls.provider.stop_provider(stop).await.unwrap();
    let (_, diagnostics) = end(events).await;

    assert_eq!(
        told(&diagnostics),
        [(String::new(), "Could Not Disable the Webhook")]
    );
    assert!(
        diagnostics[0].detail.contains("interrupted"),
        "{diagnostics:?}"
    );
    assert!(session.is_enabled());
}

/// Nobody listens and no connection is left, for longer than the process stays without one.
#[tokio::test]
async fn process_without_a_client_ends_after_its_action() {
    let mut session = Session::live().await;
    session.fail_change(Fault::delay_before_storing(Duration::from_secs(14)));
    let events = session.begin().await;
    let idle = Core::start().await;

    drop((session.calls, events));
    let (mut busy, mut idle) = (session.terraform.disconnect(), idle.disconnect());
    let idle_exit = idle.exit().await;
    let busy_exit = busy.exit().await;

    assert!(idle_exit.status.success() && busy_exit.status.success());
    let changed = !session.api.webhooks(ACCOUNT, APP)[0].enabled;
    assert!(changed, "it ended before its action had");
}

#[tokio::test]
async fn plan_checks_the_id_and_calls_nothing() {
    let mut session = Session::live().await;

    for fine in [&session.id, UNKNOWN] {
        let planned = session.calls.plan_action(DISABLE, &target(fine)).await;
        assert_eq!(planned.summaries(), TOLD_NOTHING);
    }
    let found = session.calls.plan_action(ENABLE, &target("all")).await;

    let at_id = "AttributeName(\"webhook_id\")".to_owned();
    assert_eq!(told(&found.diagnostics), [(at_id, "Unusual Webhook ID")]);
    assert_eq!(session.methods(), [Method::GET; 0]);
}
