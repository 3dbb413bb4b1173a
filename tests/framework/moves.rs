//! States that a `moved` block takes over from elsewhere.

use realtimekit::proto::tfplugin6::{RawState, move_resource_state, provider_server::Provider};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    fake_upgrades::{self, TODAY},
    terraform::told,
    wire::dynamic,
};

/// In the source's state and private data, and never in an answer.
const SECRET: &str = "s3cr3t";

/// A request to make a gate of an `other` resource.
fn request(other: &str, state: &Json) -> move_resource_state::Request {
    move_resource_state::Request {
        source_provider_address: "registry.terraform.io/house/house".into(),
        source_type_name: other.into(),
        source_schema_version: 1,
        source_state: Some(stored(state.to_string().as_bytes())),
        target_type_name: "garage_gate".into(),
        source_private: SECRET.into(),
        ..Default::default()
    }
}

fn stored(json: &[u8]) -> RawState {
    RawState {
        json: json.into(),
        ..Default::default()
    }
}

async fn moved(request: move_resource_state::Request) -> move_resource_state::Response {
    let answer = fake_upgrades::server()
        .move_resource_state(Request::new(request))
        .await;
    answer.unwrap().into_inner()
}

/// Fails unless the source is refused, without a word of what it holds; returns the detail.
#[track_caller]
fn refusal(answer: &move_resource_state::Response) -> String {
    assert_eq!(
        told(&answer.diagnostics),
        ["error: Unable to Move Resource State"]
    );
    assert_eq!(
        (&answer.target_state, &answer.target_identity),
        (&None, &None)
    );
    assert!(answer.target_private.is_empty());
    let detail = answer.diagnostics[0].detail.clone();
    assert!(!detail.contains(SECRET), "{detail}");
    detail
}

#[tokio::test]
async fn a_known_type_is_taken_over_without_its_private_data() {
    let door = json!({ "name": "front", "key": SECRET });

    let answer = moved(request("house_door", &door)).await;

    let gate = json!({ "name": "front", "open": false, "width": null });
    let expected = move_resource_state::Response {
        target_state: dynamic(&gate),
        ..Default::default()
    };
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn the_provider_of_a_known_type_makes_no_difference() {
    let mut fork = request("house_door", &json!({ "name": "front" }));
    fork.source_provider_address = "example.com/fork/houses".into();

    let answer = moved(fork).await;

    assert!(answer.target_state.is_some(), "{answer:?}");
}

#[tokio::test]
async fn an_unknown_type_is_named_with_what_is_supported_and_what_to_do() {
    let answer = moved(request("house_window", &json!({ "name": SECRET }))).await;

    let detail = refusal(&answer);
    for part in [
        "a house_window of the provider registry.terraform.io/house/house, schema version 1",
        "garage_gate takes over from these alone: house_door.",
        "import block",
        "removed block with `lifecycle { destroy = false }`",
    ] {
        assert!(detail.contains(part), "{part:?} is not in: {detail}");
    }
}

#[tokio::test]
async fn a_resource_that_takes_nothing_over_says_so() {
    let mut request = request("house_door", &json!({ "name": "front" }));
    request.target_type_name = "garage_fence".into();

    let answer = moved(request).await;

    let detail = refusal(&answer);
    assert!(
        detail.contains("garage_fence takes over from no other"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_state_that_the_mover_cannot_use_is_refused() {
    let answer = moved(request("house_door", &json!({ "name": [SECRET] }))).await;

    assert!(refusal(&answer).contains("It has no name."));
}

#[tokio::test]
async fn a_state_that_is_no_object_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for state in [
        b"null".as_slice(),
        b"\"s3cr3t\"",
        b"[\"s3cr3t\"]",
        b"{\"name\": \"s3cr3t\"",
        b"\xff",
        b"",
        deep.as_bytes(),
    ] {
        let mut request = request("house_door", &Json::Null);
        request.source_state = Some(stored(state));

        refusal(&moved(request).await);
    }

    let mut request = request("house_door", &Json::Null);
    request.source_state = None;
    refusal(&moved(request).await);
}

#[tokio::test]
async fn the_same_type_of_another_address_is_upgraded_and_keeps_its_private_data() {
    let of_today = (TODAY, json!({ "name": "front", "open": true, "width": 3 }));
    let earlier = (2, json!({ "name": "front", "width": "3 m" }));
    for (version, state) in [of_today, earlier] {
        let mut request = request("garage_gate", &state);
        request.source_schema_version = version;

        let answer = moved(request).await;

        let gate = json!({ "name": "front", "open": version == TODAY, "width": 3 });
        let expected = move_resource_state::Response {
            target_state: dynamic(&gate),
            target_private: SECRET.into(),
            ..Default::default()
        };
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn the_same_type_in_a_version_of_the_future_is_refused() {
    let mut request = request("garage_gate", &json!({ "name": "front" }));
    request.source_schema_version = TODAY + 1;

    let answer = moved(request).await;

    assert_eq!(
        told(&answer.diagnostics),
        ["error: State of a Newer Provider"]
    );
    assert_eq!(answer.target_state, None);
}

#[tokio::test]
async fn a_target_that_there_is_not_is_named() {
    let mut request = request("house_door", &json!({ "name": "front" }));
    request.target_type_name = "garage_window".into();

    let answer = moved(request).await;

    assert_eq!(told(&answer.diagnostics), ["error: Unsupported resource"]);
    assert!(answer.diagnostics[0].detail.contains("garage_window"));
}
