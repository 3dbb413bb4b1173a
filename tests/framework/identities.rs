//! Identities: what they are said to be, in which answers they are, and that they stay.

use realtimekit::proto::tfplugin6::{
    RawState, ResourceIdentitySchema, apply_resource_change, get_resource_identity_schemas,
    import_resource_state, plan_resource_change, provider_server::Provider, read_resource,
    resource_identity_schema::IdentityAttribute, upgrade_resource_identity,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    fake_provider::Fault,
    terraform::{PRIVATE, Terraform, change, config, door, identity, identity_of, planning, told},
    wire::{UNKNOWN, dynamic, json},
};

fn planned() -> Json {
    door(&[("id", UNKNOWN.into()), ("coats", UNKNOWN.into())])
}

fn of_door(state: &Json, identity_data: Json) -> read_resource::Request {
    read_resource::Request {
        type_name: "house_door".into(),
        current_state: dynamic(state),
        current_identity: identity_of(&identity_data),
        private: PRIVATE.into(),
        ..Default::default()
    }
}

async fn read(terraform: &Terraform, request: read_resource::Request) -> read_resource::Response {
    let answer = terraform.server.read_resource(Request::new(request)).await;
    answer.unwrap().into_inner()
}

async fn import(terraform: &Terraform, wanted: &Json) -> import_resource_state::Response {
    let request = import_resource_state::Request {
        type_name: "house_door".into(),
        identity: identity_of(wanted),
        ..Default::default()
    };
    let answer = terraform
        .server
        .import_resource_state(Request::new(request))
        .await;
    answer.unwrap().into_inner()
}

async fn upgrade(version: i64, stored: &str) -> upgrade_resource_identity::Response {
    let request = upgrade_resource_identity::Request {
        type_name: "house_door".into(),
        version,
        raw_identity: Some(RawState {
            json: stored.into(),
            ..Default::default()
        }),
    };
    let server = Terraform::start().server;
    let answer = server
        .upgrade_resource_identity(Request::new(request))
        .await;
    answer.unwrap().into_inner()
}

#[tokio::test]
async fn the_identity_of_a_door_is_described() {
    let request = Request::new(get_resource_identity_schemas::Request {});
    let server = Terraform::start().server;

    let answer = server.get_resource_identity_schemas(request).await;

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
        identity_schemas: [("house_door".to_owned(), schema)].into(),
        ..Default::default()
    };
    assert_eq!(answer.unwrap().into_inner(), expected);
}

#[tokio::test]
async fn a_state_of_before_there_were_identities_gets_one_when_it_is_read() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let null = read_resource::Request {
        current_identity: None,
        ..of_door(&state, Json::Null)
    };

    for request in [null, of_door(&state, Json::Null)] {
        assert_eq!(
            read(&terraform, request).await.new_identity,
            identity("door-1")
        );
    }
}

#[tokio::test]
async fn a_stored_identity_is_answered_as_it_is() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let answer = read(
        &terraform,
        of_door(&state, json!({ "house": "Elm", "id": "door-1" })),
    )
    .await;

    let expected = read_resource::Response {
        new_state: dynamic(&state),
        private: PRIVATE.into(),
        new_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn what_is_gone_has_no_identity() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let stored = json!({ "house": "Elm", "id": "door-1" });

    let deleted = terraform
        .apply(apply_resource_change::Request {
            planned_identity: identity("door-1"),
            ..change(state.clone(), Json::Null)
        })
        .await;
    let read = read(&terraform, of_door(&state, stored)).await;

    assert_eq!(json(deleted.new_state.as_ref()), Json::Null);
    assert_eq!(deleted.new_identity, None);
    assert_eq!(json(read.new_state.as_ref()), Json::Null);
    assert_eq!(read.new_identity, None);
}

#[tokio::test]
async fn a_read_that_comes_to_another_identity_is_refused_and_the_state_kept() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    terraform.house.next(Fault::Swapped);

    let answer = read(
        &terraform,
        of_door(&state, json!({ "house": "Elm", "id": "door-1" })),
    )
    .await;

    assert_eq!(
        told(&answer.diagnostics),
        ["error: Unexpected Identity Change"]
    );
    let detail = &answer.diagnostics[0].detail;
    let both =
        "Stored: { house = \"Elm\", id = \"door-1\" }\nNow: { house = \"Elm\", id = \"door-9\" }";
    assert!(detail.contains(both), "{detail}");
    // With an error, no state means: as it was.
    assert_eq!(answer.new_state, None);
    assert_eq!(answer.new_identity, None);
}

#[tokio::test]
async fn an_update_that_comes_to_another_identity_is_refused_and_the_state_kept() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let planned = door(&[("name", "back".into()), ("coats", UNKNOWN.into())]);
    terraform.house.next(Fault::Swapped);

    let answer = terraform
        .apply(apply_resource_change::Request {
            planned_identity: identity("door-1"),
            ..change(state.clone(), planned)
        })
        .await;

    assert_eq!(
        told(&answer.diagnostics),
        ["error: Unexpected Identity Change"]
    );
    assert_eq!(json(answer.new_state.as_ref()), state);
    assert_eq!(answer.new_identity, identity("door-1"));
    assert_eq!(answer.private, PRIVATE);
}

#[tokio::test]
async fn a_change_that_fails_answers_the_identity_of_what_there_is() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let back = || door(&[("name", "back".into()), ("coats", UNKNOWN.into())]);
    let with_identity = |request, id: &str| apply_resource_change::Request {
        planned_identity: identity(id),
        ..request
    };
    let nothing = (Fault::Refused, change(Json::Null, planned()), UNKNOWN, None);
    let half = (
        Fault::Jammed,
        change(Json::Null, planned()),
        UNKNOWN,
        identity("door-2"),
    );
    let kept = |fault, planned| {
        (
            fault,
            change(state.clone(), planned),
            "door-1",
            identity("door-1"),
        )
    };
    let cases = [
        nothing,
        half,
        kept(Fault::Refused, back()),
        kept(Fault::Jammed, back()),
        kept(Fault::Panic, back()),
        kept(Fault::Refused, Json::Null),
    ];

    for (fault, request, id, expected) in cases {
        terraform.house.next(fault);
        let answer = terraform.apply(with_identity(request, id)).await;

        assert_eq!(answer.diagnostics.len(), 1, "{fault:?}");
        // A panic is answered without a state; then Terraform keeps the identity as well.
        let expected = expected.filter(|_| fault != Fault::Panic);
        assert_eq!(answer.new_identity, expected, "{fault:?}");
    }
}

#[tokio::test]
async fn the_identity_of_an_update_is_planned_as_it_was() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    for prior_identity in [None, identity("door-1")] {
        let request = planning(
            state.clone(),
            door(&[("name", "back".into())]),
            config("back"),
        );

        let planned = terraform
            .plan(plan_resource_change::Request {
                prior_identity,
                ..request
            })
            .await;

        assert_eq!(planned.diagnostics, []);
        assert_eq!(planned.planned_identity, identity("door-1"));
    }
}

#[tokio::test]
async fn a_plan_for_a_state_with_the_identity_of_another_object_is_refused() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let planned = terraform
        .plan(plan_resource_change::Request {
            prior_identity: identity("door-9"),
            ..planning(state.clone(), state, config("front"))
        })
        .await;

    assert_eq!(
        told(&planned.diagnostics),
        ["error: Unexpected Identity Change"]
    );
    assert_eq!(planned.planned_state, None);
}

#[tokio::test]
async fn a_replacement_is_planned_with_the_identity_of_both_objects_one_after_the_other() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    terraform
        .configure(json!({ "house": "Oak", "key": "brass" }))
        .await;

    let first = terraform
        .plan(plan_resource_change::Request {
            prior_identity: identity("door-1"),
            ..planning(state.clone(), state, config("front"))
        })
        .await;
    let second = terraform
        .plan(plan_resource_change::Request {
            prior_identity: first.planned_identity.clone(),
            prior_private: first.planned_private,
            ..planning(Json::Null, config("front"), config("front"))
        })
        .await;

    assert_eq!(first.planned_identity, identity("door-1"));
    assert_eq!(second.diagnostics, []);
    assert_eq!(second.planned_identity, None);
}

#[tokio::test]
async fn a_destruction_is_planned_with_the_prior_identity() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    for prior_identity in [None, identity("door-1")] {
        let planned = terraform
            .plan(plan_resource_change::Request {
                prior_identity,
                ..planning(state.clone(), Json::Null, Json::Null)
            })
            .await;

        assert_eq!(planned.planned_identity, identity("door-1"));
    }
}

#[tokio::test]
async fn an_import_by_identity_answers_the_complete_identity() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    for house in [Json::Null, "Elm".into()] {
        let imported = import(&terraform, &json!({ "house": house, "id": "door-1" })).await;

        let expected = import_resource_state::Response {
            imported_resources: vec![import_resource_state::ImportedResource {
                type_name: "house_door".into(),
                state: dynamic(&state),
                identity: identity("door-1"),
                ..Default::default()
            }],
            ..Default::default()
        };
        assert_eq!(imported, expected);
    }
}

#[tokio::test]
async fn an_import_by_a_part_of_an_identity_or_a_wrong_one_is_refused() {
    let terraform = Terraform::configured().await;
    terraform.with_door().await;
    let cases = [
        (
            json!({ "house": "Elm", "id": null }),
            "error: Incomplete Import Identity",
        ),
        (
            json!({ "house": "Elm", "id": UNKNOWN }),
            "error: Unreadable Value from Terraform",
        ),
        (
            json!({ "id": "door-1" }),
            "error: Unreadable Value from Terraform",
        ),
        (
            json!({ "house": "Oak", "id": "door-1" }),
            "error: No Such Door",
        ),
    ];
    for (wanted, expected) in cases {
        let imported = import(&terraform, &wanted).await;

        assert_eq!(told(&imported.diagnostics), [expected], "{wanted}");
        assert_eq!(imported.imported_resources, []);
    }
}

#[tokio::test]
async fn an_identity_of_the_same_version_is_upgraded_to_itself() {
    let upgraded = upgrade(0, r#"{"house":"Elm","id":"door-1"}"#).await;

    let expected = upgrade_resource_identity::Response {
        upgraded_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(upgraded, expected);
}

#[tokio::test]
async fn an_identity_that_was_never_stored_is_null_until_the_next_read() {
    for (version, stored) in [(0, ""), (0, "null"), (-1, ""), (-1, r#"{"name":"front"}"#)] {
        let upgraded = upgrade(version, stored).await;

        let expected = upgrade_resource_identity::Response {
            upgraded_identity: identity_of(&Json::Null),
            ..Default::default()
        };
        assert_eq!(upgraded, expected, "{version} {stored}");
    }
}

#[tokio::test]
async fn an_identity_that_does_not_fit_is_refused() {
    let cases = [
        (0, r#"{"house":"Elm","id":1}"#, "error: Unreadable Identity"),
        (0, "[]", "error: Unreadable Identity"),
        (0, "\u{1}", "error: Unreadable Identity"),
        (
            1,
            r#"{"id":"door-1"}"#,
            "error: Identity of a Newer Provider",
        ),
    ];
    for (version, stored, expected) in cases {
        let upgraded = upgrade(version, stored).await;

        assert_eq!(told(&upgraded.diagnostics), [expected], "{stored}");
        assert_eq!(upgraded.upgraded_identity, None);
    }
}
