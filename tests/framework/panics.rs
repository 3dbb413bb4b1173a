//! A panic in a handler is an answer, and the server goes on.

use realtimekit::proto::tfplugin6::{
    Diagnostic, validate_data_resource_config, validate_provider_config, validate_resource_config,
};
use serde_json::{Value as Json, json};

use crate::{
    fake_provider::Fault,
    terraform::{
        DOOR, Terraform, assert_contains, call, change, config, found_door, new_door, only, renamed,
    },
    wire::dynamic,
};

#[track_caller]
fn is_a_bug(diagnostics: &[Diagnostic], call: &str) {
    let panicked = format!("panicked while it handled {call}: ");
    let detail = only(diagnostics, "error: Bug in the Provider");
    assert_contains(detail, &[&panicked, "the house is on fire"]);
}

/// With an error, no new state means: as it was.
#[tokio::test]
async fn a_panic_in_a_change_is_reported_and_the_prior_state_kept() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let changes = [
        change(Json::Null, new_door()),
        change(state.clone(), renamed()),
        change(state.clone(), Json::Null),
    ];

    for change in changes {
        terraform.house.next(Fault::Panic);
        let answer = terraform.apply(change).await;

        is_a_bug(&answer.diagnostics, "ApplyResourceChange");
        assert_eq!(answer.new_state, None);
    }
    assert_eq!(terraform.read(state, None).await.diagnostics, []);
}

#[tokio::test]
async fn a_panic_in_a_look_is_reported() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    for fault in [Fault::Panic, Fault::None] {
        let next = || terraform.house.next(fault);
        next();
        let read = terraform.read(state.clone(), None).await.diagnostics;
        next();
        let imported = terraform.import("door-1", None).await.diagnostics;
        next();
        let found = terraform.look_up(Json::Null, "front").await.diagnostics;

        if fault == Fault::Panic {
            is_a_bug(&read, "ReadResource");
            is_a_bug(&imported, "ImportResourceState");
            is_a_bug(&found, "ReadDataSource");
        } else {
            assert_eq!([read, imported, found], [const { Vec::new() }; 3]);
        }
    }
}

#[tokio::test]
async fn a_panic_in_configure_is_reported_and_it_may_be_tried_again() {
    let terraform = Terraform::start();

    let burnt = terraform.configure("Elm", "fire").await;
    let configured = terraform.configure("Elm", "brass").await;

    is_a_bug(&burnt.diagnostics, "ConfigureProvider");
    assert_eq!(configured.diagnostics, []);
    terraform.with_door().await;
}

#[tokio::test]
async fn a_panic_in_a_validation_is_reported() {
    let server = Terraform::start().server;
    let provider = validate_provider_config::Request {
        config: dynamic(&json!({ "house": "fire", "key": null })),
    };
    let resource = validate_resource_config::Request {
        type_name: DOOR.into(),
        config: dynamic(&config("fire")),
        ..Default::default()
    };
    let data_source = validate_data_resource_config::Request {
        type_name: DOOR.into(),
        config: dynamic(&found_door(Json::Null, "fire", Json::Null)),
    };

    let provider = call!(server, validate_provider_config, provider);
    let resource = call!(server, validate_resource_config, resource);
    let data_source = call!(server, validate_data_resource_config, data_source);

    is_a_bug(&provider.diagnostics, "ValidateProviderConfig");
    is_a_bug(&resource.diagnostics, "ValidateResourceConfig");
    is_a_bug(&data_source.diagnostics, "ValidateDataResourceConfig");
}
