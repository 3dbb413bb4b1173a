//! What goes well: each answer, field for field.

use std::{sync::Arc, time::Duration};

use realtimekit::proto::tfplugin6::{
    apply_resource_change, import_resource_state, plan_resource_change, read_data_source,
    read_resource, upgrade_resource_state,
};
use serde_json::{Value as Json, json};

use crate::{
    fake_provider::Fault,
    terraform::{PRIVATE, Terraform, change, config, door, identity, planning, told, written},
    wire::{UNKNOWN, dynamic, json},
};

#[tokio::test]
async fn a_creation_is_planned_with_what_only_the_provider_knows_left_open() {
    let terraform = Terraform::configured().await;

    let planned = terraform
        .plan(planning(Json::Null, config("front"), config("front")))
        .await;

    let state = door(&[("id", UNKNOWN.into()), ("coats", UNKNOWN.into())]);
    let expected = plan_resource_change::Response {
        planned_state: dynamic(&state),
        ..Default::default()
    };
    assert_eq!(planned, expected);
}

#[tokio::test]
async fn a_creation_stores_what_was_made_and_the_private_data() {
    let terraform = Terraform::configured().await;
    let planned = door(&[
        ("id", UNKNOWN.into()),
        ("coats", UNKNOWN.into()),
        ("locks", json!([{ "cut": "flat", "serial": UNKNOWN }])),
    ]);

    let created = terraform.apply(change(Json::Null, planned)).await;

    let state = door(&[("locks", json!([{ "cut": "flat", "serial": "#flat" }]))]);
    let expected = apply_resource_change::Response {
        new_state: dynamic(&state),
        private: PRIVATE.into(),
        new_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(created, expected);
    assert_eq!(terraform.house.doors(), 1);
}

#[tokio::test]
async fn a_door_is_read_as_it_is_with_its_private_data() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let read = terraform
        .read(door(&[("name", "what it was".into())]))
        .await;

    let expected = read_resource::Response {
        new_state: dynamic(&state),
        private: PRIVATE.into(),
        new_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(read, expected);
}

#[tokio::test]
async fn a_door_that_is_gone_is_read_as_null() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    terraform.house.remove_all_doors();

    let read = terraform.read(state).await;

    assert_eq!(json(read.new_state.as_ref()), Json::Null);
    assert_eq!(read.diagnostics, []);
}

#[tokio::test]
async fn a_plan_without_a_change_is_the_state_itself() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let planned = terraform
        .plan(planning(state.clone(), state.clone(), config("front")))
        .await;

    let expected = plan_resource_change::Response {
        planned_state: dynamic(&state),
        planned_private: PRIVATE.into(),
        planned_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(planned, expected);
}

#[tokio::test]
async fn an_update_is_planned_and_made_in_place() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let proposed = door(&[("name", "back".into())]);

    let planned = terraform
        .plan(planning(state.clone(), proposed, config("back")))
        .await;
    let planned_state = door(&[("name", "back".into()), ("coats", UNKNOWN.into())]);
    let expected = plan_resource_change::Response {
        planned_state: dynamic(&planned_state),
        planned_private: PRIVATE.into(),
        planned_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(planned, expected);

    let updated = terraform.apply(change(state, planned_state)).await;

    let expected = apply_resource_change::Response {
        new_state: dynamic(&door(&[("name", "back".into()), ("coats", 2.into())])),
        private: PRIVATE.into(),
        new_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(updated, expected);
    assert_eq!(terraform.house.doors(), 1);
}

#[tokio::test]
async fn another_house_is_planned_as_a_replacement() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let elsewhere = json!({ "house": "Oak", "key": "brass" });
    terraform.configure(elsewhere).await;

    let planned = terraform
        .plan(planning(state.clone(), state, config("front")))
        .await;

    let paths: Vec<String> = planned.requires_replace.iter().map(written).collect();
    assert_eq!(paths, ["house"]);
    assert_eq!(json(planned.planned_state.as_ref())["house"], "Oak");
    assert_eq!(planned.planned_private, PRIVATE);
}

/// Terraform plans a replacement twice, and hands the second plan what the first answered.
#[tokio::test]
async fn the_creation_half_of_a_replacement_keeps_the_private_data_too() {
    let terraform = Terraform::configured().await;
    let mut request = planning(Json::Null, config("front"), config("front"));
    request.prior_private = PRIVATE.into();

    let planned = terraform.plan(request).await;

    assert_eq!(planned.planned_private, PRIVATE);
    let created = terraform
        .apply(change(Json::Null, json(planned.planned_state.as_ref())))
        .await;
    assert_eq!(created.private, PRIVATE);
}

#[tokio::test]
async fn a_destruction_is_planned_as_null_and_keeps_the_private_data_until_it_is_made() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let planned = terraform
        .plan(planning(state.clone(), Json::Null, Json::Null))
        .await;
    let expected = plan_resource_change::Response {
        planned_state: dynamic(&Json::Null),
        planned_private: PRIVATE.into(),
        planned_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(planned, expected);

    let deleted = terraform.apply(change(state, Json::Null)).await;

    assert_eq!(json(deleted.new_state.as_ref()), Json::Null);
    assert_eq!(deleted.diagnostics, []);
    assert_eq!(terraform.house.doors(), 0);
}

#[tokio::test]
async fn an_import_answers_the_whole_door() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let imported = terraform.import("door-1").await;

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

#[tokio::test]
async fn a_stored_state_is_made_to_fit_the_schema() {
    let terraform = Terraform::start();
    let mut stored = door(&[]);
    stored.as_object_mut().unwrap().remove("locks");
    stored["handle"] = "left".into();

    let upgraded = terraform.upgrade(&stored).await;

    let expected = upgrade_resource_state::Response {
        upgraded_state: dynamic(&door(&[])),
        ..Default::default()
    };
    assert_eq!(upgraded, expected);
}

#[tokio::test]
async fn a_data_source_answers_with_its_configuration_settled() {
    let terraform = Terraform::configured().await;
    terraform.with_door().await;

    let found = terraform
        .look_up(json!({ "house": null, "name": "front", "id": null }))
        .await;

    let state = json!({ "house": "Elm", "name": "front", "id": "door-1" });
    let expected = read_data_source::Response {
        state: dynamic(&state),
        ..Default::default()
    };
    assert_eq!(found, expected);
}

#[tokio::test]
async fn data_source_may_warn_about_what_it_found() {
    let terraform = Terraform::configured().await;
    let closed = door(&[("id", UNKNOWN.into()), ("open", false.into())]);
    let created = terraform.apply(change(Json::Null, closed)).await;
    assert_eq!(created.diagnostics, []);

    let found = terraform
        .look_up(json!({ "house": null, "name": "front", "id": null }))
        .await;

    assert_eq!(told(&found.diagnostics), ["warning: Closed Door"]);
    assert!(found.state.is_some());
}

#[tokio::test]
async fn a_call_that_takes_its_time_holds_up_no_other() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Late);

    let late = terraform.apply(change(Json::Null, door(&[("id", UNKNOWN.into())])));
    let others = async {
        let elsewhere = json!({ "house": "Oak", "key": "brass" });
        assert_eq!(terraform.configure(elsewhere).await.diagnostics, []);
        let planned = terraform
            .plan(planning(Json::Null, config("back"), config("back")))
            .await;
        assert_eq!(planned.diagnostics, []);
        terraform.house.hurry();
    };
    let both = futures_util::future::join(late, others);
    let (created, ()) = tokio::time::timeout(Duration::from_secs(10), both)
        .await
        .unwrap();

    assert_eq!(json(created.new_state.as_ref()), door(&[]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_of_many_threads_do_not_meet() {
    let terraform = Arc::new(Terraform::configured().await);

    let plans = (0..200).map(|number| {
        let terraform = Arc::clone(&terraform);
        tokio::spawn(async move {
            let name = format!("door {number}");
            let request = planning(Json::Null, config(&name), config(&name));
            (name, terraform.plan(request).await)
        })
    });

    for plan in futures_util::future::join_all(plans).await {
        let (name, plan) = plan.unwrap();
        assert_eq!(json(plan.planned_state.as_ref())["name"], name);
    }
}
