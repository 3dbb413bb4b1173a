//! Looking up what is no webhook: apps, events, and the key of deliveries.

use http::StatusCode;
use realtimekit::mock_api::Fault;

use crate::support::*;

const ALL_EVENTS: &str = "data \"realtimekit_webhook_events\" \"all\" {}\n";

fn apps(label: &str, attributes: &str) -> String {
    block(&format!("data realtimekit_apps {label}"), attributes)
}

fn key(url: &str) -> String {
    let url = format!("url = '{url}'");
    block("data realtimekit_webhook_public_key key", &url)
}

#[test]
fn events_and_public_key_are_read() {
    let w = Workspace::new();
    w.api.change_quirks(|quirks| quirks.lists_events = true);

    w.apply(ALL_EVENTS.to_owned() + &key(&w.api.public_key_url()));

    let key = w.state("data.realtimekit_webhook_public_key.key");
    let pem = key["public_key"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    let state = w.state("data.realtimekit_webhook_events.all");
    assert_eq!(state["events"].as_array().unwrap().len(), 9);
    assert_eq!(state["events"][0], "livestreaming.statusUpdate");
    assert_eq!([&state["account_id"], &state["app_id"]], [ACCOUNT, APP]);
}

#[test]
fn events_not_supported_by_the_api_are_an_error_that_names_the_function() {
    let w = Workspace::new();
    for fault in [
        Fault::status(StatusCode::NOT_FOUND),
        Fault::status(StatusCode::BAD_REQUEST),
        Fault::body(StatusCode::OK, r#"{"data": {"id": "all"}}"#),
        Fault::html(StatusCode::NOT_FOUND),
    ] {
        w.api.fail_next(1, fault);

        let told = "Could Not List the Events | webhooks/all | does not seem to have this list | \
                    provider::realtimekit::webhook_events()";
        w.plan_fails(ALL_EVENTS, told);
    }
    w.api.change_quirks(|quirks| quirks.any_app = false);
    w.plan_fails(ALL_EVENTS, MISSING_APP);
}

#[test]
fn apps_are_ordered_by_name_and_id_and_can_be_used() {
    let apps_of_api = builder()
        .app(ACCOUNT, "app-3", "staging")
        .app(ACCOUNT, "app-2", "production")
        .app(ACCOUNT, "app-1", "staging")
        .app("another", "app-4", "staging");
    let mut w = Workspace::with(apps_of_api);
    w.unset("REALTIMEKIT_APP_ID");
    let lists = [
        ("all", "", &["app-2", "app-1", "app-3"][..]),
        ("theirs", "account_id = 'another'", &["app-4"]),
        ("other_case", "name = 'Production'", &[]),
        ("found", "name = 'production'", &["app-2"]),
    ];

    let configuration = lists.map(|(label, attributes, _)| apps(label, attributes));
    w.apply(configuration.concat() + &bell("app_id = one(data.realtimekit_apps.found.apps).id"));

    for (label, _, expected) in lists {
        let state = w.state(&format!("data.realtimekit_apps.{label}"));
        let apps = state["apps"].as_array().unwrap();
        assert!(
            apps.iter().map(|app| &app["id"]).eq(expected),
            "{label}: {apps:?}"
        );
        assert!(apps.iter().all(|app| app["created_at"].is_string()));
    }
    assert_eq!(w.api.webhooks(ACCOUNT, "app-2").len(), 1);
}

#[test]
fn failure_is_an_error_that_says_what_to_do() {
    let w = Workspace::new();
    w.api.fail_next(9, StatusCode::FORBIDDEN);
    let told = "Could Not List the Apps | 403 | permission Realtime";
    w.plan_fails(apps("all", ""), told);
    w.api.clear_faults();

    w.api.fail_next(1, Fault::html(StatusCode::NOT_FOUND));
    let told = "Could Not Read the Public Key | url = \"http://127.0.0.1: | GET \
                /.well-known/webhooks.json failed with 404 | goes to the URL of the attribute url";
    let failed = w.plan_fails(key(&w.api.public_key_url()), told);
    failed.lacks("base_url");
}
