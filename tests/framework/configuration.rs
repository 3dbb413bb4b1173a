//! A provider that is not configured, or not yet.

use realtimekit::proto::tfplugin6::{provider_server::Provider, validate_provider_config};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    terraform::{Terraform, change, config, door, planning, told},
    wire::{UNKNOWN, dynamic, json},
};

/// What each call answers that needs the house itself.
async fn answers_that_need_the_house(terraform: &Terraform) -> Vec<Vec<String>> {
    let query = json!({ "house": "Elm", "name": "front", "id": null });
    vec![
        told(
            &terraform
                .apply(change(Json::Null, door(&[])))
                .await
                .diagnostics,
        ),
        told(
            &terraform
                .apply(change(door(&[]), door(&[("name", "back".into())])))
                .await
                .diagnostics,
        ),
        told(
            &terraform
                .apply(change(door(&[]), Json::Null))
                .await
                .diagnostics,
        ),
        told(&terraform.read(door(&[])).await.diagnostics),
        told(&terraform.import("door-1").await.diagnostics),
        told(&terraform.look_up(query).await.diagnostics),
    ]
}

#[tokio::test]
async fn without_a_configuration_nothing_is_done_and_each_call_says_why() {
    let terraform = Terraform::start();

    let planned = terraform
        .plan(planning(Json::Null, config("front"), config("front")))
        .await;
    let mut answers = answers_that_need_the_house(&terraform).await;
    answers.push(told(&planned.diagnostics));

    for answer in answers {
        assert_eq!(answer, ["error: Provider Not Configured"]);
    }
    assert_eq!(terraform.house.doors(), 0);
}

#[tokio::test]
async fn without_a_client_each_call_that_needs_one_says_what_configure_found() {
    let terraform = Terraform::start();
    let configured = terraform
        .configure(json!({ "house": "Elm", "key": UNKNOWN }))
        .await;
    assert_eq!(configured.diagnostics, []);

    for answer in answers_that_need_the_house(&terraform).await {
        assert_eq!(answer, ["error at key: Unknown Key"]);
    }
    assert_eq!(terraform.house.doors(), 0);
}

#[tokio::test]
async fn without_a_client_there_are_plans() {
    let terraform = Terraform::start();
    terraform
        .configure(json!({ "house": UNKNOWN, "key": UNKNOWN }))
        .await;

    let create = terraform
        .plan(planning(Json::Null, config("front"), config("front")))
        .await;
    let destroy = terraform
        .plan(planning(door(&[]), Json::Null, Json::Null))
        .await;

    assert_eq!(create.diagnostics, []);
    let open = ["id", "house", "coats"].map(|name| (name, UNKNOWN.into()));
    assert_eq!(json(create.planned_state.as_ref()), door(&open));
    assert_eq!(destroy.diagnostics, []);
}

#[tokio::test]
async fn a_data_source_does_not_wait_for_an_unknown_setting() {
    let terraform = Terraform::start();
    terraform
        .configure(json!({ "house": UNKNOWN, "key": "brass" }))
        .await;

    let found = terraform
        .look_up(json!({ "house": null, "name": "front", "id": null }))
        .await;

    let expected = "error at house: Provider Configuration Not Known Yet";
    assert_eq!(told(&found.diagnostics), [expected]);
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused_when_it_is_made() {
    for (key, expected) in [
        (json!("wrong"), "error at key: Wrong Key"),
        (Json::Null, "error at key: Missing Key"),
    ] {
        let terraform = Terraform::start();

        let configured = terraform
            .configure(json!({ "house": "Elm", "key": key }))
            .await;

        assert_eq!(told(&configured.diagnostics), [expected]);
    }
}

#[tokio::test]
async fn the_last_configuration_counts() {
    let terraform = Terraform::configured().await;
    terraform
        .configure(json!({ "house": "Oak", "key": "brass" }))
        .await;

    let planned = terraform
        .plan(planning(Json::Null, config("front"), config("front")))
        .await;

    assert_eq!(json(planned.planned_state.as_ref())["house"], "Oak");
}

#[tokio::test]
async fn the_provider_block_is_validated_before_it_is_used() {
    let terraform = Terraform::start();
    let request = validate_provider_config::Request {
        config: dynamic(&json!({ "house": "", "key": UNKNOWN })),
    };

    let answer = terraform
        .server
        .validate_provider_config(Request::new(request))
        .await
        .unwrap();

    assert_eq!(
        told(&answer.into_inner().diagnostics),
        ["error at house: Blank"]
    );
}

#[tokio::test]
async fn an_interruption_is_acknowledged_and_work_goes_on() {
    let terraform = Terraform::configured().await;

    let stopped = terraform
        .server
        .stop_provider(Request::new(Default::default()))
        .await
        .unwrap();

    assert_eq!(stopped.into_inner().error, "");
    terraform.with_door().await;
}
