//! List resources: validation, and the events of a listing.

use futures_util::StreamExt;
use realtimekit::proto::tfplugin6::list_resource::Event;
use serde_json::{Value as Json, json};
use tonic::Streaming;

use crate::{
    calls::{
        Answer, Calls, call, only, sent, told,
        wire::{UNKNOWN, dynamic},
    },
    fake_provider::{Fault, House},
    terraform::{
        DOOR, apply, assert_contains, configured, door, identity, new_door_with, start, with,
    },
};

/// A query for the doors of a house.
fn doors(house: impl Into<Json>, open: impl Into<Json>) -> Json {
    json!({ "house": house.into(), "open": open.into() })
}

fn all_doors() -> Json {
    doors(Json::Null, Json::Null)
}

async fn begin(terraform: &Calls, config: &Json, limit: i64) -> Streaming<Event> {
    call!(terraform.list_resource {
        type_name: terraform.resource_type.into(),
        config: dynamic(config),
        limit,
    })
}

async fn collect(events: Streaming<Event>) -> Vec<Event> {
    let events = events.map(|event| event.expect("an event, not a status"));
    events.collect().await
}

async fn list(terraform: &Calls, config: &Json) -> Vec<Event> {
    collect(begin(terraform, config, 100).await).await
}

/// A house with these doors; the first is `door-1`.
async fn with_doors(names: &[&str]) -> (Calls, House) {
    let (terraform, house) = configured().await;
    for &name in names {
        let open = (name != "closed").into();
        let new = new_door_with(&[("name", name.into()), ("open", open)]);
        let created = apply(&terraform, &Answer::default(), &new).await;
        created.plainly();
    }
    (terraform, house)
}

fn event(id: &str, name: &str) -> Event {
    Event {
        identity: sent(&identity(id)),
        display_name: format!("the {name} door"),
        ..Default::default()
    }
}

#[tokio::test]
async fn every_door_is_an_event_with_its_identity_and_name() {
    let (terraform, _) = with_doors(&["front", "closed"]).await;
    let (front, closed) = (event("door-1", "front"), event("door-2", "closed"));

    assert_eq!(
        list(&terraform, &all_doors()).await,
        [front, closed.clone()]
    );
    // Terraform takes a warning in an event for a reason to pass over what it cannot read, so that
    // of the configuration is in none.
    assert_eq!(list(&terraform, &doors(Json::Null, false)).await, [closed]);
    assert_eq!(list(&terraform, &doors("Oak", Json::Null)).await, []);
    // The whole door is in an event if it was asked for.
    let (whole, _) = terraform.list(&all_doors(), 1).await;
    assert_eq!(whole[0].1.state, door(&[]));
}

#[tokio::test]
async fn no_more_doors_are_looked_at_than_there_is_a_limit_for() {
    let (terraform, house) = with_doors(&["front", "back", "side"]).await;
    // Zero is none, as Terraform means it, and it never sends less.
    for (limit, expected) in [(2, 2), (0, 0), (-1, 0), (i64::MIN, 0), (i64::MAX, 3)] {
        house.rooms().looks = 0;
        let found = collect(begin(&terraform, &all_doors(), limit).await).await;
        assert_eq!((found.len(), house.rooms().looks), (expected, expected));
    }
}

#[tokio::test]
async fn events_are_made_one_by_one_and_whoever_hangs_up_gets_no_more() {
    let long = "front".repeat(10_000); // gRPC sends smaller events together
    let (terraform, house) = with_doors(&[&long, "back", "side"]).await;

    let mut events = begin(&terraform, &all_doors(), 100).await;
    let looks_before = house.rooms().looks;
    let first = events.next().await.unwrap().unwrap();
    drop(events);

    assert_eq!(looks_before, 0);
    assert_eq!(first, event("door-1", &long));
    assert_eq!(house.rooms().looks, 1);
    assert_eq!(list(&terraform, &all_doors()).await.len(), 3);
}

/// At its start or on the way; a panic names the call.
#[tokio::test]
async fn listing_that_fails_ends_with_an_event_that_says_why() {
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
        let (terraform, house) = with_doors(&["front", name, "back"]).await;
        house.next(fault);

        let mut events = list(&terraform, &all_doors()).await;

        let last = events.pop().unwrap();
        assert_contains(only(&last.diagnostic, expected), &detail);
        assert_eq!(last.identity, None);
        let before = usize::from(fault == Fault::None);
        assert_eq!(events, vec![event("door-1", "front"); before]);
    }
}

#[tokio::test]
async fn listing_that_cannot_begin_says_why() {
    let ((unconfigured, _), (configured, _)) = (start(), configured().await);
    let (nowhere, _) = with(Json::Null, "brass").await;
    let (keyless, _) = with("Elm", UNKNOWN).await;
    let windows = Calls {
        resource_type: "house_window",
        ..configured.clone()
    };
    let unknown = "error at open: Provider Configuration Not Known Yet";
    let unreadable = "error: Unreadable Value from Terraform";
    let cases = [
        (&windows, all_doors(), "error: Unsupported list resource"),
        (&configured, Json::Null, unreadable),
        (&configured, doors(1, Json::Null), unreadable),
        (&configured, doors(Json::Null, UNKNOWN), unknown),
        (&unconfigured, all_doors(), "error: Provider Not Configured"),
        (&nowhere, all_doors(), "error at house: Missing house"),
        (&keyless, all_doors(), "error at key: Unknown Key"),
    ];
    for (terraform, config, expected) in cases {
        let [event] = list(terraform, &config).await.try_into().unwrap();
        only(&event.diagnostic, expected);
    }
}

#[tokio::test]
async fn configuration_is_checked_without_a_configured_provider() {
    let (terraform, _) = start();
    let cases = [
        (all_doors(), ""),
        (doors(UNKNOWN, UNKNOWN), ""),
        (doors("", Json::Null), "error at house: Blank"),
        (doors(Json::Null, false), "warning at open: Doubtful"),
        (doors("fire", Json::Null), "error: Bug in the Provider"),
        (Json::Null, "error: Unreadable Value from Terraform"),
    ];
    for (config, expected) in cases {
        let found = call!(terraform.validate_list_resource_config {
            type_name: DOOR.into(),
            config: dynamic(&config),
        });
        assert_eq!(told(&found.diagnostics).join(", "), expected, "{config}");
    }
}
