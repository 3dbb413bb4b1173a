//! Configurations that are made of a state.

use realtimekit::proto::tfplugin6::{DynamicValue, generate_resource_config};
use serde_json::{Value as Json, json};

use crate::{
    terraform::{DOOR, Terraform, call, config, door, only, planning, senseless},
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

/// The configuration of the front door with some attributes as given.
fn config_with(attributes: &[(&str, Json)]) -> Json {
    let mut config = config("front");
    for (name, value) in attributes {
        config[*name] = value.clone();
    }
    config
}

#[tokio::test]
async fn only_what_a_practitioner_would_write_is_generated() {
    let (configured, unconfigured) = (Terraform::configured().await, Terraform::start());
    let lock = |serial: Json| ("locks", json!([{ "cut": "flat", "serial": serial }]));
    let closed = [("open", false.into()), ("house", "Oak".into())];
    let elm = [("house", "Elm".into())];
    let cases = [
        (&configured, dynamic(&door(&[])), config("front")),
        (
            &configured,
            dynamic(&door(&[lock("#flat".into())])),
            config_with(&[lock(Json::Null)]),
        ),
        (&configured, dynamic(&door(&closed)), config_with(&closed)),
        (&unconfigured, dynamic(&door(&[])), config_with(&elm)),
        (&configured, dynamic(&Json::Null), Json::Null),
        (&configured, None, Json::Null),
        (&configured, Some(DynamicValue::default()), Json::Null),
    ];
    for (terraform, state, config) in cases {
        let generated = generate(terraform, state).await;

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
    let planned = planning(state.clone(), state.clone(), config);
    let planned = terraform.plan(planned).await;

    assert_eq!(planned.diagnostics, []);
    assert_eq!(json(planned.planned_state.as_ref()), state);
}

#[tokio::test]
async fn a_state_that_is_none_is_refused() {
    let generated = generate(&Terraform::start(), senseless()).await;

    only(
        &generated.diagnostics,
        "error: Unreadable Value from Terraform",
    );
    assert_eq!(generated.config, None);
}
