//! What goes well: each answer, field for field.

use std::time::Duration;

use realtimekit::proto::tfplugin6::{
    DynamicValue, apply_resource_change, generate_resource_config, plan_resource_change,
    read_data_source, read_resource,
};
use serde_json::Value as Json;

use crate::{
    fake_provider::Fault,
    terraform::{
        DOOR, PRIVATE, Terraform, call, change, config, door, found_door, identity, new_door, only,
        planning, renamed, written,
    },
    wire::{UNKNOWN, dynamic, json},
};

/// A plan of a door that exists.
fn planned(state: &Json) -> plan_resource_change::Response {
    plan_resource_change::Response {
        planned_state: dynamic(state),
        planned_private: PRIVATE.into(),
        planned_identity: identity("door-1"),
        ..Default::default()
    }
}

/// The door after a change.
fn changed(state: &Json) -> apply_resource_change::Response {
    apply_resource_change::Response {
        new_state: dynamic(state),
        private: PRIVATE.into(),
        new_identity: identity("door-1"),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_creation_is_planned_and_stores_what_was_made_and_the_private_data() {
    let terraform = Terraform::configured().await;

    let plan = terraform.plan_new("front").await;

    let expected = plan_resource_change::Response {
        planned_state: dynamic(&new_door()),
        ..Default::default()
    };
    assert_eq!(plan, expected);

    let created = terraform.apply(change(Json::Null, new_door())).await;

    assert_eq!(created, changed(&door(&[])));
    assert_eq!(terraform.house.doors(), 1);
}

#[tokio::test]
async fn a_door_is_read_as_it_is_with_its_private_data_and_as_null_when_it_is_gone() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let read = terraform
        .read(door(&[("name", "what it was".into())]), None)
        .await;

    let expected = read_resource::Response {
        new_state: dynamic(&state),
        private: PRIVATE.into(),
        new_identity: identity("door-1"),
        ..Default::default()
    };
    assert_eq!(read, expected);

    terraform.house.rooms().doors.clear(); // behind Terraform's back
    let read = terraform.read(state, None).await;

    assert_eq!(json(read.new_state.as_ref()), Json::Null);
    assert_eq!(read.diagnostics, []);
}

#[tokio::test]
async fn an_update_is_planned_and_made_in_place() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let proposed = door(&[("name", "back".into())]);

    let unchanged = planning(state.clone(), state.clone(), config("front"));
    assert_eq!(terraform.plan(unchanged).await, planned(&state));
    let plan = planning(state.clone(), proposed, config("back"));
    assert_eq!(terraform.plan(plan).await, planned(&renamed()));
    let updated = terraform.apply(change(state, renamed())).await;

    let expected = door(&[("name", "back".into()), ("coats", 2.into())]);
    assert_eq!(updated, changed(&expected));
    assert_eq!(terraform.house.doors(), 1);
}

/// Terraform plans a replacement twice, and hands the second plan what the first answered.
#[tokio::test]
async fn another_house_is_planned_as_a_replacement_with_identity_and_private_data() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    terraform.configure("Oak", "brass").await;

    let mut first = planning(state.clone(), state, config("front"));
    first.prior_identity = identity("door-1");
    let first = terraform.plan(first).await;
    let mut second = planning(Json::Null, config("front"), config("front"));
    second.prior_identity = first.planned_identity.clone();
    second.prior_private = first.planned_private.clone();
    let second = terraform.plan(second).await;

    let paths: Vec<String> = first.requires_replace.iter().map(written).collect();
    assert_eq!(paths, ["house"]);
    assert_eq!(first.planned_identity, identity("door-1"));
    assert_eq!(
        (&second.planned_identity, second.diagnostics.as_slice()),
        (&None, [].as_slice())
    );
    for planned in [first, second] {
        assert_eq!(json(planned.planned_state.as_ref())["house"], "Oak");
        assert_eq!(planned.planned_private, PRIVATE);
    }
}

#[tokio::test]
async fn a_destruction_is_planned_as_null_and_keeps_the_private_data_until_it_is_made() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let plan = terraform
        .plan(planning(state.clone(), Json::Null, Json::Null))
        .await;
    let deleted = terraform.apply(change(state, Json::Null)).await;

    assert_eq!(plan, planned(&Json::Null));
    assert_eq!(json(deleted.new_state.as_ref()), Json::Null);
    assert_eq!(deleted.diagnostics, []);
    assert_eq!(terraform.house.doors(), 0);
}

#[tokio::test]
async fn a_data_source_answers_with_its_configuration_settled_and_may_warn() {
    let terraform = Terraform::configured().await;
    terraform.with_door().await;

    let found = terraform.look_up(Json::Null, "front").await;

    let expected = read_data_source::Response {
        state: dynamic(&found_door("Elm", "front", "door-1")),
        ..Default::default()
    };
    assert_eq!(found, expected);

    let closed = door(&[
        ("id", UNKNOWN.into()),
        ("name", "back".into()),
        ("open", false.into()),
    ]);
    terraform.apply(change(Json::Null, closed)).await;
    let found = terraform.look_up(Json::Null, "back").await;

    only(&found.diagnostics, "warning: Closed Door");
    assert!(found.state.is_some());
}

#[tokio::test]
async fn a_call_that_takes_its_time_holds_up_no_other() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Late);

    let late = terraform.apply(change(Json::Null, door(&[("id", UNKNOWN.into())])));
    let others = async {
        assert_eq!(terraform.configure("Oak", "brass").await.diagnostics, []);
        assert_eq!(terraform.plan_new("back").await.diagnostics, []);
        terraform.house.hurry();
    };
    let both = futures_util::future::join(late, others);
    let both = tokio::time::timeout(Duration::from_secs(10), both).await;

    let (created, ()) = both.unwrap();
    assert_eq!(json(created.new_state.as_ref()), door(&[]));
}

async fn generate(
    terraform: &Terraform,
    state: Option<DynamicValue>,
) -> generate_resource_config::Response {
    let type_name = DOOR.into();
    let request = generate_resource_config::Request { type_name, state };
    call!(terraform.server, generate_resource_config, request)
}

/// Also without a state or without a configured provider, where nothing follows the provider block.
#[tokio::test]
async fn only_what_a_practitioner_would_write_is_generated() {
    let (configured, unconfigured) = (Terraform::configured().await, Terraform::start());
    let mut elm = config("front");
    elm["house"] = "Elm".into();
    let cases = [
        (&configured, dynamic(&door(&[])), config("front")),
        (&unconfigured, dynamic(&door(&[])), elm),
        (&configured, dynamic(&Json::Null), Json::Null),
        (&configured, None, Json::Null),
        (&configured, Some(DynamicValue::default()), Json::Null),
    ];
    for (terraform, state, config) in cases {
        let expected = generate_resource_config::Response {
            config: dynamic(&config),
            ..Default::default()
        };
        assert_eq!(generate(terraform, state).await, expected);
    }
}

#[tokio::test]
async fn a_generated_configuration_plans_to_change_nothing() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let generated = generate(&terraform, dynamic(&state)).await;
    let config = json(generated.config.as_ref());
    let planned = planning(state.clone(), state.clone(), config);
    let planned = terraform.plan(planned).await;

    assert_eq!(planned.diagnostics, []);
    assert_eq!(json(planned.planned_state.as_ref()), state);
}
