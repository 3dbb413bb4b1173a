//! List resources: validation, and the events of a listing.

use futures_util::StreamExt;
use realtimekit::proto::tfplugin6::{
    get_provider_schema, list_resource, provider_server::Provider, validate_list_resource_config,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    fake_provider::Fault,
    terraform::{Terraform, change, door, identity, told},
    wire::{UNKNOWN, dynamic},
};

/// All doors of the provider's house, as Terraform asks for them.
fn all_doors() -> list_resource::Request {
    list_resource::Request {
        type_name: "house_door".into(),
        config: dynamic(&json!({ "house": null, "open": null })),
        include_resource_object: false,
        limit: 100,
    }
}

async fn list(terraform: &Terraform, request: list_resource::Request) -> Vec<list_resource::Event> {
    let answer = terraform.server.list_resource(Request::new(request)).await;
    let events = answer.expect("a stream, not a status").into_inner();
    events
        .map(|event| event.expect("an event, not a status"))
        .collect()
        .await
}

async fn validate(terraform: &Terraform, config: &Json) -> Vec<String> {
    let request = validate_list_resource_config::Request {
        type_name: "house_door".into(),
        config: dynamic(config),
        ..Default::default()
    };
    let answer = terraform
        .server
        .validate_list_resource_config(Request::new(request))
        .await;
    told(&answer.unwrap().into_inner().diagnostics)
}

/// A house with these doors; the first is `door-1`.
async fn with_doors(names: &[&str]) -> Terraform {
    let terraform = Terraform::configured().await;
    for name in names {
        let open = ("open", (*name != "closed").into());
        let unknown = [("id", UNKNOWN.into()), ("coats", UNKNOWN.into())];
        let new = [[("name", (*name).into()), open], unknown].concat();
        let created = terraform.apply(change(Json::Null, door(&new))).await;
        assert_eq!(created.diagnostics, []);
    }
    terraform
}

fn event(id: &str, display_name: &str) -> list_resource::Event {
    list_resource::Event {
        identity: identity(id),
        display_name: display_name.into(),
        ..Default::default()
    }
}

fn names(events: &[list_resource::Event]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event.display_name.as_str())
        .collect()
}

#[tokio::test]
async fn every_door_is_an_event_with_its_identity_and_name() {
    let terraform = with_doors(&["front", "back"]).await;

    let events = list(&terraform, all_doors()).await;

    let expected = [
        event("door-1", "the front door"),
        event("door-2", "the back door"),
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn a_whole_door_is_in_the_event_if_it_was_asked_for() {
    let terraform = with_doors(&["front"]).await;

    let events = list(
        &terraform,
        list_resource::Request {
            include_resource_object: true,
            ..all_doors()
        },
    )
    .await;

    let expected = list_resource::Event {
        resource_object: dynamic(&door(&[])),
        ..event("door-1", "the front door")
    };
    assert_eq!(events, [expected]);
}

#[tokio::test]
async fn the_configuration_says_which_doors() {
    let terraform = with_doors(&["front", "closed"]).await;
    let with = |config: Json| list_resource::Request {
        config: dynamic(&config),
        ..all_doors()
    };

    let closed = list(&terraform, with(json!({ "house": null, "open": false }))).await;
    let elsewhere = list(&terraform, with(json!({ "house": "Oak", "open": null }))).await;

    assert_eq!(names(&closed), ["the closed door"]);
    assert_eq!(elsewhere, []);
}

#[tokio::test]
async fn no_more_doors_are_looked_at_than_there_is_a_limit_for() {
    let terraform = with_doors(&["front", "back", "side"]).await;
    let at_most = |limit| list_resource::Request {
        limit,
        ..all_doors()
    };

    assert_eq!(list(&terraform, at_most(2)).await.len(), 2);
    assert_eq!(terraform.house.looks(), 2);
    // Zero is none, as Terraform means it, and it never sends less.
    for none in [0, -1, i64::MIN] {
        assert_eq!(list(&terraform, at_most(none)).await, []);
    }
    assert_eq!(terraform.house.looks(), 2);
    assert_eq!(list(&terraform, at_most(i64::MAX)).await.len(), 3);
}

#[tokio::test]
async fn events_are_made_one_by_one_and_whoever_hangs_up_gets_no_more() {
    let terraform = with_doors(&["front", "back", "side"]).await;

    let answer = terraform
        .server
        .list_resource(Request::new(all_doors()))
        .await;
    let mut events = answer.unwrap().into_inner();
    let looks_before = terraform.house.looks();
    let first = events.next().await.unwrap().unwrap();
    drop(events);

    assert_eq!(looks_before, 0);
    assert_eq!(first, event("door-1", "the front door"));
    assert_eq!(terraform.house.looks(), 1);
    assert_eq!(list(&terraform, all_doors()).await.len(), 3);
}

#[tokio::test]
async fn a_listing_that_fails_is_one_event_that_says_why() {
    let terraform = with_doors(&["front"]).await;
    for (fault, expected) in [
        (Fault::Refused, "error: Refused"),
        (Fault::Panic, "error: Bug in the Provider"),
    ] {
        terraform.house.next(fault);

        let events = list(&terraform, all_doors()).await;

        let [event] = events.try_into().unwrap();
        assert_eq!(told(&event.diagnostic), [expected]);
        assert_eq!(event.identity, None);
    }
    assert_eq!(list(&terraform, all_doors()).await.len(), 1);
}

#[tokio::test]
async fn a_failure_on_the_way_ends_the_listing() {
    for (name, expected) in [
        ("rotten", "error: Refused"),
        ("burning", "error: Bug in the Provider"),
    ] {
        let terraform = with_doors(&["front", name, "side"]).await;

        let events = list(&terraform, all_doors()).await;

        assert_eq!(events.len(), 2, "{name}");
        assert_eq!(events[0], event("door-1", "the front door"));
        assert_eq!(told(&events[1].diagnostic), [expected]);
        assert_eq!(events[1].identity, None);
    }
}

#[tokio::test]
async fn a_panic_names_the_call() {
    let terraform = with_doors(&["burning"]).await;

    let events = list(&terraform, all_doors()).await;

    let detail = &events[0].diagnostic[0].detail;
    assert!(
        detail.contains("panicked while it handled ListResource"),
        "{detail}"
    );
    assert!(detail.contains("the house is on fire"), "{detail}");
}

#[tokio::test]
async fn a_listing_that_cannot_begin_says_why() {
    let config = |config: Json| list_resource::Request {
        config: dynamic(&config),
        ..all_doors()
    };
    let nowhere = Terraform::start();
    nowhere
        .configure(json!({ "house": null, "key": "brass" }))
        .await;
    let keyless = Terraform::start();
    keyless
        .configure(json!({ "house": "Elm", "key": UNKNOWN }))
        .await;
    let configured = Terraform::configured().await;
    let window = list_resource::Request {
        type_name: "house_window".into(),
        ..all_doors()
    };
    let cases = [
        (&configured, window, "error: Unsupported list resource"),
        (
            &configured,
            config(Json::Null),
            "error: Unreadable Value from Terraform",
        ),
        (
            &configured,
            config(json!({ "house": 1, "open": null })),
            "error: Unreadable Value from Terraform",
        ),
        (
            &configured,
            config(json!({ "house": null, "open": UNKNOWN })),
            "error at open: Provider Configuration Not Known Yet",
        ),
        (
            &Terraform::start(),
            all_doors(),
            "error: Provider Not Configured",
        ),
        (&nowhere, all_doors(), "error at house: Missing house"),
        (&keyless, all_doors(), "error at key: Unknown Key"),
    ];
    for (terraform, request, expected) in cases {
        let events = list(terraform, request).await;

        let [event] = events.try_into().unwrap();
        assert_eq!(told(&event.diagnostic), [expected]);
    }
}

#[tokio::test]
async fn a_configuration_is_checked_without_a_configured_provider() {
    let terraform = Terraform::start();
    let cases = [
        (json!({ "house": null, "open": null }), vec![]),
        (json!({ "house": UNKNOWN, "open": UNKNOWN }), vec![]),
        (
            json!({ "house": "", "open": null }),
            vec!["error at house: Blank"],
        ),
        (
            json!({ "house": null, "open": false }),
            vec!["warning at open: Doubtful"],
        ),
        (
            json!({ "house": "tent", "open": true }),
            vec!["error at open: No Such Door"],
        ),
        (
            json!({ "house": "fire", "open": null }),
            vec!["error: Bug in the Provider"],
        ),
        (Json::Null, vec!["error: Unreadable Value from Terraform"]),
    ];
    for (config, expected) in cases {
        assert_eq!(validate(&terraform, &config).await, expected, "{config}");
    }
}

#[tokio::test]
async fn a_doubtful_configuration_swallows_no_results() {
    let terraform = with_doors(&["closed"]).await;
    let request = list_resource::Request {
        config: dynamic(&json!({ "house": null, "open": false })),
        ..all_doors()
    };

    let events = list(&terraform, request).await;

    // Terraform takes a warning here for a reason to pass over what it cannot read.
    assert_eq!(events, [event("door-1", "the closed door")]);
}

#[tokio::test]
async fn nothing_in_the_configuration_of_a_list_is_computed() {
    let server = Terraform::start().server;
    let request = Request::new(get_provider_schema::Request {});

    let schema = server
        .get_provider_schema(request)
        .await
        .unwrap()
        .into_inner();

    let [(name, list)] = Vec::from_iter(schema.list_resource_schemas)
        .try_into()
        .unwrap();
    assert_eq!(name, "house_door");
    for attribute in list.block.unwrap().attributes {
        assert!(
            attribute.optional && !attribute.computed,
            "{}",
            attribute.name
        );
    }
}
