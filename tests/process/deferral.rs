//! A provider block that is not known yet, and clients that take deferrals, or do not.

use realtimekit::mock_api::MockApi;
use serde_json::Value as Json;

use crate::support::{
    ACCOUNT, APP, Answer, Calls, Core, Instance, WEBHOOK, bell, object, provider_block, webhook,
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

fn stored() -> Instance {
    let mut state = bell("bell");
    for (name, value) in [("id", ID), ("account_id", ACCOUNT), ("app_id", APP)] {
        state[name] = value.into();
    }
    Instance {
        state,
        ..Default::default()
    }
}

async fn look_up(calls: &mut Calls) -> Answer {
    let mut query = webhook(&[("id", ID.into())]);
    query.as_object_mut().unwrap().remove("timeouts");
    calls.look_up(WEBHOOK, &query).await
}

/// All that may need an API: a read, a data source and an import, a plan and that of an action.
async fn ask(calls: &mut Calls) -> [Answer; 5] {
    let names = ["account_id", "app_id", "webhook_id"];
    let target = object(&names, &[("webhook_id", UNKNOWN.into())]);
    [
        calls.read(&stored()).await,
        look_up(calls).await,
        calls.import(&ID.into()).await,
        calls.plan(&Instance::default(), &bell("bell")).await,
        calls
            .plan_action("realtimekit_webhook_disable", &target)
            .await,
    ]
}

#[tokio::test]
async fn whatever_needs_an_unknown_setting_is_deferred_without_a_request() {
    let api = MockApi::start().unwrap();
    let terraform = Core::start().await;
    for setting in [
        "api_token",
        "base_url",
        "max_retries",
        "requests_per_second",
    ] {
        let mut calls = waiting(&terraform, &api, "1.15.5", setting).await;

        let answers = ask(&mut calls).await;

        for answer in &answers {
            assert_eq!(
                (answer.deferred, answer.summaries()),
                (true, vec![]),
                "{setting}"
            );
        }
        let [read, found, imported, planned, _] = answers.map(|answer| answer.instance.state);
        assert_eq!((read, imported), (stored().state, Json::Null));
        assert_eq!([&found["id"], &found["enabled"]], [ID, UNKNOWN]);
        assert_eq!([&planned["name"], &planned["id"]], ["bell", UNKNOWN]);
    }
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn client_without_deferrals_gets_plans_and_otherwise_errors() {
    let api = MockApi::start().unwrap();
    let terraform = Core::start().await;
    let mut calls = waiting(&terraform, &api, "1.15.5", "api_token").await;
    calls.allows_deferral = false;

    let answers = ask(&mut calls).await;

    let told = answers.each_ref().map(|it| (it.deferred, it.summaries()));
    let error = (false, vec!["Provider Configuration Not Known Yet"]);
    let plan = (false, vec![]);
    assert_eq!(
        told,
        [error.clone(), error.clone(), error, plan.clone(), plan]
    );
}

/// OpenTofu 1.11.0 to 1.11.3 allow deferrals by mistake.
#[tokio::test]
async fn version_that_cannot_defer_gets_an_error_whatever_it_allows() {
    let api = MockApi::start().unwrap();
    let terraform = Core::start().await;
    for (version, defers) in [("1.11.0", false), ("1.11.3", false), ("1.11.4", true)] {
        for setting in ["api_token", "app_id"] {
            let mut calls = waiting(&terraform, &api, version, setting).await;

            let answer = look_up(&mut calls).await;

            assert_eq!(
                (answer.deferred, answer.failed()),
                (defers, !defers),
                "{version} {setting}"
            );
        }
    }
}
