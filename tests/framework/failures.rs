//! What goes wrong in the house, up to a panic: what is said of it, what the state is afterwards,
//! and that the server goes on.

use realtimekit::proto::tfplugin6::{
    Diagnostic, validate_data_resource_config, validate_provider_config, validate_resource_config,
};
use serde_json::{Value as Json, json};

use crate::{
    fake_provider::Fault,
    terraform::{
        DOOR, PRIVATE, Terraform, assert_contains, call, change, config, door, found_door,
        new_door, only, renamed, told,
    },
    wire::{UNKNOWN, dynamic},
};

#[track_caller]
fn is_a_bug(diagnostics: &[Diagnostic], call: &str) {
    let panicked = format!("panicked while it handled {call}: ");
    let detail = only(diagnostics, "error: Bug in the Provider");
    assert_contains(detail, &[&panicked, "the house is on fire"]);
}

#[tokio::test]
async fn a_change_that_fails_leaves_what_there_is() {
    let half_new = door(&[
        ("id", "door-2".into()),
        ("open", false.into()),
        ("coats", 2.into()),
    ]);
    let half = door(&[
        ("name", "back".into()),
        ("open", false.into()),
        ("coats", 2.into()),
    ]);
    let misspelt = [
        ("id", "door-2".into()),
        ("name", "front?".into()),
        ("coats", 2.into()),
    ];
    let (refused, jammed) = ("error: Refused", "error at open: Jammed");
    let another = "error at name: The API Stored Another Value";
    let cases = [
        (Fault::Refused, Json::Null, new_door(), refused, Json::Null),
        (Fault::Jammed, Json::Null, new_door(), jammed, half_new),
        (
            Fault::Misspelt,
            Json::Null,
            new_door(),
            another,
            door(&misspelt),
        ),
        (Fault::Refused, door(&[]), renamed(), refused, door(&[])),
        (Fault::Jammed, door(&[]), renamed(), jammed, half),
        (Fault::Refused, door(&[]), Json::Null, refused, door(&[])),
    ];
    for (fault, prior, planned, expected, state) in cases {
        let terraform = Terraform::configured().await;
        terraform.with_door().await;
        terraform.house.next(fault);

        let changed = terraform.apply(change(prior.clone(), planned)).await;

        let detail = only(&changed.diagnostics, expected);
        if fault == Fault::Misspelt {
            assert_contains(detail, &["Sent: \"front\"\nReceived: \"front?\""]);
        }
        assert_eq!(changed.new_state, dynamic(&state), "{fault:?} {prior}");
        assert_eq!(changed.private, PRIVATE);
        let made = usize::from(fault != Fault::Refused && prior.is_null());
        assert_eq!(terraform.house.doors(), 1 + made);
    }
}

/// With an error, no new state means: as it was.
#[tokio::test]
async fn a_change_that_panics_is_reported_and_the_prior_state_kept() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    for (prior, planned) in [
        (Json::Null, new_door()),
        (state.clone(), renamed()),
        (state.clone(), Json::Null),
    ] {
        terraform.house.next(Fault::Panic);
        let changed = terraform.apply(change(prior, planned)).await;

        is_a_bug(&changed.diagnostics, "ApplyResourceChange");
        assert_eq!(changed.new_state, None);
    }
    assert_eq!(
        terraform.read(state, None).await.new_state,
        dynamic(&door(&[]))
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_not_gone() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    for fault in [Fault::Refused, Fault::Panic, Fault::None] {
        terraform.house.next(fault);
        let read = terraform.read(state.clone(), None).await.diagnostics;
        terraform.house.next(fault);
        let imported = terraform.import("door-1", None).await.diagnostics;
        terraform.house.next(fault);
        let found = terraform.look_up(Json::Null, "front").await.diagnostics;

        let rpcs = ["ReadResource", "ImportResourceState", "ReadDataSource"];
        for (rpc, found) in rpcs.into_iter().zip([read, imported, found]) {
            match fault {
                Fault::Panic => is_a_bug(&found, rpc),
                Fault::Refused => assert_eq!(told(&found), ["error: Refused"]),
                _ => assert_eq!(found, []),
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_found_is_an_error() {
    let terraform = Terraform::configured().await;

    let imported = terraform.import("door-7", None).await;
    let found = terraform.look_up(Json::Null, "back").await;

    only(&imported.diagnostics, "error: No Such Door");
    assert_eq!(imported.imported_resources, []);
    only(&found.diagnostics, "error at name: No Such Door");
    assert_eq!(found.state, None);
}

/// What is said of a provider block, a resource and a data source.
async fn validated(provider: Json, resource: &Json, data_source: &Json) -> [Vec<Diagnostic>; 3] {
    let server = Terraform::start().server;
    let provider = validate_provider_config::Request {
        config: dynamic(&provider),
    };
    let resource = validate_resource_config::Request {
        type_name: DOOR.into(),
        config: dynamic(resource),
        ..Default::default()
    };
    let data_source = validate_data_resource_config::Request {
        type_name: DOOR.into(),
        config: dynamic(data_source),
    };
    [
        call!(server, validate_provider_config, provider).diagnostics,
        call!(server, validate_resource_config, resource).diagnostics,
        call!(server, validate_data_resource_config, data_source).diagnostics,
    ]
}

#[tokio::test]
async fn a_configuration_is_refused_with_the_path_of_each_mistake() {
    let mut door = config("");
    door["id"] = "door-1".into();
    let block = json!({ "house": "", "key": UNKNOWN });

    let [provider, resource, data_source] =
        validated(block, &door, &found_door("Elm", "Elm", Json::Null)).await;

    let expected = ["error at house: Blank", "warning: Attribute Deprecated"];
    assert_eq!(told(&provider), expected);
    let read_only = "error at id: Invalid Configuration for Read-Only Attribute";
    assert_eq!(told(&resource), [read_only, "error at name: Blank"]);
    only(&data_source, "error at name: Ambiguous");
}

#[tokio::test]
async fn a_validation_that_panics_is_reported() {
    let block = json!({ "house": "fire", "key": null });

    let [provider, resource, data_source] = validated(
        block,
        &config("fire"),
        &found_door("Elm", "fire", Json::Null),
    )
    .await;

    is_a_bug(&provider, "ValidateProviderConfig");
    is_a_bug(&resource, "ValidateResourceConfig");
    is_a_bug(&data_source, "ValidateDataResourceConfig");
}

#[tokio::test]
async fn a_configure_that_panics_is_reported_and_may_be_tried_again() {
    let terraform = Terraform::start();

    let burnt = terraform.configure("Elm", "fire").await;
    let configured = terraform.configure("Elm", "brass").await;

    is_a_bug(&burnt.diagnostics, "ConfigureProvider");
    assert_eq!(configured.diagnostics, []);
    terraform.with_door().await;
}
