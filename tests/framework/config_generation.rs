//! Configurations that are made of a state.

use realtimekit::proto::tfplugin6::{
    DynamicValue, generate_resource_config, provider_server::Provider,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    terraform::{Terraform, config, door, planning, told},
    wire::{dynamic, json},
};

async fn generate(
    terraform: &Terraform,
    state: Option<DynamicValue>,
) -> generate_resource_config::Response {
    let request = generate_resource_config::Request {
        type_name: "house_door".into(),
        state,
    };
    let answer = terraform
        .server
        .generate_resource_config(Request::new(request))
        .await;
    answer.unwrap().into_inner()
}

#[tokio::test]
async fn only_what_a_practitioner_would_write_is_generated() {
    let terraform = Terraform::configured().await;
    let closed = door(&[("open", false.into()), ("house", "Oak".into())]);
    let locks = [
        json!([{ "cut": "flat", "serial": "#flat" }]),
        json!([{ "cut": "flat", "serial": null }]),
    ];
    let cases = [
        (door(&[]), config("front")),
        (door(&[("locks", locks[0].clone())]), {
            let mut config = config("front");
            config["locks"] = locks[1].clone();
            config
        }),
        (closed, {
            let mut config = config("front");
            config["open"] = false.into();
            config["house"] = "Oak".into();
            config
        }),
    ];
    for (state, config) in cases {
        let generated = generate(&terraform, dynamic(&state)).await;

        let expected = generate_resource_config::Response {
            config: dynamic(&config),
            ..Default::default()
        };
        assert_eq!(generated, expected);
    }
}

#[tokio::test]
async fn a_generated_configuration_plans_to_change_nothing() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    let generated = generate(&terraform, dynamic(&state)).await;
    let config = json(generated.config.as_ref());
    let planned = terraform
        .plan(planning(state.clone(), state.clone(), config))
        .await;

    assert_eq!(planned.diagnostics, []);
    assert_eq!(json(planned.planned_state.as_ref()), state);
}

#[tokio::test]
async fn without_a_provider_block_nothing_follows_it() {
    let generated = generate(&Terraform::start(), dynamic(&door(&[]))).await;

    let mut expected = config("front");
    expected["house"] = "Elm".into();
    assert_eq!(generated.diagnostics, []);
    assert_eq!(json(generated.config.as_ref()), expected);
}

#[tokio::test]
async fn without_a_state_there_is_nothing_to_generate() {
    let terraform = Terraform::configured().await;
    for state in [None, Some(DynamicValue::default()), dynamic(&Json::Null)] {
        let generated = generate(&terraform, state).await;

        let expected = generate_resource_config::Response {
            config: dynamic(&Json::Null),
            ..Default::default()
        };
        assert_eq!(generated, expected);
    }
}

#[tokio::test]
async fn a_state_that_is_none_is_refused() {
    let senseless = DynamicValue {
        msgpack: b"senseless".into(),
        ..Default::default()
    };

    let generated = generate(&Terraform::start(), Some(senseless)).await;

    assert_eq!(
        told(&generated.diagnostics),
        ["error: Unreadable Value from Terraform"]
    );
    assert_eq!(generated.config, None);
}
