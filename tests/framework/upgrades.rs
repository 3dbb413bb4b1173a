//! States that an earlier version of the provider stored.

use proptest::prelude::*;
use realtimekit::proto::tfplugin6::{RawState, provider_server::Provider, upgrade_resource_state};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    fake_upgrades::{self, TODAY},
    terraform::told,
    wire::dynamic,
};

async fn upgrade(version: i64, stored: RawState) -> upgrade_resource_state::Response {
    let request = upgrade_resource_state::Request {
        type_name: "garage_gate".into(),
        version,
        raw_state: Some(stored),
    };
    let server = fake_upgrades::server();
    let answer = server.upgrade_resource_state(Request::new(request)).await;
    answer.unwrap().into_inner()
}

fn stored(state: &Json) -> RawState {
    RawState {
        json: state.to_string().into_bytes(),
        ..Default::default()
    }
}

fn upgraded_to(state: &Json) -> upgrade_resource_state::Response {
    upgrade_resource_state::Response {
        upgraded_state: dynamic(state),
        ..Default::default()
    }
}

/// Fails unless the only answer is one error; returns its detail.
#[track_caller]
fn refusal(answer: &upgrade_resource_state::Response, summary: &str) -> String {
    assert_eq!(told(&answer.diagnostics), [summary]);
    assert_eq!(answer.upgraded_state, None);
    answer.diagnostics[0].detail.clone()
}

#[tokio::test]
async fn a_state_of_today_keeps_what_the_schema_has_and_is_null_in_what_it_lacks() {
    let state = json!({ "name": "front", "open": true, "colour": "red" });

    let answer = upgrade(TODAY, stored(&state)).await;

    let expected = json!({ "name": "front", "open": true, "width": null });
    assert_eq!(answer, upgraded_to(&expected));
}

#[tokio::test]
async fn a_state_of_an_earlier_version_is_upgraded_by_what_knows_this_version() {
    let state = json!({ "name": "front", "width": "3 m", "colour": "red" });

    let answer = upgrade(2, stored(&state)).await;

    let expected = json!({ "name": "front", "open": false, "width": 3 });
    assert_eq!(answer, upgraded_to(&expected));
}

#[tokio::test]
async fn a_state_of_nothing_stays_nothing() {
    for version in [2, TODAY] {
        let answer = upgrade(version, stored(&Json::Null)).await;

        assert_eq!(answer, upgraded_to(&Json::Null), "version {version}");
    }
}

#[tokio::test]
async fn an_upgrade_that_fails_says_what_it_found() {
    let state = json!({ "name": "front", "width": "9 feet" });

    let answer = upgrade(2, stored(&state)).await;

    refusal(&answer, "error at width: Strange Width");
}

#[tokio::test]
async fn a_version_that_nothing_upgrades_is_named_with_what_to_do() {
    for version in [-1, 0, 1] {
        let answer = upgrade(version, stored(&json!({ "name": "front" }))).await;

        let detail = refusal(&answer, "error: State of an Older Provider");
        for part in [
            &format!("garage_gate has schema version {version}"),
            "to version 3",
            "terraform state rm",
        ] {
            assert!(detail.contains(part), "{part:?} is not in: {detail}");
        }
    }
}

#[tokio::test]
async fn a_version_of_the_future_asks_for_a_newer_provider() {
    let answer = upgrade(TODAY + 1, stored(&json!({ "name": "front" }))).await;

    let detail = refusal(&answer, "error: State of a Newer Provider");
    assert!(detail.contains("schema version 4"), "{detail}");
    assert!(detail.contains("up to 3"), "{detail}");
}

#[tokio::test]
async fn state_of_before_terraform_0_12_is_named_as_such() {
    let flatmap = RawState {
        flatmap: [("name".to_owned(), "front".to_owned())].into(),
        ..Default::default()
    };
    for version in [2, TODAY] {
        let answer = upgrade(version, flatmap.clone()).await;

        refusal(&answer, "error: State Without Data");
    }
}

#[tokio::test]
async fn what_is_no_state_of_its_version_is_unreadable() {
    for version in [2, TODAY] {
        for broken in [
            stored(&json!({ "name": "front", "width": [] })),
            stored(&json!("front")),
            RawState {
                json: b"{\"name\": ".into(),
                ..Default::default()
            },
        ] {
            let answer = upgrade(version, broken).await;

            refusal(&answer, "error: Unreadable State");
        }
    }
}

proptest! {
    #[test]
    fn a_state_of_today_passes_through_unchanged(
        name in ".*",
        width in proptest::option::of(any::<i32>()),
        open: bool,
    ) {
        let state = json!({ "name": name, "width": width, "open": open });

        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(upgrade(TODAY, stored(&state)));

        prop_assert_eq!(answer, upgraded_to(&state));
    }
}
