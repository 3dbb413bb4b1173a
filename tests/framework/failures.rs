//! What goes wrong in the house: what is said of it, and what the state is afterwards.

use realtimekit::proto::tfplugin6::{
    provider_server::Provider, validate_data_resource_config, validate_resource_config,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    fake_provider::Fault,
    terraform::{PRIVATE, Terraform, change, config, door, planning, told},
    wire::{UNKNOWN, dynamic, json},
};

fn planned() -> Json {
    door(&[("id", UNKNOWN.into()), ("coats", UNKNOWN.into())])
}

#[tokio::test]
async fn a_refused_creation_leaves_nothing() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Refused);

    let created = terraform.apply(change(Json::Null, planned())).await;

    assert_eq!(told(&created.diagnostics), ["error: Refused"]);
    assert_eq!(json(created.new_state.as_ref()), Json::Null);
    assert_eq!(terraform.house.doors(), 0);
}

#[tokio::test]
async fn a_creation_that_went_half_way_leaves_what_there_is() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Jammed);

    let created = terraform.apply(change(Json::Null, planned())).await;

    assert_eq!(told(&created.diagnostics), ["error at open: Jammed"]);
    assert_eq!(
        json(created.new_state.as_ref()),
        door(&[("open", false.into())])
    );
    assert_eq!(created.private, PRIVATE);
}

#[tokio::test]
async fn a_refused_update_leaves_the_prior_state() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    terraform.house.next(Fault::Refused);

    let updated = terraform
        .apply(change(state.clone(), door(&[("name", "back".into())])))
        .await;

    assert_eq!(told(&updated.diagnostics), ["error: Refused"]);
    assert_eq!(json(updated.new_state.as_ref()), state);
    assert_eq!(updated.private, PRIVATE);
}

#[tokio::test]
async fn an_update_that_went_half_way_leaves_what_there_is() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let planned = door(&[("name", "back".into()), ("coats", UNKNOWN.into())]);
    terraform.house.next(Fault::Jammed);

    let updated = terraform.apply(change(state, planned)).await;

    assert_eq!(told(&updated.diagnostics), ["error at open: Jammed"]);
    let expected = [
        ("name", "back".into()),
        ("open", false.into()),
        ("coats", 2.into()),
    ];
    assert_eq!(json(updated.new_state.as_ref()), door(&expected));
    assert_eq!(updated.private, PRIVATE);
}

#[tokio::test]
async fn a_refused_deletion_keeps_the_door_in_the_state() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    terraform.house.next(Fault::Refused);

    let deleted = terraform.apply(change(state.clone(), Json::Null)).await;

    assert_eq!(told(&deleted.diagnostics), ["error: Refused"]);
    assert_eq!(json(deleted.new_state.as_ref()), state);
    assert_eq!(deleted.private, PRIVATE);
}

#[tokio::test]
async fn a_door_that_cannot_be_read_is_no_door_that_is_gone() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    terraform.house.next(Fault::Refused);

    let read = terraform.read(state).await;

    assert_eq!(told(&read.diagnostics), ["error: Refused"]);
}

#[tokio::test]
async fn a_result_that_is_not_what_was_planned_is_stored_and_reported() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Misspelt);

    let created = terraform.apply(change(Json::Null, planned())).await;

    assert_eq!(
        told(&created.diagnostics),
        ["error at name: The API Stored Another Value"]
    );
    let detail = &created.diagnostics[0].detail;
    assert!(
        detail.contains("Sent: \"front\"\nReceived: \"front?\""),
        "{detail}"
    );
    assert_eq!(
        json(created.new_state.as_ref()),
        door(&[("name", "front?".into())])
    );
    assert_eq!(created.private, PRIVATE);
}

#[tokio::test]
async fn an_import_that_finds_nothing_says_so() {
    let terraform = Terraform::configured().await;

    let imported = terraform.import("door-7").await;

    assert_eq!(told(&imported.diagnostics), ["error: No Such Door"]);
    assert_eq!(imported.imported_resources, []);
}

#[tokio::test]
async fn a_data_source_that_finds_nothing_says_so() {
    let terraform = Terraform::configured().await;

    let found = terraform
        .look_up(json!({ "house": null, "name": "back", "id": null }))
        .await;

    assert_eq!(told(&found.diagnostics), ["error at name: No Such Door"]);
    assert_eq!(found.state, None);
}

#[tokio::test]
async fn a_configuration_is_refused_with_the_path_of_each_mistake() {
    let terraform = Terraform::start();
    let locks = json!([{ "cut": "flat", "serial": null }, { "cut": "", "serial": "#" }]);
    let mut config = config("");
    config["locks"] = locks;
    config["id"] = "door-1".into();
    let request = validate_resource_config::Request {
        type_name: "house_door".into(),
        config: dynamic(&config),
        ..Default::default()
    };

    let answer = terraform
        .server
        .validate_resource_config(Request::new(request))
        .await
        .unwrap();

    let told = told(&answer.into_inner().diagnostics);
    let expected = [
        "error at id: Invalid Configuration for Read-Only Attribute",
        "error at name: Blank",
        "error at locks[1].cut: Blank",
        "error at locks[1].serial: Invalid Configuration for Read-Only Attribute",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_data_source_checks_its_attributes_against_each_other() {
    let terraform = Terraform::start();
    let request = validate_data_resource_config::Request {
        type_name: "house_door".into(),
        config: dynamic(&json!({ "house": "Elm", "name": "Elm", "id": null })),
    };

    let answer = terraform
        .server
        .validate_data_resource_config(Request::new(request))
        .await;

    let told = told(&answer.unwrap().into_inner().diagnostics);
    assert_eq!(told, ["error at name: Ambiguous"]);
}

#[tokio::test]
async fn what_is_set_nowhere_is_an_error_of_the_plan() {
    let terraform = Terraform::start();
    terraform
        .configure(json!({ "house": null, "key": "brass" }))
        .await;

    let planned = terraform
        .plan(planning(Json::Null, config("front"), config("front")))
        .await;

    assert_eq!(
        told(&planned.diagnostics),
        ["error at house: Missing house"]
    );
    assert_eq!(planned.planned_state, None);
}
