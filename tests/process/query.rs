//! `terraform query`: what it finds, and the configuration that is written for it.

use std::time::Duration;

use http::Method;
use realtimekit::{
    mock_api::{Fault, Matcher},
    proto::tfplugin6::{diagnostic::Severity, validate_list_resource_config},
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use crate::{
    terraform_checks::Results,
    webhooks::{ACCOUNT, APP, Instance, WEBHOOK, Webhooks, config, identity_of},
    wire::dynamic,
};

const STARTED: &str = "meeting.started";

/// A query of which only these arguments are written.
fn query(arguments: &[(&str, Json)]) -> Json {
    let mut query = json!({
        "account_id": null, "app_id": null, "enabled": null, "event": null, "name_prefix": null,
    });
    for (name, value) in arguments {
        query[*name] = value.clone();
    }
    query
}

fn names(results: &Results) -> Vec<&str> {
    let names = results
        .found
        .iter()
        .map(|found| found.display_name.as_str());
    names.collect()
}

/// An app with webhooks of these names, each with the event, or another.
async fn with_webhooks(names: &[(&str, &str)]) -> Webhooks {
    let webhooks = Webhooks::start().await;
    for (number, (name, event)) in names.iter().enumerate() {
        let url = format!("https://example.com/{number}");
        webhooks.api.add_webhook(ACCOUNT, APP, name, &url, &[event]);
    }
    webhooks
}

#[tokio::test]
async fn webhooks_are_found_by_name_with_their_identity_and_one_request() {
    let mut webhooks = with_webhooks(&[("gong", STARTED), ("bell", STARTED)]).await;

    let results = webhooks.list(&query(&[]), 100, false).await.unwrap();

    assert_eq!(names(&results), ["bell", "gong"]);
    let calls: Vec<String> = webhooks
        .api
        .calls()
        .iter()
        .map(|call| call.method.to_string())
        .collect();
    assert_eq!(calls, ["GET"]);
    for (found, webhook) in results
        .found
        .iter()
        .zip(webhooks.api.webhooks(ACCOUNT, APP).iter().rev())
    {
        assert_eq!(found.identity, identity_of(&webhook.id));
        assert_eq!(found.object, Json::Null);
    }
}

#[tokio::test]
async fn a_query_finds_what_matches_all_of_it() {
    let mut webhooks = with_webhooks(&[
        ("door bell", STARTED),
        ("door gong", "meeting.ended"),
        ("bell", STARTED),
    ])
    .await;
    let gong = webhooks.api.webhooks(ACCOUNT, APP)[1].id.clone();
    webhooks
        .api
        .edit_webhook(&gong, |webhook| webhook.enabled = false)
        .unwrap();
    let cases = [
        (vec![("event", json!(STARTED))], vec!["bell", "door bell"]),
        (vec![("enabled", json!(false))], vec!["door gong"]),
        (
            vec![("name_prefix", json!("door"))],
            vec!["door bell", "door gong"],
        ),
        (
            vec![("name_prefix", json!("door")), ("enabled", json!(true))],
            vec!["door bell"],
        ),
        (vec![("event", json!("stage.opened"))], vec![]),
        (vec![("app_id", json!("another"))], vec![]),
    ];
    for (arguments, expected) in cases {
        let results = webhooks.list(&query(&arguments), 100, false).await.unwrap();

        assert_eq!(names(&results), expected, "{arguments:?}");
        assert!(!results.warned);
    }
}

#[tokio::test]
async fn a_limit_is_kept_quietly_and_at_zero_nothing_is_asked() {
    let mut webhooks = with_webhooks(&[("a", STARTED), ("b", STARTED), ("c", STARTED)]).await;

    assert_eq!(
        names(&webhooks.list(&query(&[]), 2, false).await.unwrap()),
        ["a", "b"]
    );
    webhooks.api.clear_calls();
    assert_eq!(
        names(&webhooks.list(&query(&[]), 0, false).await.unwrap()),
        [""; 0]
    );

    assert!(webhooks.api.calls().is_empty());
    ends_without_a_complaint(webhooks).await;
}

#[tokio::test]
async fn a_query_that_is_given_up_is_given_up_quietly() {
    let mut webhooks = with_webhooks(&[("a", STARTED)]).await;
    let slow = Fault::delay(Duration::from_secs(60));
    webhooks.api.fail(Matcher::method(Method::GET), 1, slow);

    let given_up = timeout(
        Duration::from_millis(200),
        webhooks.list(&query(&[]), 1, false),
    )
    .await;
    let elsewhere = query(&[("app_id", "another".into())]);
    let next = webhooks.list(&elsewhere, 1, false).await;

    assert!(given_up.is_err());
    assert_eq!(names(&next.unwrap()), [""; 0]);
    ends_without_a_complaint(webhooks).await;
}

/// Nothing was told of above the level of information.
async fn ends_without_a_complaint(webhooks: Webhooks) {
    let (exit, _, _) = webhooks.terraform.stop().await;
    assert!(exit.status.success(), "{}", exit.stderr);
    assert!(exit.stderr.contains("ListResource"), "{}", exit.stderr);
    for level in ["warn", "error"] {
        let record = format!("\"@level\":\"{level}\"");
        assert!(!exit.stderr.contains(&record), "{}", exit.stderr);
    }
}

#[tokio::test]
async fn a_query_that_fails_says_why() {
    let mut webhooks = with_webhooks(&[("a", STARTED)]).await;
    let forbidden = Fault::status(http::StatusCode::UNAUTHORIZED);
    webhooks
        .api
        .fail(Matcher::method(Method::GET), 9, forbidden);

    let failed = webhooks.list(&query(&[]), 100, false).await;

    assert_eq!(failed.unwrap_err(), "Could Not List the Webhooks");
}

#[tokio::test]
async fn an_unknown_event_is_doubted_when_the_query_is_checked() {
    let mut webhooks = Webhooks::start().await;
    let mut said = Vec::new();
    for event in [STARTED, "meeting.strated"] {
        let request = validate_list_resource_config::Request {
            type_name: WEBHOOK.into(),
            config: dynamic(&query(&[("event", event.into())])),
            ..Default::default()
        };
        let answer = webhooks
            .terraform
            .provider
            .validate_list_resource_config(request);
        said.push(answer.await.unwrap().into_inner().diagnostics);
    }

    assert_eq!(said[0], []);
    assert_eq!(said[1].len(), 1);
    assert_eq!(said[1][0].severity(), Severity::Warning);
    assert!(
        said[1][0]
            .detail
            .contains("Did you mean \"meeting.started\"?"),
        "{}",
        said[1][0].detail
    );
}

#[tokio::test]
async fn the_configuration_of_what_was_found_plans_to_change_nothing_after_its_import() {
    let mut webhooks = with_webhooks(&[("bell", STARTED), ("gong", STARTED)]).await;
    let elsewhere = webhooks.api.add_webhook(
        ACCOUNT,
        "another",
        "horn",
        "https://example.com/h",
        &[STARTED],
    );
    let gong = webhooks.api.webhooks(ACCOUNT, APP)[1].id.clone();
    webhooks
        .api
        .edit_webhook(&gong, |webhook| webhook.enabled = false)
        .unwrap();
    let mut found = webhooks.list(&query(&[]), 100, true).await.unwrap().found;
    let there = query(&[("app_id", "another".into())]);
    found.extend(webhooks.list(&there, 100, true).await.unwrap().found);

    let mut expected = [
        config("bell", "https://example.com/0", &[STARTED]),
        config("gong", "https://example.com/1", &[STARTED]),
        config("horn", &elsewhere.url, &[STARTED]),
    ];
    expected[1]["enabled"] = false.into();
    expected[2]["app_id"] = "another".into();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.into_iter().zip(expected) {
        let generated = webhooks.generate(&found.object).await;
        let imported: Instance = webhooks.import(&found.identity).await.unwrap();
        let planned = webhooks.plan(&imported, &generated).await;

        assert_eq!(generated, expected);
        assert_eq!(imported.state, found.object);
        assert_eq!(
            (planned.state, planned.identity),
            (imported.state, imported.identity)
        );
    }
    assert_eq!(webhooks.generate(&Json::Null).await, Json::Null);
}

#[tokio::test]
async fn odd_webhook_is_left_out_with_a_warning_after_the_results() {
    let mut webhooks = with_webhooks(&[]).await;
    let whole = json!({
        "id": "11111111-1111-4111-8111-111111111111", "name": "bell",
        "url": "https://example.com/", "events": [STARTED],
    });
    let body = json!({"success": true, "data": [null, whole]}).to_string();
    let fault = Fault::body(http::StatusCode::OK, body);
    webhooks.api.fail(Matcher::any(), 1, fault);

    let results = webhooks.list(&query(&[]), 100, true).await.unwrap();

    assert_eq!((names(&results), results.warned), (vec!["bell"], true));
}
