//! Actions: what they announce, what a plan says of them, and how an invocation is told of.

use std::time::Duration;

use realtimekit::proto::tfplugin6::{
    Diagnostic,
    invoke_action::{self, event::Type},
    plan_action,
    provider_server::Provider,
    validate_action_config,
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Status};

use crate::{
    fake_provider::Fault,
    terraform::{Terraform, assert_contains, call, only, told},
    wire::{UNKNOWN, dynamic},
};

const RING: &str = "house_ring";

const PATIENCE: Duration = Duration::from_secs(10);

fn tune(house: impl Into<Json>, tune: impl Into<Json>) -> Json {
    json!({ "house": house.into(), "tune": tune.into(), "bells": null })
}

async fn validate(terraform: &Terraform, config: &Json) -> Vec<String> {
    let request = validate_action_config::Request {
        type_name: RING.into(),
        config: dynamic(config),
    };
    told(&call!(terraform.server, validate_action_config, request).diagnostics)
}

async fn plan(terraform: &Terraform, config: &Json) -> Vec<String> {
    let request = plan_action::Request {
        action_type: RING.into(),
        config: dynamic(config),
        client_capabilities: Some(Default::default()),
    };
    let answer = call!(terraform.server, plan_action, request);
    assert_eq!(answer.deferred, None);
    told(&answer.diagnostics)
}

type Event = Result<invoke_action::Event, Status>;

async fn begin(
    terraform: &Terraform,
    action: &str,
    config: &Json,
) -> impl Stream<Item = Event> + Unpin + use<> {
    let request = invoke_action::Request {
        action_type: action.into(),
        config: dynamic(config),
        client_capabilities: None,
    };
    call!(terraform.server, invoke_action, request)
}

/// The messages of an invocation, and what it ends with: exactly one completed, and then nothing.
async fn end(events: impl Stream<Item = Event>) -> (Vec<String>, Vec<Diagnostic>) {
    let events = timeout(PATIENCE, events.collect::<Vec<_>>()).await.unwrap();
    let mut messages = Vec::new();
    let mut events = events.into_iter();
    for event in &mut events {
        match event.unwrap().r#type.expect("no event may be empty") {
            Type::Progress(progress) => messages.push(progress.message),
            Type::Completed(completed) => {
                assert_eq!(events.count(), 0, "nothing comes after the completed");
                return (messages, completed.diagnostics);
            }
        }
    }
    panic!("not completed, after {messages:?}")
}

async fn invoke(terraform: &Terraform, config: &Json) -> (Vec<String>, Vec<Diagnostic>) {
    end(begin(terraform, RING, config).await).await
}

/// An invocation that waits until it is hurried.
async fn begin_late() -> (Terraform, impl Stream<Item = Event> + Unpin) {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Late);
    let events = begin(&terraform, RING, &tune(Json::Null, "bim")).await;
    (terraform, events)
}

#[tokio::test]
async fn a_configuration_is_checked_by_its_schema_and_by_the_action() {
    let terraform = Terraform::start();
    let mut half = tune("Elm", "bim");
    half["bells"] = json!([{ "times": 3 }, { "times": null }, null]);
    let cases = [
        (tune("Elm", "bim bam"), vec![]),
        (tune(Json::Null, UNKNOWN), vec![]),
        (tune("Elm", ""), vec!["error at tune: Blank"]),
        (tune("Elm", "Elm"), vec!["error at tune: Ambiguous"]),
        (half, vec!["error at bells[2]: Null Value in a Collection"]),
    ];

    for (config, expected) in cases {
        assert_eq!(validate(&terraform, &config).await, expected);
    }
}

#[tokio::test]
async fn a_plan_checks_what_is_known_and_needs_no_client() {
    for (house, key) in [("Elm", "brass"), ("Elm", UNKNOWN), (UNKNOWN, "brass")] {
        let terraform = Terraform::with(house, key).await;

        assert_eq!(plan(&terraform, &tune(Json::Null, UNKNOWN)).await, [""; 0]);
        assert_eq!(plan(&terraform, &tune(UNKNOWN, "bim")).await, [""; 0]);
        let found = plan(&terraform, &tune(UNKNOWN, "")).await;
        assert_eq!(found, ["error at tune: Blank"]);
        assert_eq!(terraform.house.rooms().rings, 0);
    }
    let nowhere = Terraform::with(Json::Null, "brass").await;
    let found = plan(&nowhere, &tune(Json::Null, "bim")).await;
    assert_eq!(found, ["error at house: Missing house"]);
}

#[tokio::test]
async fn an_invocation_tells_its_progress_and_completes_once() {
    let terraform = Terraform::configured().await;
    let mut config = tune(Json::Null, "bim bam");
    config["bells"] = json!([{ "times": 3 }, { "times": null }]); // a default is 2

    let (messages, diagnostics) = invoke(&terraform, &config).await;

    let expected = [
        "Playing bim bam in Elm…",
        "Rang 3 times.",
        "Rang 2 times.",
        "Somebody is coming.",
    ];
    assert_eq!(messages, expected);
    assert_eq!(diagnostics, []);
    assert_eq!(terraform.house.rooms().rings, 1);
}

#[tokio::test]
async fn progress_is_told_as_it_happens() {
    let (terraform, mut events) = begin_late().await;

    let first = timeout(PATIENCE, events.next()).await.unwrap();

    let first = first.unwrap().unwrap().r#type;
    assert!(matches!(first, Some(Type::Progress(_))), "{first:?}");
    assert_eq!(terraform.house.rooms().rings, 0, "it still waits");
    terraform.house.hurry();
    assert_eq!(end(events).await.1, []);
}

#[tokio::test]
async fn a_failure_or_a_panic_completes_the_invocation_and_the_server_goes_on() {
    let terraform = Terraform::configured().await;
    let bim = tune(Json::Null, "bim");
    let bug = [
        "panicked while it handled InvokeAction: ",
        "the house is on fire",
    ];
    let cases = [
        (Fault::Refused, "error: Refused", ["The house"; 2]),
        (Fault::Panic, "error: Bug in the Provider", bug),
    ];
    for (fault, expected, detail) in cases {
        terraform.house.next(fault);

        let (messages, diagnostics) = invoke(&terraform, &bim).await;

        assert_eq!(messages, ["Playing bim in Elm…"]);
        assert_contains(only(&diagnostics, expected), &detail);
    }
    assert_eq!(invoke(&terraform, &bim).await.1, []);
}

#[tokio::test]
async fn what_cannot_be_invoked_is_completed_with_the_reason() {
    let known = || tune("Elm", "bim");
    let unconfigured = Terraform::start();
    let waiting = Terraform::with("Elm", UNKNOWN).await;
    let configured = Terraform::configured().await;
    let unreadable = "error: Unreadable Value from Terraform";
    let not_configured = "error: Provider Not Configured";
    let unsupported = "error: Unsupported action";
    let ambiguous = "error at tune: Ambiguous";
    let cases = [
        (&unconfigured, RING, known(), not_configured),
        (&waiting, RING, known(), "error at key: Unknown Key"),
        (&configured, "house_burn", known(), unsupported),
        (&configured, RING, Json::Null, unreadable),
        (&configured, RING, tune("Elm", ""), "error at tune: Blank"),
        (&configured, RING, tune("Elm", "Elm"), ambiguous),
    ];

    for (terraform, action, config, expected) in cases {
        let (messages, diagnostics) = end(begin(terraform, action, &config).await).await;

        only(&diagnostics, expected);
        assert_eq!(messages, [""; 0]);
        assert_eq!(terraform.house.rooms().rings, 0);
    }
}

#[tokio::test]
async fn an_interruption_ends_the_wait_of_an_invocation_and_completes_it() {
    let (terraform, events) = begin_late().await;

    let stop = Request::new(Default::default());
    terraform.server.stop_provider(stop).await.unwrap();

    assert_eq!(end(events).await.1, []);
}

#[tokio::test]
async fn an_invocation_goes_on_when_nobody_listens_any_more() {
    let (terraform, events) = begin_late().await;

    drop(events);
    terraform.house.hurry();

    let rung = async {
        while terraform.house.rooms().rings == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, rung).await.unwrap();
}
