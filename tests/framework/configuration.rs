//! A provider that is not configured, or not yet.

use realtimekit::proto::tfplugin6::{stop_provider, validate_provider_config};
use serde_json::{Value as Json, json};

use crate::{
    terraform::{Terraform, call, change, door, only, planning, told},
    wire::{UNKNOWN, dynamic, json},
};

/// What each call answers that needs the house itself.
async fn answers_that_need_the_house(terraform: &Terraform) -> Vec<Vec<String>> {
    let renamed = door(&[("name", "back".into())]);
    let answers = [
        terraform
            .apply(change(Json::Null, door(&[])))
            .await
            .diagnostics,
        terraform
            .apply(change(door(&[]), renamed))
            .await
            .diagnostics,
        terraform
            .apply(change(door(&[]), Json::Null))
            .await
            .diagnostics,
        terraform.read(door(&[]), None).await.diagnostics,
        terraform.import("door-1", None).await.diagnostics,
        terraform.look_up("Elm", "front").await.diagnostics,
    ];
    answers.iter().map(|answer| told(answer)).collect()
}

#[tokio::test]
async fn without_a_client_nothing_is_done_and_each_call_says_why() {
    let unconfigured = Terraform::start();
    let cases = [
        (&unconfigured, "error: Provider Not Configured"),
        (
            &Terraform::with("Elm", UNKNOWN).await,
            "error at key: Unknown Key",
        ),
    ];
    for (terraform, expected) in cases {
        for answer in answers_that_need_the_house(terraform).await {
            assert_eq!(answer, [expected]);
        }
        assert_eq!(terraform.house.doors(), 0);
    }
    let planned = unconfigured.plan_new("front").await;
    only(&planned.diagnostics, "error: Provider Not Configured");
}

#[tokio::test]
async fn without_a_client_there_are_plans() {
    let terraform = Terraform::with(UNKNOWN, UNKNOWN).await;

    let create = terraform.plan_new("front").await;
    let destroy = terraform
        .plan(planning(door(&[]), Json::Null, Json::Null))
        .await;

    assert_eq!(create.diagnostics, []);
    let open = ["id", "house", "coats"].map(|name| (name, UNKNOWN.into()));
    assert_eq!(json(create.planned_state.as_ref()), door(&open));
    assert_eq!(destroy.diagnostics, []);
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused_when_it_is_made() {
    for (key, expected) in [
        (json!("wrong"), "error at key: Wrong Key"),
        (Json::Null, "error at key: Missing Key"),
    ] {
        only(
            &Terraform::start().configure("Elm", key).await.diagnostics,
            expected,
        );
    }
}

#[tokio::test]
async fn the_provider_block_is_validated_before_it_is_used() {
    let request = validate_provider_config::Request {
        config: dynamic(&json!({ "house": "", "key": UNKNOWN })),
    };

    let answer = call!(Terraform::start().server, validate_provider_config, request);

    let expected = ["error at house: Blank", "warning: Attribute Deprecated"];
    assert_eq!(told(&answer.diagnostics), expected);
}

#[tokio::test]
async fn an_interruption_is_acknowledged_and_work_goes_on() {
    let terraform = Terraform::configured().await;

    let stopped = call!(terraform.server, stop_provider, stop_provider::Request {});

    assert_eq!(stopped.error, "");
    terraform.with_door().await;
}
