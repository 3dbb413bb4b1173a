//! Requests that make no sense: every one is answered with a diagnostic.

use futures_util::StreamExt;
use proptest::prelude::*;
use realtimekit::proto::tfplugin6::{
    Diagnostic, DynamicValue, RawState, ResourceIdentityData, apply_resource_change,
    configure_provider, generate_resource_config, import_resource_state, list_resource,
    plan_resource_change, provider_server::Provider, read_data_source, read_resource,
    upgrade_resource_identity, upgrade_resource_state, validate_data_resource_config,
    validate_list_resource_config, validate_provider_config, validate_resource_config,
};
use serde_json::Value as Json;
use tonic::Request;

use crate::{
    terraform::{Terraform, change, config, door, planning, told},
    wire::{UNKNOWN, dynamic},
};

/// The answers to a call of every kind, with a value in each place where Terraform puts one.
/// Places that the server has no use for are left out.
async fn answers_to(
    terraform: &Terraform,
    value: &DynamicValue,
) -> Vec<(&'static str, Vec<Diagnostic>)> {
    let (server, type_name) = (&terraform.server, || "house_door".to_owned());
    let value = || Some(value.clone());
    let mut answers = Vec::new();
    macro_rules! call {
        ($place:literal, $method:ident, $request:expr) => {
            let answer = server.$method(Request::new($request)).await;
            let answer = answer.expect("an answer, not a status").into_inner();
            answers.push(($place, answer.diagnostics));
        };
    }
    call!(
        "provider to validate",
        validate_provider_config,
        validate_provider_config::Request { config: value() }
    );
    call!(
        "provider",
        configure_provider,
        configure_provider::Request {
            config: value(),
            ..Default::default()
        }
    );
    call!(
        "resource to validate",
        validate_resource_config,
        validate_resource_config::Request {
            type_name: type_name(),
            config: value(),
            ..Default::default()
        }
    );
    call!(
        "data source to validate",
        validate_data_resource_config,
        validate_data_resource_config::Request {
            type_name: type_name(),
            config: value()
        }
    );
    call!(
        "state to read",
        read_resource,
        read_resource::Request {
            type_name: type_name(),
            current_state: value(),
            ..Default::default()
        }
    );
    call!(
        "data source",
        read_data_source,
        read_data_source::Request {
            type_name: type_name(),
            config: value(),
            ..Default::default()
        }
    );
    let sound = || planning(door(&[]), door(&[]), config("front"));
    call!(
        "prior state",
        plan_resource_change,
        plan_resource_change::Request {
            prior_state: value(),
            ..sound()
        }
    );
    call!(
        "proposed state",
        plan_resource_change,
        plan_resource_change::Request {
            proposed_new_state: value(),
            ..sound()
        }
    );
    call!(
        "configuration",
        plan_resource_change,
        plan_resource_change::Request {
            config: value(),
            ..sound()
        }
    );
    let sound = || change(door(&[]), door(&[]));
    call!(
        "prior state of a change",
        apply_resource_change,
        apply_resource_change::Request {
            prior_state: value(),
            ..sound()
        }
    );
    call!(
        "planned state of a change",
        apply_resource_change,
        apply_resource_change::Request {
            planned_state: value(),
            ..sound()
        }
    );
    let identity = || {
        Some(ResourceIdentityData {
            identity_data: value(),
        })
    };
    call!(
        "identity to read",
        read_resource,
        read_resource::Request {
            type_name: type_name(),
            current_identity: identity(),
            ..Default::default()
        }
    );
    call!(
        "prior identity",
        plan_resource_change,
        plan_resource_change::Request {
            prior_identity: identity(),
            ..planning(door(&[]), door(&[]), config("front"))
        }
    );
    call!(
        "planned identity of a change",
        apply_resource_change,
        apply_resource_change::Request {
            planned_identity: identity(),
            ..sound()
        }
    );
    call!(
        "identity to import",
        import_resource_state,
        import_resource_state::Request {
            type_name: type_name(),
            identity: identity(),
            ..Default::default()
        }
    );
    call!(
        "state to generate of",
        generate_resource_config,
        generate_resource_config::Request {
            type_name: type_name(),
            state: value(),
        }
    );
    call!(
        "list to validate",
        validate_list_resource_config,
        validate_list_resource_config::Request {
            type_name: type_name(),
            config: value(),
            ..Default::default()
        }
    );
    answers.push(("list", listed(terraform, type_name(), value()).await));
    answers
}

/// What is said in the events of a listing.
async fn listed(
    terraform: &Terraform,
    type_name: String,
    config: Option<DynamicValue>,
) -> Vec<Diagnostic> {
    let request = list_resource::Request {
        type_name,
        config,
        limit: 100,
        ..Default::default()
    };
    let answer = terraform.server.list_resource(Request::new(request)).await;
    let events = answer.expect("a stream, not a status").into_inner();
    let said = events.map(|event| event.expect("an event, not a status").diagnostic);
    said.concat().await
}

#[track_caller]
fn each_is_refused(answers: Vec<(&'static str, Vec<Diagnostic>)>) {
    for (place, diagnostics) in answers {
        assert_eq!(
            told(&diagnostics),
            ["error: Unreadable Value from Terraform"],
            "{place}"
        );
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
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

        let read = terraform.read(state.clone()).await.diagnostics;
        let applied = terraform.apply(change(state, door(&[]))).await.diagnostics;

        for diagnostics in [read, applied] {
            assert_eq!(told(&diagnostics), ["error: Unreadable State"]);
            let detail = &diagnostics[0].detail;
            for part in [
                &format!("expected a string, at {name}"),
                "terraform state rm",
            ] {
                assert!(detail.contains(part), "{detail}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_configuration_decides_has_a_value_when_it_is_applied() {
    let terraform = Terraform::configured().await;
    for nothing in [UNKNOWN.into(), Json::Null] {
        let request = change(door(&[]), door(&[("name", nothing)]));
        let applied = terraform
            .server
            .apply_resource_change(Request::new(request))
            .await;

        let diagnostics = applied.unwrap().into_inner().diagnostics;
        assert_eq!(
            told(&diagnostics),
            ["error: Unreadable Value from Terraform"]
        );
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
    fn random_bytes_in_place_of_a_stored_state_are_refused(json in prop::collection::vec(any::<u8>(), 1..40)) {
        prop_assume!(json != b"null");
        let request = upgrade_resource_state::Request {
            type_name: "house_door".into(),
            version: 0,
            raw_state: Some(RawState { json, ..Default::default() }),
        };

        let upgraded = block_on(Terraform::start().server.upgrade_resource_state(Request::new(request)));

        let upgraded = upgraded.unwrap().into_inner();
        assert_eq!(told(&upgraded.diagnostics), ["error: Unreadable State"]);
        assert_eq!(upgraded.upgraded_state, None);
    }

    #[test]
    fn random_bytes_in_place_of_a_stored_identity_are_refused(json in prop::collection::vec(any::<u8>(), 1..40)) {
        prop_assume!(json != b"null");
        let request = upgrade_resource_identity::Request {
            type_name: "house_door".into(),
            version: 0,
            raw_identity: Some(RawState { json, ..Default::default() }),
        };

        let upgraded = block_on(Terraform::start().server.upgrade_resource_identity(Request::new(request)));

        let upgraded = upgraded.unwrap().into_inner();
        assert_eq!(told(&upgraded.diagnostics), ["error: Unreadable Identity"]);
        assert_eq!(upgraded.upgraded_identity, None);
    }
}

#[tokio::test]
async fn a_configuration_that_is_missing_is_refused() {
    let terraform = Terraform::configured().await;
    let null = dynamic(&Json::Null).unwrap();

    let answers = answers_to(&terraform, &null).await;

    let needed = |place: &&str| {
        place.contains("validate")
            || ["provider", "data source", "configuration", "list"].contains(place)
    };
    each_is_refused(
        answers
            .into_iter()
            .filter(|(place, _)| needed(place))
            .collect(),
    );
}

#[tokio::test]
async fn a_value_that_the_server_has_no_use_for_is_not_read() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let senseless = || {
        Some(DynamicValue {
            msgpack: b"senseless".into(),
            ..Default::default()
        })
    };

    let planned = terraform
        .plan(plan_resource_change::Request {
            provider_meta: senseless(),
            ..planning(state.clone(), state.clone(), config("front"))
        })
        .await;
    let changed = terraform
        .apply(apply_resource_change::Request {
            config: senseless(),
            provider_meta: senseless(),
            ..change(state, Json::Null)
        })
        .await;

    assert_eq!(planned.diagnostics, []);
    assert_eq!(changed.diagnostics, []);
}

#[tokio::test]
async fn a_type_that_there_is_not_is_named() {
    let terraform = Terraform::configured().await;
    let (server, window) = (&terraform.server, || "house_window".to_owned());
    let mut answers = Vec::new();
    macro_rules! call {
        ($call:ident) => {
            let request = $call::Request {
                type_name: window(),
                ..Default::default()
            };
            let answer = server
                .$call(Request::new(request))
                .await
                .unwrap()
                .into_inner();
            answers.push((
                told(&answer.diagnostics),
                answer.diagnostics[0].detail.clone(),
            ));
        };
    }

    call!(validate_resource_config);
    call!(upgrade_resource_state);
    call!(read_resource);
    call!(plan_resource_change);
    call!(apply_resource_change);
    call!(import_resource_state);
    call!(upgrade_resource_identity);
    call!(generate_resource_config);
    let resources = answers.len();
    call!(validate_data_resource_config);
    call!(read_data_source);
    let data_sources = answers.len();
    call!(validate_list_resource_config);
    let said = listed(&terraform, window(), None).await;
    answers.push((told(&said), said[0].detail.clone()));

    for (index, (told, detail)) in answers.into_iter().enumerate() {
        let what = match index {
            index if index < resources => "resource",
            index if index < data_sources => "data source",
            _ => "list resource",
        };
        assert_eq!(told, [format!("error: Unsupported {what}")]);
        assert!(detail.contains("house_window"), "{detail}");
    }
}

#[tokio::test]
async fn a_state_of_before_terraform_0_12_is_refused() {
    let request = upgrade_resource_state::Request {
        type_name: "house_door".into(),
        version: 0,
        raw_state: Some(RawState {
            flatmap: [("id".to_owned(), "door-1".to_owned())].into(),
            ..Default::default()
        }),
    };

    let upgraded = Terraform::start()
        .server
        .upgrade_resource_state(Request::new(request))
        .await;

    assert_eq!(
        told(&upgraded.unwrap().into_inner().diagnostics),
        ["error: State Without Data"]
    );
}
