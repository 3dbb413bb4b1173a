//! Configurations that are made of a state.

use realtimekit::proto::tfplugin6::{DynamicValue, generate_resource_config};
use serde_json::Value as Json;

use crate::{
    terraform::{DOOR, Terraform, call, config, door, planning},
    wire::{dynamic, json},
};

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
