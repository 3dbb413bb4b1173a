//! Requests that make no sense: every one is answered with a diagnostic.

use futures_util::StreamExt;
use proptest::prelude::*;
use realtimekit::proto::tfplugin6::{
    Diagnostic, DynamicValue, ResourceIdentityData, apply_resource_change, configure_provider,
    generate_resource_config, import_resource_state, list_resource, plan_resource_change,
    read_data_source, read_resource, upgrade_resource_identity, upgrade_resource_state,
    validate_action_config, validate_data_resource_config, validate_list_resource_config,
    validate_provider_config, validate_resource_config,
};
use serde_json::Value as Json;

use crate::{
    terraform::{
        DOOR, Terraform, assert_contains, call, change, config, door, only, planning, raw, told,
    },
    wire::{UNKNOWN, dynamic},
};

const UNREADABLE: &str = "error: Unreadable Value from Terraform";

/// The answers to a call of every kind, with a value in each place where Terraform puts one.
/// Places that the server has no use for are left out.
async fn answers_to(
    Terraform { server, .. }: &Terraform,
    value: &DynamicValue,
) -> Vec<(&'static str, Vec<Diagnostic>)> {
    let type_name = || DOOR.to_owned();
    let value = || Some(value.clone());
    let identity = || {
        let identity_data = value();
        Some(ResourceIdentityData { identity_data })
    };
    let plan = || planning(door(&[]), door(&[]), config("front"));
    let apply = || change(door(&[]), door(&[]));
    let mut answers = Vec::new();
    macro_rules! put {
        ($($place:literal in $rpc:ident: $field:ident = $value:expr, $rest:expr;)+) => {
            $(
                #[allow(clippy::needless_update, reason = "some requests have no other field")]
                let request = $rpc::Request { $field: $value, ..$rest };
                answers.push(($place, call!(server, $rpc, request).diagnostics));
            )+
        };
    }
    macro_rules! of_type {
        ($rpc:ident) => {
            $rpc::Request {
                type_name: type_name(),
                ..Default::default()
            }
        };
    }
    put! {
        "provider to validate" in validate_provider_config: config = value(), Default::default();
        "provider" in configure_provider: config = value(), Default::default();
        "resource to validate" in validate_resource_config: config = value(), of_type!(validate_resource_config);
        "data source to validate" in validate_data_resource_config: config = value(), of_type!(validate_data_resource_config);
        "list to validate" in validate_list_resource_config: config = value(), of_type!(validate_list_resource_config);
        "state to read" in read_resource: current_state = value(), of_type!(read_resource);
        "identity to read" in read_resource: current_identity = identity(), of_type!(read_resource);
        "data source" in read_data_source: config = value(), of_type!(read_data_source);
        "prior state" in plan_resource_change: prior_state = value(), plan();
        "proposed state" in plan_resource_change: proposed_new_state = value(), plan();
        "configuration" in plan_resource_change: config = value(), plan();
        "prior identity" in plan_resource_change: prior_identity = identity(), plan();
        "prior state of a change" in apply_resource_change: prior_state = value(), apply();
        "planned state of a change" in apply_resource_change: planned_state = value(), apply();
        "planned identity of a change" in apply_resource_change: planned_identity = identity(), apply();
        "identity to import" in import_resource_state: identity = identity(), of_type!(import_resource_state);
        "state to generate of" in generate_resource_config: state = value(), of_type!(generate_resource_config);
    }
    let request = list_resource::Request {
        config: value(),
        limit: 100,
        ..of_type!(list_resource)
    };
    let events = call!(server, list_resource, request);
    let said = events.map(|event| event.expect("an event, not a status").diagnostic);
    answers.push(("list", said.concat().await));
    answers
}

#[track_caller]
fn each_is_refused(answers: Vec<(&'static str, Vec<Diagnostic>)>) {
    for (place, diagnostics) in answers {
        assert_eq!(told(&diagnostics), [UNREADABLE], "{place}");
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

#[tokio::test]
async fn stored_state_that_its_resource_cannot_hold_is_no_bug_of_the_provider() {
    let terraform = Terraform::configured().await;
    for (name, nothing) in [
        ("id", UNKNOWN.into()),
        ("name", UNKNOWN.into()),
        ("name", Json::Null),
    ] {
        let state = door(&[(name, nothing)]);

        let read = terraform.read(state.clone(), None).await.diagnostics;
        let applied = terraform.apply(change(state, door(&[]))).await.diagnostics;

        for diagnostics in [read, applied] {
            let detail = only(&diagnostics, "error: Unreadable State");
            let place = format!("expected a string, at {name}");
            assert_contains(detail, &[&place, "terraform state rm"]);
        }
    }
}

#[tokio::test]
async fn what_a_configuration_decides_has_a_value_when_it_is_applied() {
    let terraform = Terraform::configured().await;
    for nothing in [UNKNOWN.into(), Json::Null] {
        let applied = change(door(&[]), door(&[("name", nothing)]));
        only(&terraform.apply(applied).await.diagnostics, UNREADABLE);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_in_place_of_a_value_are_refused(
        bytes in prop::collection::vec(any::<u8>(), 1..40),
        json: bool,
    ) {
        // A null alone is a value, in both formats.
        prop_assume!(bytes != [0xc0] && bytes != b"null");
        let value = if json {
            DynamicValue { json: bytes, ..Default::default() }
        } else {
            DynamicValue { msgpack: bytes, ..Default::default() }
        };

        block_on(async {
            let terraform = Terraform::configured().await;
            each_is_refused(answers_to(&terraform, &value).await);
        });
    }

    #[test]
    fn a_door_with_a_byte_changed_is_answered(position: prop::sample::Index, byte: u8) {
        let mut value = dynamic(&door(&[])).unwrap();
        let position = position.index(value.msgpack.len());
        value.msgpack[position] = byte;

        // Some of these still are doors; none of them may be met by a panic or a status.
        block_on(async {
            let terraform = Terraform::configured().await;
            for (place, diagnostics) in answers_to(&terraform, &value).await {
                let told = told(&diagnostics);
                prop_assert!(!told.iter().any(|told| told.contains("Bug")), "{}: {:?}", place, told);
            }
            Ok(())
        })?;
    }

    #[test]
    fn random_bytes_in_place_of_what_was_stored_are_refused(json in prop::collection::vec(any::<u8>(), 1..40)) {
        prop_assume!(json != b"null");
        let state = upgrade_resource_state::Request {
            type_name: DOOR.into(),
            version: 0,
            raw_state: raw(json.clone()),
        };
        let identity = upgrade_resource_identity::Request {
            type_name: DOOR.into(),
            version: 0,
            raw_identity: raw(json),
        };
        block_on(async {
            let server = Terraform::start().server;
            let state = call!(server, upgrade_resource_state, state);
            let identity = call!(server, upgrade_resource_identity, identity);

            only(&state.diagnostics, "error: Unreadable State");
            assert_eq!(state.upgraded_state, None);
            only(&identity.diagnostics, "error: Unreadable Identity");
            assert_eq!(identity.upgraded_identity, None);
        });
    }
}

#[tokio::test]
async fn a_configuration_that_is_missing_is_refused() {
    let terraform = Terraform::configured().await;
    let null = dynamic(&Json::Null).unwrap();

    let answers = answers_to(&terraform, &null).await.into_iter();

    let needed = |place: &str| {
        place.contains("validate")
            || ["provider", "data source", "configuration", "list"].contains(&place)
    };
    each_is_refused(answers.filter(|(place, _)| needed(place)).collect());
}

#[tokio::test]
async fn a_type_that_there_is_not_is_named() {
    let server = Terraform::configured().await.server;
    macro_rules! refuse {
        ($what:literal: $($rpc:ident),+) => {
            $(
                let request = $rpc::Request {
                    type_name: "house_window".into(),
                    ..Default::default()
                };
                let answer = call!(server, $rpc, request);
                let detail = only(&answer.diagnostics, concat!("error: Unsupported ", $what));
                assert_contains(detail, &["house_window"]);
            )+
        };
    }
    refuse!(
        "resource": validate_resource_config, upgrade_resource_state, read_resource,
        plan_resource_change, apply_resource_change, import_resource_state,
        upgrade_resource_identity, generate_resource_config
    );
    refuse!("data source": validate_data_resource_config, read_data_source);
    refuse!("list resource": validate_list_resource_config);
    refuse!("action": validate_action_config);
}
