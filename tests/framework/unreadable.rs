//! Requests that make no sense: every one is answered with a diagnostic.

use futures_util::StreamExt;
use proptest::prelude::*;
use realtimekit::proto::tfplugin6::{Diagnostic, DynamicValue, ResourceIdentityData};
use serde_json::Value as Json;

use crate::{
    calls::{
        Calls, call, only, raw, told,
        wire::{UNKNOWN, dynamic},
    },
    terraform::{DOOR, apply, assert_contains, config, configured, door, start, stored},
};

const UNREADABLE: &str = "error: Unreadable Value from Terraform";

/// The answers to a call of every kind, with a value in each place where Terraform puts one.
/// Places that the server has no use for are left out.
async fn answers_to(
    terraform: &Calls,
    value: &DynamicValue,
) -> Vec<(&'static str, Vec<Diagnostic>)> {
    let value = || Some(value.clone());
    let identity = || {
        let identity_data = value();
        Some(ResourceIdentityData { identity_data })
    };
    let (fine, written) = (|| dynamic(&door(&[])), || dynamic(&config("front")));
    let mut answers = Vec::new();
    macro_rules! put {
        ($($place:literal in $rpc:ident { $($field:ident: $value:expr),+ };)+) => {
            $(
                let answer = call!(terraform.$rpc {
                    type_name: DOOR.into(),
                    $($field: $value),+
                });
                answers.push(($place, answer.diagnostics));
            )+
        };
    }
    let validated = call!(terraform.validate_provider_config { config: value() });
    answers.push(("provider to validate", validated.diagnostics));
    let configured = call!(terraform.configure_provider { config: value() });
    answers.push(("provider", configured.diagnostics));
    put! {
        "resource to validate" in validate_resource_config { config: value() };
        "data source to validate" in validate_data_resource_config { config: value() };
        "list to validate" in validate_list_resource_config { config: value() };
        "state to read" in read_resource { current_state: value() };
        "identity to read" in read_resource { current_identity: identity() };
        "data source" in read_data_source { config: value() };
        "prior state" in plan_resource_change {
            prior_state: value(), proposed_new_state: fine(), config: written()
        };
        "proposed state" in plan_resource_change {
            prior_state: fine(), proposed_new_state: value(), config: written()
        };
        "configuration" in plan_resource_change {
            prior_state: fine(), proposed_new_state: fine(), config: value()
        };
        "prior identity" in plan_resource_change {
            prior_state: fine(), proposed_new_state: fine(), config: written(),
            prior_identity: identity()
        };
        "prior state of a change" in apply_resource_change {
            prior_state: value(), planned_state: fine(), config: written()
        };
        "planned state of a change" in apply_resource_change {
            prior_state: fine(), planned_state: value(), config: written()
        };
        "planned identity of a change" in apply_resource_change {
            prior_state: fine(), planned_state: fine(), config: written(),
            planned_identity: identity()
        };
        "identity to import" in import_resource_state { identity: identity() };
        "state to generate of" in generate_resource_config { state: value() };
    }
    let events = call!(terraform.list_resource {
        type_name: DOOR.into(),
        config: value(),
        limit: 100,
    });
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
    let (terraform, _) = configured().await;
    for (name, nothing) in [
        ("id", UNKNOWN.into()),
        ("name", UNKNOWN.into()),
        ("name", Json::Null),
    ] {
        let mut unreadable = stored(&[]);
        unreadable.state[name] = nothing;

        let read = terraform.read(&unreadable).await;
        let applied = apply(&terraform, &unreadable, &stored(&[])).await;

        for answer in [read, applied] {
            // An ID that is not known is another identity, too.
            let is_other = |it: &String| name != "id" || it != "error: Unexpected Identity Change";
            let told = told(&answer.diagnostics);
            let others: Vec<_> = told.into_iter().filter(is_other).collect();
            assert_eq!(others, ["error: Unreadable State"]);
            let detail = &answer.diagnostics[0].detail;
            let place = format!("expected a string, at {name}");
            assert_contains(detail, &[&place, "terraform state rm"]);
        }
    }
}

#[tokio::test]
async fn what_a_configuration_decides_has_a_value_when_it_is_applied() {
    let (terraform, _) = configured().await;
    for nothing in [UNKNOWN.into(), Json::Null] {
        let planned = stored(&[("name", nothing)]);
        let applied = apply(&terraform, &stored(&[]), &planned).await;
        only(&applied.diagnostics, UNREADABLE);
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
            let (terraform, _) = configured().await;
            each_is_refused(answers_to(&terraform, &value).await);
        });
    }

    #[test]
    fn door_with_a_byte_changed_is_answered(position: prop::sample::Index, byte: u8) {
        let mut value = dynamic(&door(&[])).unwrap();
        let position = position.index(value.msgpack.len());
        value.msgpack[position] = byte;

        // Some of these still are doors; none of them may be met by a panic or a status.
        block_on(async {
            let (terraform, _) = configured().await;
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
        block_on(async {
            let ((terraform, _), type_name) = (start(), || DOOR.into());
            let raw_state = raw(json.clone());
            let state = call!(terraform.upgrade_resource_state { type_name: type_name(), raw_state });
            let raw_identity = raw(json);
            let identity = call!(terraform.upgrade_resource_identity {
                type_name: type_name(), raw_identity
            });

            only(&state.diagnostics, "error: Unreadable State");
            assert_eq!(state.upgraded_state, None);
            only(&identity.diagnostics, "error: Unreadable Identity");
            assert_eq!(identity.upgraded_identity, None);
        });
    }
}

#[tokio::test]
async fn configuration_that_is_missing_is_refused() {
    let (terraform, _) = configured().await;
    let null = dynamic(&Json::Null).unwrap();

    let answers = answers_to(&terraform, &null).await.into_iter();

    let needed = |place: &str| {
        place.contains("validate")
            || ["provider", "data source", "configuration", "list"].contains(&place)
    };
    each_is_refused(answers.filter(|(place, _)| needed(place)).collect());
}

#[tokio::test]
async fn type_that_there_is_not_is_named() {
    let (terraform, _) = configured().await;
    macro_rules! refuse {
        ($what:literal: $($rpc:ident),+) => {
            $(
                let answer = call!(terraform.$rpc { type_name: "house_window".into() });
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
