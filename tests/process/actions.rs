//! The actions on webhooks, as Terraform 1.14 and newer plans and invokes them.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::{
    mock_api::{Fault, Matcher, MockApi, Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::tfplugin6::{
        Diagnostic,
        invoke_action::{self, event::Type},
        plan_action, read_resource, stop_provider,
    },
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;
use tonic::Streaming;

use crate::{
    support::{
        Core, PATIENCE,
        realtimekit::{configured, object, told, webhook},
    },
    wire::{UNKNOWN, dynamic, json},
};

const DISABLE: &str = "realtimekit_webhook_disable";
const ENABLE: &str = "realtimekit_webhook_enable";
const UNKNOWN_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// The configuration of either action; the provider says the account and the app.
fn target(id: &str) -> Json {
    let names = ["account_id", "app_id", "webhook_id"];
    object(&names, &[("webhook_id", id.into())])
}

fn start(quirks: Quirks) -> (MockApi, String) {
    let api = MockApi::builder().quirks(quirks).start().unwrap();
    let url = "https://hooks.example.com/secret-path";
    let events = ["meeting.started"];
    let webhook = api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "bell", url, &events);
    (api, webhook.id)
}

fn is_enabled(api: &MockApi) -> bool {
    api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID)[0].enabled
}

fn methods(api: &MockApi) -> Vec<Method> {
    api.calls().into_iter().map(|call| call.method).collect()
}

async fn plan(terraform: &mut Core, action: &str, config: &Json) -> Vec<Diagnostic> {
    let request = plan_action::Request {
        action_type: action.into(),
        config: dynamic(config),
        client_capabilities: None,
    };
    let answer = terraform.provider.plan_action(request).await.unwrap();
    let answer = answer.into_inner();
    assert_eq!(answer.deferred, None, "Terraform: Invalid deferral");
    answer.diagnostics
}

async fn begin(terraform: &mut Core, action: &str, id: &str) -> Streaming<invoke_action::Event> {
    let request = invoke_action::Request {
        action_type: action.into(),
        config: dynamic(&target(id)),
        client_capabilities: None,
    };
    let answer = terraform.provider.invoke_action(request).await;
    answer.unwrap().into_inner()
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

async fn invoke(terraform: &mut Core, action: &str, id: &str) -> (Vec<String>, Vec<Diagnostic>) {
    end(begin(terraform, action, id).await).await
}

#[tokio::test]
async fn deliveries_are_paused_and_resumed_by_one_look_and_one_change_each() {
    for quirks in [Quirks::documented(), Quirks::live()] {
        let (api, id) = start(quirks);
        let mut terraform = configured(&api, &[]).await;
        for (action, doing, enabled) in [(DISABLE, "Disabling", false), (ENABLE, "Enabling", true)]
        {
            api.clear_calls();

            let (messages, diagnostics) = invoke(&mut terraform, action, &id).await;

            assert_eq!(diagnostics, []);
            let expected =
                format!("{doing} deliveries of webhook {id} (\"bell\", to hooks.example.com)…");
            assert_eq!(messages, [expected]);
            assert_eq!(is_enabled(&api), enabled);
            assert_eq!(methods(&api), [Method::GET, Method::PATCH]);
            let body = json!({ "enabled": enabled });
            assert_eq!(api.calls()[1].body, Some(body), "and nothing else");
        }
    }
}

#[tokio::test]
async fn a_webhook_that_is_so_already_is_not_written() {
    let (api, id) = start(Quirks::live());
    let mut terraform = configured(&api, &[]).await;

    let (messages, diagnostics) = invoke(&mut terraform, ENABLE, &id).await;

    assert_eq!(diagnostics, []);
    assert!(
        messages[0].ends_with("are already enabled: nothing to do."),
        "{messages:?}"
    );
    assert_eq!(methods(&api), [Method::GET]);
}

#[tokio::test]
async fn a_resource_that_is_read_afterwards_shows_the_drift() {
    let (api, id) = start(Quirks::live());
    let mut terraform = configured(&api, &[]).await;
    let state = webhook(&[
        ("id", id.as_str().into()),
        ("account_id", SAMPLE_ACCOUNT_ID.into()),
        ("app_id", SAMPLE_APP_ID.into()),
        ("name", "bell".into()),
        ("url", "https://hooks.example.com/secret-path".into()),
        ("events", json!(["meeting.started"])),
        ("enabled", true.into()),
    ]);
    let read = async |terraform: &mut Core| {
        let request = read_resource::Request {
            type_name: "realtimekit_webhook".into(),
            current_state: dynamic(&state),
            ..Default::default()
        };
        let answer = terraform.provider.read_resource(request).await.unwrap();
        json(answer.into_inner().new_state.as_ref())["enabled"].clone()
    };
    // The second read is answered by a list, which a third would be content with.
    assert_eq!(read(&mut terraform).await, true);
    assert_eq!(read(&mut terraform).await, true);
    assert!(api.calls()[1].path.ends_with("/webhooks"));

    let (_, diagnostics) = invoke(&mut terraform, DISABLE, &id).await;

    assert_eq!(diagnostics, []);
    assert_eq!(read(&mut terraform).await, false);
}

#[tokio::test]
async fn a_webhook_that_does_not_exist_is_an_error_at_its_id() {
    let (api, _) = start(Quirks::live());
    let mut terraform = configured(&api, &[]).await;

    let (messages, diagnostics) = invoke(&mut terraform, DISABLE, UNKNOWN_ID).await;

    let at_id = "AttributeName(\"webhook_id\")".to_owned();
    assert_eq!(told(&diagnostics), [(at_id, "No Such Webhook")]);
    let detail = &diagnostics[0].detail;
    assert!(detail.contains("realtimekit_webhooks lists"), "{detail}");
    assert_eq!(messages, [""; 0]);
    assert_eq!(methods(&api), [Method::GET]);
}

#[tokio::test]
async fn a_change_that_may_have_been_made_is_told_of_as_such() {
    let (api, id) = start(Quirks::live());
    let mut terraform = configured(&api, &[("max_retries", 0.into())]).await;
    let patch = || Matcher::method(Method::PATCH);

    api.fail(patch(), 1, Fault::drop_connection());
    let (_, diagnostics) = invoke(&mut terraform, DISABLE, &id).await;

    assert_eq!(
        told(&diagnostics),
        [(String::new(), "Could Not Disable the Webhook")]
    );
    let detail = &diagnostics[0].detail;
    assert!(
        detail.contains("may have made the change nevertheless"),
        "{detail}"
    );
    assert!(detail.contains("safe to invoke it again"), "{detail}");

    api.fail(patch(), 1, Fault::drop_connection().after_storing());
    let (_, diagnostics) = invoke(&mut terraform, DISABLE, &id).await;

    assert_eq!(diagnostics, [], "it was read back, and is as wanted");
}

#[tokio::test]
async fn an_api_that_says_yes_and_does_nothing_is_found_out() {
    let (api, id) = start(Quirks::documented());
    let mut terraform = configured(&api, &[]).await;
    let yes = Fault::body(StatusCode::OK, r#"{"success":true,"data":{}}"#);
    api.fail(Matcher::method(Method::PATCH), 1, yes);

    let (_, diagnostics) = invoke(&mut terraform, DISABLE, &id).await;

    assert_eq!(
        told(&diagnostics),
        [(String::new(), "The API Did Not Do It")]
    );
    assert_eq!(methods(&api), [Method::GET, Method::PATCH, Method::GET]);
}

#[tokio::test]
async fn an_interrupt_ends_the_wait_for_the_rate_limit() {
    let (api, id) = start(Quirks::live());
    let mut terraform = configured(&api, &[]).await;
    let limit = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    let limit = limit.header("Retry-After", "300").unwrap();
    api.fail(Matcher::method(Method::PATCH), 1, limit);
    let mut events = begin(&mut terraform, DISABLE, &id).await;
    let first = timeout(PATIENCE, events.message()).await.unwrap();
    assert!(first.unwrap().is_some());
    while methods(&api).len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    let stop = stop_provider::Request::default();
    terraform.provider.stop_provider(stop).await.unwrap();
    let (_, diagnostics) = end(events).await;

    assert_eq!(
        told(&diagnostics),
        [(String::new(), "Could Not Disable the Webhook")]
    );
    assert!(
        diagnostics[0].detail.contains("interrupted"),
        "{diagnostics:?}"
    );
    assert!(is_enabled(&api));
}

#[tokio::test]
async fn a_change_under_way_is_made_when_terraform_listens_no_more() {
    let (api, id) = start(Quirks::live());
    let mut terraform = configured(&api, &[]).await;
    let slow = Fault::delay_before_storing(Duration::from_millis(200));
    api.fail(Matcher::method(Method::PATCH), 1, slow);
    let mut events = begin(&mut terraform, DISABLE, &id).await;
    let first = timeout(PATIENCE, events.message()).await.unwrap();
    assert!(first.unwrap().is_some());

    drop(events);

    let done = async {
        while is_enabled(&api) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, done).await.unwrap();
}

#[tokio::test]
async fn a_plan_checks_the_id_and_calls_nothing() {
    let (api, id) = start(Quirks::live());
    let mut terraform = configured(&api, &[]).await;

    for fine in [id.as_str(), UNKNOWN] {
        assert_eq!(plan(&mut terraform, DISABLE, &target(fine)).await, []);
    }
    let found = plan(&mut terraform, ENABLE, &target("all")).await;

    let at_id = "AttributeName(\"webhook_id\")".to_owned();
    assert_eq!(told(&found), [(at_id, "Unusual Webhook ID")]);
    assert_eq!(methods(&api), [Method::GET; 0]);
}
