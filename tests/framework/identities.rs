//! Identities: what they are said to be, in which answers they are, and that they stay.

use realtimekit::proto::tfplugin6::{
    ResourceIdentityData, ResourceIdentitySchema, apply_resource_change,
    get_resource_identity_schemas, import_resource_state, plan_resource_change, read_resource,
    resource_identity_schema::IdentityAttribute, upgrade_resource_identity,
};
use serde_json::{Value as Json, json};

use crate::{
    fake_provider::Fault,
    terraform::{
        DOOR, PRIVATE, Terraform, assert_contains, call, change, config, door, identity,
        identity_of, new_door, only, planning, raw, renamed,
    },
    wire::{UNKNOWN, dynamic},
};

const CHANGED: &str = "error: Unexpected Identity Change";

/// A configured provider with a door, and its state.
async fn with_door() -> (Terraform, Json) {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    (terraform, state)
}

async fn upgrade(version: i64, stored: &str) -> upgrade_resource_identity::Response {
    let request = upgrade_resource_identity::Request {
        type_name: DOOR.into(),
        version,
        raw_identity: raw(stored),
    };
    let server = Terraform::start().server;
    call!(server, upgrade_resource_identity, request)
}

async fn plan(
    terraform: &Terraform,
    prior_identity: Option<ResourceIdentityData>,
    request: plan_resource_change::Request,
) -> plan_resource_change::Response {
    let request = plan_resource_change::Request {
        prior_identity,
        ..request
    };
    terraform.plan(request).await
}

fn identified(id: &str, request: apply_resource_change::Request) -> apply_resource_change::Request {
    apply_resource_change::Request {
        planned_identity: identity(id),
        ..request
    }
}

#[tokio::test]
async fn the_identity_of_a_door_is_described() {
    let (server, request) = (Terraform::start().server, Default::default());

    let answer = call!(server, get_resource_identity_schemas, request);

    let attribute = |name: &str, required, description: &str| IdentityAttribute {
        name: name.into(),
        r#type: b"\"string\"".into(),
        required_for_import: required,
        optional_for_import: !required,
        description: description.into(),
    };
    let schema = ResourceIdentitySchema {
        version: 0,
        identity_attributes: vec![
            attribute("house", false, "Where it is."),
            attribute("id", true, "Its identifier."),
        ],
    };
    let expected = get_resource_identity_schemas::Response {
        identity_schemas: [(DOOR.to_owned(), schema)].into(),
        ..Default::default()
    };
    assert_eq!(answer, expected);
}

/// A state of before there were identities gets one.
#[tokio::test]
async fn a_read_answers_the_identity_stored_or_not() {
    let (terraform, state) = with_door().await;
    for stored in [None, identity_of(&Json::Null), identity("door-1")] {
        let read = terraform.read(state.clone(), stored).await;

        let expected = read_resource::Response {
            new_state: dynamic(&state),
            private: PRIVATE.into(),
            new_identity: identity("door-1"),
            ..Default::default()
        };
        assert_eq!(read, expected);
    }
}

#[tokio::test]
async fn what_is_gone_has_no_identity() {
    let (terraform, state) = with_door().await;

    let deleted = identified("door-1", change(state.clone(), Json::Null));
    let deleted = terraform.apply(deleted).await;
    let read = terraform.read(state, identity("door-1")).await;

    let nothing = (dynamic(&Json::Null), None);
    assert_eq!((deleted.new_state, deleted.new_identity), nothing);
    assert_eq!((read.new_state, read.new_identity), nothing);
}

/// With an error, no state means: as it was.
#[tokio::test]
async fn what_comes_to_another_identity_is_refused_and_the_state_kept() {
    let (terraform, state) = with_door().await;

    terraform.house.next(Fault::Swapped);
    let read = terraform.read(state.clone(), identity("door-1")).await;
    terraform.house.next(Fault::Swapped);
    let updated = terraform
        .apply(identified("door-1", change(state.clone(), renamed())))
        .await;
    let planned = planning(state.clone(), state.clone(), config("front"));
    let planned = plan(&terraform, identity("door-9"), planned).await;

    let both =
        ["Stored: { house = \"Elm\", id = \"door-1\" }\nNow: { house = \"Elm\", id = \"door-9\" }"];
    assert_contains(only(&read.diagnostics, CHANGED), &both);
    assert_eq!((read.new_state, read.new_identity), (None, None));
    only(&updated.diagnostics, CHANGED);
    assert_eq!(updated.new_state, dynamic(&state));
    assert_eq!(updated.new_identity, identity("door-1"));
    assert_eq!(updated.private, PRIVATE);
    only(&planned.diagnostics, CHANGED);
    assert_eq!(planned.planned_state, None);
}

#[tokio::test]
async fn a_change_that_fails_answers_the_identity_of_what_there_is() {
    let (terraform, state) = with_door().await;
    let (new, door) = (|| (Json::Null, new_door(), UNKNOWN), "door-1");
    let update = || (state.clone(), renamed(), door);
    let cases = [
        (Fault::Refused, new(), None),
        (Fault::Jammed, new(), identity("door-2")),
        (Fault::Refused, update(), identity(door)),
        (Fault::Jammed, update(), identity(door)),
        // A panic is answered without a state; then Terraform keeps the identity as well.
        (Fault::Panic, update(), None),
        (Fault::Refused, (state, Json::Null, door), identity(door)),
    ];
    for (fault, (prior, planned, id), expected) in cases {
        terraform.house.next(fault);

        let changed = terraform
            .apply(identified(id, change(prior, planned)))
            .await;

        assert_eq!(changed.diagnostics.len(), 1, "{fault:?}");
        assert_eq!(changed.new_identity, expected, "{fault:?}");
    }
}

#[tokio::test]
async fn the_identity_of_a_change_is_planned_as_it_was() {
    let (terraform, state) = with_door().await;
    let proposed = door(&[("name", "back".into())]);
    for stored in [None, identity("door-1")] {
        let update = planning(state.clone(), proposed.clone(), config("back"));
        let destruction = planning(state.clone(), Json::Null, Json::Null);
        for request in [update, destruction] {
            let planned = plan(&terraform, stored.clone(), request).await;

            assert_eq!(planned.diagnostics, []);
            assert_eq!(planned.planned_identity, identity("door-1"));
        }
    }
}

#[tokio::test]
async fn an_import_answers_the_whole_door_and_the_complete_identity() {
    let (terraform, state) = with_door().await;
    let expected = import_resource_state::Response {
        imported_resources: vec![import_resource_state::ImportedResource {
            type_name: DOOR.into(),
            state: dynamic(&state),
            identity: identity("door-1"),
            ..Default::default()
        }],
        ..Default::default()
    };
    let partial = json!({ "house": null, "id": "door-1" });
    for wanted in [None, identity_of(&partial), identity("door-1")] {
        let id = if wanted.is_none() { "door-1" } else { "" };
        assert_eq!(terraform.import(id, wanted).await, expected);
    }
}

#[tokio::test]
async fn an_import_by_a_part_of_an_identity_or_a_wrong_one_is_refused() {
    let (terraform, _) = with_door().await;
    let unreadable = "error: Unreadable Value from Terraform";
    let incomplete = "error: Incomplete Import Identity";
    let cases = [
        (json!({ "house": "Elm", "id": null }), incomplete),
        (json!({ "house": "Elm", "id": UNKNOWN }), unreadable),
        (json!({ "id": "door-1" }), unreadable),
        (
            json!({ "house": "Oak", "id": "door-1" }),
            "error: No Such Door",
        ),
    ];
    for (wanted, expected) in cases {
        let imported = terraform.import("", identity_of(&wanted)).await;

        only(&imported.diagnostics, expected);
        assert_eq!(imported.imported_resources, []);
    }
}

/// One that was never stored is null until the next read.
#[tokio::test]
async fn a_stored_identity_is_upgraded_to_itself_or_to_null_or_refused() {
    let unreadable = Err("error: Unreadable Identity");
    let newer = Err("error: Identity of a Newer Provider");
    let cases = [
        (
            0,
            r#"{"house":"Elm","id":"door-1"}"#,
            Ok(identity("door-1")),
        ),
        (0, "", Ok(identity_of(&Json::Null))),
        (0, "null", Ok(identity_of(&Json::Null))),
        (-1, r#"{"name":"front"}"#, Ok(identity_of(&Json::Null))),
        (0, r#"{"house":"Elm","id":1}"#, unreadable.clone()),
        (0, "[]", unreadable.clone()),
        (0, "\u{1}", unreadable),
        (1, r#"{"id":"door-1"}"#, newer),
    ];
    for (version, stored, expected) in cases {
        let upgraded = upgrade(version, stored).await;

        let identity = match &expected {
            Ok(identity) => identity.clone(),
            Err(summary) => {
                only(&upgraded.diagnostics, summary);
                None
            }
        };
        assert_eq!(upgraded.upgraded_identity, identity, "{version} {stored}");
        assert_eq!(upgraded.diagnostics.is_empty(), expected.is_ok());
    }
}
