//! Actions: what they announce, what a plan says of them, and how an invocation is told of.

use realtimekit::proto::tfplugin6::{
    Diagnostic,
    invoke_action::{Event, event::Type},
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;
use tokio_stream::StreamExt;
use tonic::Streaming;

use crate::{
    calls::{
        Calls, PATIENCE, call, only, outcome, told,
        wire::{UNKNOWN, dynamic},
    },
    fake_provider::{Fault, House},
    terraform::{assert_contains, configured, start, with},
};

const RING: &str = "house_ring";

fn tune(house: impl Into<Json>, tune: impl Into<Json>) -> Json {
    json!({ "house": house.into(), "tune": tune.into() })
}

async fn invoke(terraform: &Calls, config: &Json) -> (Vec<String>, Vec<Diagnostic>) {
    outcome(terraform.invoke(RING, config).await).await
}

/// An invocation that waits until it is hurried.
async fn begin_late() -> (Calls, House, Streaming<Event>) {
    let (terraform, house) = configured().await;
    house.next(Fault::Late);
    let events = terraform.invoke(RING, &tune(Json::Null, "bim")).await;
    (terraform, house, events)
}

#[tokio::test]
async fn configuration_is_checked_by_its_schema_and_by_the_action() {
    let (terraform, _) = start();
    let cases = [
        (tune("Elm", "bim bam"), ""),
        (tune(Json::Null, UNKNOWN), ""),
        (tune("Elm", ""), "error at tune: Blank"),
        (tune("Elm", "Elm"), "error at tune: Ambiguous"),
    ];
    for (config, expected) in cases {
        let found = call!(terraform.validate_action_config {
            type_name: RING.into(),
            config: dynamic(&config),
        });
        assert_eq!(told(&found.diagnostics).join(", "), expected);
    }
}

#[tokio::test]
async fn plan_checks_what_is_known_and_needs_no_client() {
    for (house, key) in [("Elm", "brass"), ("Elm", UNKNOWN), (UNKNOWN, "brass")] {
        let (terraform, house) = with(house, key).await;
        for config in [tune(Json::Null, UNKNOWN), tune(UNKNOWN, "bim")] {
            terraform.plan_action(RING, &config).await.plainly();
        }
        let blank = terraform.plan_action(RING, &tune(UNKNOWN, "")).await;
        only(&blank.diagnostics, "error at tune: Blank");
        assert_eq!(house.rooms().rings, 0);
    }
    let (nowhere, _) = with(Json::Null, "brass").await;
    let planned = nowhere.plan_action(RING, &tune(Json::Null, "bim")).await;
    only(&planned.diagnostics, "error at house: Missing house");
}

#[tokio::test]
async fn invocation_tells_its_progress_and_completes_once() {
    let (terraform, house) = configured().await;

    let (messages, diagnostics) = invoke(&terraform, &tune(Json::Null, "bim bam")).await;

    assert_eq!(messages, ["Playing bim bam in Elm…", "Somebody is coming."]);
    assert_eq!(diagnostics, []);
    assert_eq!(house.rooms().rings, 1);
}

#[tokio::test]
async fn progress_is_told_as_it_happens() {
    let (_terraform, house, mut events) = begin_late().await;

    let first = timeout(PATIENCE, events.next()).await.unwrap();

    let first = first.unwrap().unwrap().r#type;
    assert!(matches!(first, Some(Type::Progress(_))), "{first:?}");
    assert_eq!(house.rooms().rings, 0, "it still waits");
    house.hurry();
    assert_eq!(outcome(events).await.1, []);
}

#[tokio::test]
async fn failure_or_panic_completes_the_invocation_and_the_server_goes_on() {
    let (terraform, house) = configured().await;
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
        house.next(fault);

        let (messages, diagnostics) = invoke(&terraform, &bim).await;

        assert_eq!(messages, ["Playing bim in Elm…"]);
        assert_contains(only(&diagnostics, expected), &detail);
    }
    assert_eq!(invoke(&terraform, &bim).await.1, []);
}

#[tokio::test]
async fn what_cannot_be_invoked_is_completed_with_the_reason() {
    let known = || tune("Elm", "bim");
    let (unconfigured, waiting) = (start(), with("Elm", UNKNOWN).await);
    let configured = configured().await;
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
    for ((terraform, house), action, config, expected) in cases {
        let (messages, diagnostics) = outcome(terraform.invoke(action, &config).await).await;

        only(&diagnostics, expected);
        assert_eq!(messages, [""; 0]);
        assert_eq!(house.rooms().rings, 0);
    }
}

#[tokio::test]
async fn interruption_ends_the_wait_of_an_invocation_and_completes_it() {
    let (terraform, _, events) = begin_late().await;

    terraform.stop().await;

    assert_eq!(outcome(events).await.1, []);
}

#[tokio::test]
async fn invocation_goes_on_when_nobody_listens_any_more() {
    let (_terraform, house, events) = begin_late().await;

    drop(events);
    house.hurry();

    let rung = async {
        while house.rooms().rings == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, rung).await.unwrap();
}
