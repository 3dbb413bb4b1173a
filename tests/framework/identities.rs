//! Identities: what they are said to be, and that they stay. Which answers have one is a part of
//! `lifecycle`, `failures` and `configuration`.

use realtimekit::proto::tfplugin6::{
    ResourceIdentityData, ResourceIdentitySchema, resource_identity_schema::IdentityAttribute,
};
use serde_json::{Value as Json, json};

use crate::{
    calls::{
        Answer, call, only, raw, sent, told,
        wire::{UNKNOWN, dynamic},
    },
    fake_book::BOOK,
    fake_provider::Fault,
    terraform::{
        DOOR, assert_contains, config, configured, identity, start, stored, with_door,
        without_private,
    },
};

#[tokio::test]
async fn identity_of_a_door_is_described() {
    let (terraform, _) = start();

    let answer = call!(terraform.get_resource_identity_schemas {});

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
    let expected = [(DOOR.to_owned(), schema)].into();
    assert_eq!(
        (answer.identity_schemas, answer.diagnostics),
        (expected, vec![])
    );
}

/// As one is that was never stored, after its upgrade.
#[tokio::test]
async fn stored_identity_that_is_null_is_completed_by_a_read() {
    let (terraform, _, door) = with_door().await;
    let identity_data = dynamic(&Json::Null);

    let read = call!(terraform.read_resource {
        type_name: DOOR.into(),
        current_state: dynamic(&door.state),
        current_identity: Some(ResourceIdentityData { identity_data }),
    });

    assert_eq!(read.new_identity, sent(&door.identity));
    assert_eq!(read.diagnostics, []);
}

#[tokio::test]
async fn what_comes_to_another_identity_is_refused() {
    let (terraform, house, door) = with_door().await;
    let changed = "error: Unexpected Identity Change";
    let identity = identity("door-9");

    house.next(Fault::Swapped);
    let read = terraform.read(&door).await;
    let planned = terraform
        .plan(&Answer { identity, ..door }, &config("front"))
        .await;

    let both =
        ["Stored: { house = \"Elm\", id = \"door-1\" }\nNow: { house = \"Elm\", id = \"door-9\" }"];
    assert_contains(only(&read.diagnostics, changed), &both);
    only(&planned.diagnostics, changed);
    for answer in [read, planned] {
        assert_eq!((answer.state, answer.identity), (Json::Null, Json::Null));
    }
}

#[tokio::test]
async fn import_by_id_or_identity_answers_the_whole_door_and_the_complete_identity() {
    let (terraform, _, door) = with_door().await;
    let partial = json!({ "house": null, "id": "door-1" });
    for target in ["door-1".into(), partial, door.identity] {
        let imported = terraform.import(&target).await;
        assert_eq!(imported, without_private(stored(&[])));
    }
}

#[tokio::test]
async fn import_by_a_part_of_an_identity_or_a_wrong_one_is_refused() {
    let (terraform, _, _) = with_door().await;
    let unreadable = "error: Unreadable Value from Terraform";
    let (incomplete, missing) = ("error: Incomplete Import Identity", "error: No Such Door");
    let cases = [
        (json!({ "house": "Elm", "id": null }), incomplete),
        (json!({ "house": "Elm", "id": UNKNOWN }), unreadable),
        (json!({ "id": "door-1" }), unreadable),
        (json!({ "house": "Oak", "id": "door-1" }), missing),
    ];
    for (target, expected) in cases {
        let imported = terraform.import(&target).await;

        only(&imported.diagnostics, expected);
        assert_eq!(
            (imported.state, imported.identity),
            (Json::Null, Json::Null)
        );
    }
}

#[tokio::test]
async fn resource_without_an_identity_is_imported_and_read() {
    let (mut terraform, _) = configured().await;
    terraform.resource_type = BOOK;

    let imported = terraform.import(&"Emma".into()).await;
    let read = terraform.read(&imported).await;

    let expected = Answer {
        state: json!({ "title": "Emma", "note": null }),
        ..Answer::default()
    };
    assert_eq!((&imported, &read), (&expected, &expected));
}

/// One that was never stored is null until the next read.
#[tokio::test]
async fn stored_identity_is_upgraded_to_itself_or_to_null_or_refused() {
    let (terraform, _) = start();
    let (elm, null) = (identity("door-1"), Some(Json::Null));
    let written = elm.to_string();
    let unreadable = "error: Unreadable Identity";
    let newer = "error: Identity of a Newer Provider";
    let cases = [
        (0, written.as_str(), Some(elm), ""),
        (0, "", null.clone(), ""),
        (0, "null", null.clone(), ""),
        (-1, r#"{"name":"front"}"#, null, ""),
        (0, r#"{"house":"Elm","id":1}"#, None, unreadable),
        (0, "[]", None, unreadable),
        (0, "\u{1}", None, unreadable),
        (1, r#"{"id":"door-1"}"#, None, newer),
    ];
    for (version, stored, expected, said) in cases {
        let upgraded = call!(terraform.upgrade_resource_identity {
            type_name: DOOR.into(),
            version,
            raw_identity: raw(stored),
        });

        assert_eq!(told(&upgraded.diagnostics).join(", "), said);
        let upgraded = upgraded.upgraded_identity.and_then(|it| it.identity_data);
        let expected = expected.and_then(|identity| dynamic(&identity));
        assert_eq!(upgraded, expected, "{version} {stored}");
    }
}
