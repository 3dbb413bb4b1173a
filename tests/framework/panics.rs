//! A panic in a handler is an answer, and the server goes on.

use realtimekit::proto::tfplugin6::{
    Diagnostic, provider_server::Provider, validate_data_resource_config, validate_provider_config,
    validate_resource_config,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    fake_provider::Fault,
    terraform::{Terraform, change, config, door, told},
    wire::{UNKNOWN, dynamic},
};

#[track_caller]
fn is_a_bug(diagnostics: &[Diagnostic], call: &str) {
    assert_eq!(told(diagnostics), ["error: Bug in the Provider"]);
    let detail = &diagnostics[0].detail;
    assert!(
        detail.contains(&format!("panicked while it handled {call}")),
        "{detail}"
    );
    assert!(detail.contains("the house is on fire"), "{detail}");
}

#[tokio::test]
async fn a_panic_in_a_change_is_reported_and_the_prior_state_kept() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let new = door(&[("id", UNKNOWN.into()), ("coats", UNKNOWN.into())]);
    let changes = [
        change(Json::Null, new),
        change(state.clone(), door(&[("name", "back".into())])),
        change(state.clone(), Json::Null),
    ];

    for change in changes {
        terraform.house.next(Fault::Panic);
        let answer = terraform.apply(change).await;

        is_a_bug(&answer.diagnostics, "ApplyResourceChange");
        // With an error, no new state means: as it was.
        assert_eq!(answer.new_state, None);
    }
    assert_eq!(terraform.read(state).await.diagnostics, []);
}

#[tokio::test]
async fn a_panic_in_a_look_is_reported() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let query = json!({ "house": null, "name": "front", "id": null });

    terraform.house.next(Fault::Panic);
    is_a_bug(
        &terraform.read(state.clone()).await.diagnostics,
        "ReadResource",
    );
    terraform.house.next(Fault::Panic);
    is_a_bug(
        &terraform.import("door-1").await.diagnostics,
        "ImportResourceState",
    );
    terraform.house.next(Fault::Panic);
    is_a_bug(
        &terraform.look_up(query.clone()).await.diagnostics,
        "ReadDataSource",
    );

    assert_eq!(terraform.read(state).await.diagnostics, []);
    assert_eq!(terraform.import("door-1").await.diagnostics, []);
    assert_eq!(terraform.look_up(query).await.diagnostics, []);
}

#[tokio::test]
async fn a_panic_in_configure_is_reported_and_it_may_be_tried_again() {
    let terraform = Terraform::start();

    let burnt = terraform
        .configure(json!({ "house": "Elm", "key": "fire" }))
        .await;
    is_a_bug(&burnt.diagnostics, "ConfigureProvider");

    let configured = terraform
        .configure(json!({ "house": "Elm", "key": "brass" }))
        .await;
    assert_eq!(configured.diagnostics, []);
    terraform.with_door().await;
}

#[tokio::test]
async fn a_panic_in_a_validation_is_reported() {
    let terraform = Terraform::start();
    let server = &terraform.server;

    let request = validate_provider_config::Request {
        config: dynamic(&json!({ "house": "fire", "key": null })),
    };
    let answer = server
        .validate_provider_config(Request::new(request))
        .await
        .unwrap();
    is_a_bug(&answer.into_inner().diagnostics, "ValidateProviderConfig");

    let request = validate_resource_config::Request {
        type_name: "house_door".into(),
        config: dynamic(&config("fire")),
        ..Default::default()
    };
    let answer = server
        .validate_resource_config(Request::new(request))
        .await
        .unwrap();
    is_a_bug(&answer.into_inner().diagnostics, "ValidateResourceConfig");

    let request = validate_data_resource_config::Request {
        type_name: "house_door".into(),
        config: dynamic(&json!({ "house": null, "name": "fire", "id": null })),
    };
    let answer = server
        .validate_data_resource_config(Request::new(request))
        .await
        .unwrap();
    is_a_bug(
        &answer.into_inner().diagnostics,
        "ValidateDataResourceConfig",
    );
}
