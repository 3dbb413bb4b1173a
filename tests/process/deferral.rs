//! A provider block that is not known yet, and clients that take deferrals, or do not.

use realtimekit::mock_api::MockApi;
use serde_json::Value as Json;

use crate::support::{
    ACCOUNT, APP, Answer, Calls, Core, WEBHOOK, bell, look_up, object, provider_block,
    wire::UNKNOWN,
};

const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// A provider in whose block this is unknown.
async fn waiting(terraform: &Core, api: &MockApi, version: &str, setting: &str) -> Calls {
    let mut calls = terraform.calls();
    let unknown = provider_block(api, &[(setting, UNKNOWN.into())]);
    calls.configure(version, &unknown).await;
    calls.allows_deferral = true;
    calls
}

fn stored() -> Answer {
    let mut state = bell("bell");
    for (name, value) in [("id", ID), ("account_id", ACCOUNT), ("app_id", APP)] {
        state[name] = value.into();
    }
    Answer {
        state,
        ..Default::default()
    }
}

/// All that may need an API: a read, a data source and an import, a plan and that of an action.
async fn ask(calls: &Calls) -> [Answer; 5] {
    let unknown = [("webhook_id", UNKNOWN.into())];
    let target = object("account_id app_id webhook_id", &unknown);
    [
        calls.read(&stored()).await,
        calls.look_up(WEBHOOK, &look_up("id", ID)).await,
        calls.import(&ID.into()).await,
        calls.plan(&Answer::default(), &bell("bell")).await,
        calls
            .plan_action("realtimekit_webhook_disable", &target)
            .await,
    ]
}

#[tokio::test]
async fn whatever_needs_an_unknown_setting_is_deferred_without_a_request_or_an_error() {
    let api = MockApi::start().unwrap();
    let terraform = Core::start().await;
    for setting in "api_token base_url max_retries requests_per_second".split(' ') {
        let mut calls = waiting(&terraform, &api, "1.15.5", setting).await;

        let answers = ask(&calls).await;
        calls.allows_deferral = false;
        let refused = ask(&calls).await;

        for answer in &answers {
            assert_eq!((answer.deferred, answer.diagnostics.len()), (true, 0));
        }
        let [read, found, imported, planned, _] = answers.map(|answer| answer.state);
        assert_eq!((read, imported), (stored().state, Json::Null));
        assert_eq!([&found["id"], &found["enabled"]], [ID, UNKNOWN]);
        assert_eq!([&planned["name"], &planned["id"]], ["bell", UNKNOWN]);
        assert!(refused.iter().all(|answer| !answer.deferred));
        let told = refused.each_ref().map(|it| it.summaries().join(", "));
        let error = "Provider Configuration Not Known Yet";
        assert_eq!(told, [error, error, error, "", ""]);
    }
    assert!(api.calls().is_empty());
}

/// OpenTofu 1.11.0 to 1.11.3 allow deferrals by mistake.
#[tokio::test]
async fn version_that_cannot_defer_gets_an_error_whatever_it_allows() {
    let api = MockApi::start().unwrap();
    let terraform = Core::start().await;
    for (version, defers) in [("1.11.0", false), ("1.11.3", false), ("1.11.4", true)] {
        for setting in ["api_token", "app_id"] {
            let calls = waiting(&terraform, &api, version, setting).await;

            let answer = calls.look_up(WEBHOOK, &look_up("id", ID)).await;

            let outcome = (answer.deferred, answer.failed());
            assert_eq!(outcome, (defers, !defers), "{version} {setting}");
        }
    }
}
