//! List resources: validation, and the events of a listing.

use futures_util::StreamExt;
use realtimekit::proto::tfplugin6::{
    list_resource::{Event, Request},
    validate_list_resource_config,
};
use serde_json::{Value as Json, json};

use crate::{
    fake_provider::Fault,
    terraform::{DOOR, Terraform, assert_contains, call, change, door, identity, only, told},
    wire::{UNKNOWN, dynamic},
};

/// The doors of the provider's house, as Terraform asks for them.
fn doors(house: impl Into<Json>, open: impl Into<Json>) -> Request {
    Request {
        type_name: DOOR.into(),
        config: dynamic(&json!({ "house": house.into(), "open": open.into() })),
        include_resource_object: false,
        limit: 100,
    }
}

fn all_doors() -> Request {
    doors(Json::Null, Json::Null)
}

async fn list(terraform: &Terraform, request: Request) -> Vec<Event> {
    let events = call!(terraform.server, list_resource, request);
    let events = events.map(|event| event.expect("an event, not a status"));
    events.collect().await
}

/// A house with these doors; the first is `door-1`.
async fn with_doors(names: &[&str]) -> Terraform {
    let terraform = Terraform::configured().await;
    for &name in names {
        let new = door(&[
            ("id", UNKNOWN.into()),
            ("coats", UNKNOWN.into()),
            ("name", name.into()),
            ("open", (name != "closed").into()),
        ]);
        let created = terraform.apply(change(Json::Null, new)).await;
        assert_eq!(created.diagnostics, []);
    }
    terraform
}

fn event(id: &str, display_name: &str) -> Event {
    Event {
        identity: identity(id),
        display_name: display_name.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn every_door_is_an_event_with_its_identity_and_name() {
    let terraform = with_doors(&["front", "closed"]).await;
    let (front, closed) = (
        event("door-1", "the front door"),
        event("door-2", "the closed door"),
    );

    assert_eq!(list(&terraform, all_doors()).await, [front, closed.clone()]);
    // Terraform takes a warning in an event for a reason to pass over what it cannot read, so that
    // of the configuration is in none.
    assert_eq!(list(&terraform, doors(Json::Null, false)).await, [closed]);
    assert_eq!(list(&terraform, doors("Oak", Json::Null)).await, []);
    // The whole door is in an event if it was asked for.
    let mut whole = all_doors();
    whole.include_resource_object = true;
    let events = list(&terraform, whole).await;
    assert_eq!(events[0].resource_object, dynamic(&door(&[])));
}

#[tokio::test]
async fn no_more_doors_are_looked_at_than_there_is_a_limit_for() {
    let terraform = with_doors(&["front", "back", "side"]).await;
    let at_most = |limit| Request {
        limit,
        ..all_doors()
    };

    assert_eq!(list(&terraform, at_most(2)).await.len(), 2);
    assert_eq!(terraform.house.rooms().looks, 2);
    // Zero is none, as Terraform means it, and it never sends less.
    for none in [0, -1, i64::MIN] {
        assert_eq!(list(&terraform, at_most(none)).await, []);
    }
    assert_eq!(terraform.house.rooms().looks, 2);
    assert_eq!(list(&terraform, at_most(i64::MAX)).await.len(), 3);
}

#[tokio::test]
async fn events_are_made_one_by_one_and_whoever_hangs_up_gets_no_more() {
    let terraform = with_doors(&["front", "back", "side"]).await;

    let mut events = call!(terraform.server, list_resource, all_doors());
    let looks_before = terraform.house.rooms().looks;
    let first = events.next().await.unwrap().unwrap();
    drop(events);

    assert_eq!(looks_before, 0);
    assert_eq!(first, event("door-1", "the front door"));
    assert_eq!(terraform.house.rooms().looks, 1);
    assert_eq!(list(&terraform, all_doors()).await.len(), 3);
}

/// At its start or on the way; a panic names the call.
#[tokio::test]
async fn a_listing_that_fails_ends_with_an_event_that_says_why() {
    let panicked = [
        "panicked while it handled ListResource",
        "the house is on fire",
    ];
    let (refused, bug) = ("error: Refused", "error: Bug in the Provider");
    let cases = [
        (Fault::Refused, "side", refused, [""; 2]),
        (Fault::Panic, "side", bug, panicked),
        (Fault::None, "rotten", refused, [""; 2]),
        (Fault::None, "burning", bug, panicked),
    ];
    for (fault, name, expected, detail) in cases {
        let terraform = with_doors(&["front", name, "back"]).await;
        terraform.house.next(fault);

        let mut events = list(&terraform, all_doors()).await;

        let last = events.pop().unwrap();
        assert_contains(only(&last.diagnostic, expected), &detail);
        assert_eq!(last.identity, None);
        let before = usize::from(fault == Fault::None);
        assert_eq!(events, vec![event("door-1", "the front door"); before]);
    }
}

#[tokio::test]
async fn a_listing_that_cannot_begin_says_why() {
    let nowhere = Terraform::with(Json::Null, "brass").await;
    let keyless = Terraform::with("Elm", UNKNOWN).await;
    let configured = Terraform::configured().await;
    let window = Request {
        type_name: "house_window".into(),
        ..all_doors()
    };
    let null = Request {
        config: dynamic(&Json::Null),
        ..all_doors()
    };
    let unknown = "error at open: Provider Configuration Not Known Yet";
    let unreadable = "error: Unreadable Value from Terraform";
    let cases = [
        (&configured, window, "error: Unsupported list resource"),
        (&configured, null, unreadable),
        (&configured, doors(1, Json::Null), unreadable),
        (&configured, doors(Json::Null, UNKNOWN), unknown),
        (
            &Terraform::start(),
            all_doors(),
            "error: Provider Not Configured",
        ),
        (&nowhere, all_doors(), "error at house: Missing house"),
        (&keyless, all_doors(), "error at key: Unknown Key"),
    ];
    for (terraform, request, expected) in cases {
        let [event] = list(terraform, request).await.try_into().unwrap();
        only(&event.diagnostic, expected);
    }
}

#[tokio::test]
async fn a_configuration_is_checked_without_a_configured_provider() {
    let config = |house: Json, open: Json| json!({ "house": house, "open": open });
    let unreadable = vec!["error: Unreadable Value from Terraform"];
    let cases = [
        (config(Json::Null, Json::Null), vec![]),
        (config(UNKNOWN.into(), UNKNOWN.into()), vec![]),
        (config("".into(), Json::Null), vec!["error at house: Blank"]),
        (
            config(Json::Null, false.into()),
            vec!["warning at open: Doubtful"],
        ),
        (
            config("tent".into(), true.into()),
            vec!["error at open: No Such Door"],
        ),
        (
            config("fire".into(), Json::Null),
            vec!["error: Bug in the Provider"],
        ),
        (Json::Null, unreadable),
    ];
    for (config, expected) in cases {
        let request = validate_list_resource_config::Request {
            type_name: DOOR.into(),
            config: dynamic(&config),
            ..Default::default()
        };
        let server = Terraform::start().server;
        let found = call!(server, validate_list_resource_config, request);
        assert_eq!(told(&found.diagnostics), expected, "{config}");
    }
}
