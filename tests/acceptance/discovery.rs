//! Looking up what is no webhook: apps, events, and the key of deliveries.

use http::StatusCode;
use realtimekit::mock_api::{Fault, MockApi, Quirks};
use serde_json::json;

use crate::support::*;

const EVENTS: &str = "data.realtimekit_webhook_events.all";
const APPS: &str = "data.realtimekit_apps.all";
const KEY: &str = "data.realtimekit_webhook_public_key.key";

const ALL_EVENTS: &str = "data \"realtimekit_webhook_events\" \"all\" {}\n";

fn apps(attributes: &str) -> String {
    format!("data \"realtimekit_apps\" \"all\" {{\n  {attributes}\n}}\n")
}

fn key(url: &str) -> String {
    format!("data \"realtimekit_webhook_public_key\" \"key\" {{\n  url = \"{url}\"\n}}\n")
}

/// The API as documented and as met, with some apps.
fn with_apps(test: impl Fn(&MockApi)) {
    for quirks in [Quirks::documented(), Quirks::live()] {
        let api = builder()
            .quirks(quirks)
            .app(ACCOUNT, "app-3", "staging")
            .app(ACCOUNT, "app-2", "production")
            .app(ACCOUNT, "app-1", "staging")
            .app("another", "app-4", "staging")
            .start()
            .unwrap();
        test(&api);
    }
}

#[test]
fn events_are_those_of_the_api() {
    in_every_mode(|api| {
        api.change_quirks(|quirks| quirks.lists_events = true);
        let terraform = Terraform::new(api);

        terraform.apply(ALL_EVENTS);

        let state = terraform.state(EVENTS);
        assert_eq!(state["events"].as_array().unwrap().len(), 9);
        assert_eq!(state["events"][0], "livestreaming.statusUpdate");
        assert_eq!(
            (&state["account_id"], &state["app_id"]),
            (&json!(ACCOUNT), &json!(APP))
        );
        terraform.expect_no_changes();
    });
}

#[test]
fn events_not_supported_by_the_api_are_an_error_that_names_the_function() {
    let (api, terraform) = setup();
    let faults = [
        Fault::status(StatusCode::NOT_FOUND),
        Fault::status(StatusCode::BAD_REQUEST),
        Fault::body(StatusCode::OK, r#"{"data": {"id": "all"}}"#),
        Fault::body(StatusCode::OK, r#"{"data": [1]}"#),
        Fault::body(StatusCode::NOT_FOUND, "<title>Not here</title>"),
    ];
    for fault in faults {
        api.fail_next(1, fault);

        let ran = terraform.plan_fails(ALL_EVENTS);

        ran.says(&[
            "Could Not List the Events",
            "webhooks/all",
            "does not seem to have this list",
            "provider::realtimekit::webhook_events()",
        ]);
    }
}

#[test]
fn events_of_a_missing_app_are_an_error() {
    let api = live();
    api.change_quirks(|quirks| quirks.any_app = false);
    let terraform = Terraform::new(&api);

    let ran = terraform.plan_fails(ALL_EVENTS);

    ran.says(&["Could Not List the Events"]);
    ran.says(&MISSING_APP);
}

#[test]
fn apps_are_ordered_by_name_and_id() {
    with_apps(|api| {
        let terraform = Terraform::new(api);

        terraform.apply(&apps(""));

        let state = terraform.state(APPS);
        assert_eq!(state["account_id"], ACCOUNT);
        let listed = state["apps"].as_array().unwrap();
        let listed: Vec<_> = listed
            .iter()
            .map(|app| (app["name"].as_str().unwrap(), app["id"].as_str().unwrap()))
            .collect();
        let expected = [
            ("production", "app-2"),
            ("staging", "app-1"),
            ("staging", "app-3"),
        ];
        assert_eq!(listed, expected);
        assert!(state["apps"][0]["created_at"].is_string(), "{state}");
        terraform.expect_no_changes();
    });
}

#[test]
fn app_found_by_its_exact_name_can_be_used() {
    with_apps(|api| {
        let mut terraform = Terraform::new(api);
        terraform.unset("REALTIMEKIT_APP_ID");

        terraform.apply(&format!(
            "{}{}",
            apps("name = \"production\""),
            bell(&format!("app_id = one({APPS}.apps).id\n{BELL_ATTRIBUTES}")),
        ));

        assert_eq!(api.webhooks(ACCOUNT, "app-2").len(), 1);
        terraform.expect_no_changes();

        terraform.apply(&apps("name = \"Production\""));
        assert_eq!(terraform.state(APPS)["apps"], json!([]));
    });
}

#[test]
fn apps_of_another_account_are_listed() {
    with_apps(|api| {
        let terraform = Terraform::new(api);

        terraform.apply(&apps("account_id = \"another\""));

        assert_eq!(terraform.state(APPS)["apps"][0]["id"], "app-4");
    });
}

#[test]
fn apps_failure_is_an_error() {
    let (api, terraform) = setup();
    api.fail_next(9, StatusCode::FORBIDDEN);

    let ran = terraform.plan_fails(&apps(""));

    ran.says(&["Could Not List the Apps", "403", "permission Realtime"]);
}

#[test]
fn public_key_is_read_without_the_token() {
    in_every_mode(|api| {
        let terraform = Terraform::new(api);

        terraform.apply(&key(&api.public_key_url()));

        let state = terraform.state(KEY);
        assert_eq!(state["url"], api.public_key_url());
        let pem = state["public_key"].as_str().unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
        assert!(api.calls().iter().all(|call| !call.authorized));
        terraform.expect_no_changes();
    });
}

#[test]
fn public_key_failure_is_an_error_at_the_url() {
    let (api, terraform) = setup();
    let page = Fault::body(StatusCode::NOT_FOUND, "<title>Not here</title>");
    api.fail_next(1, page);

    let ran = terraform.plan_fails(&key(&api.public_key_url()));

    ran.says(&[
        "Could Not Read the Public Key",
        "url = \"http://127.0.0.1:",
        "GET /.well-known/webhooks.json failed with 404",
        "goes to the URL of the attribute url",
    ]);
    assert!(!ran.text.contains("base_url"), "{ran}");
}

#[test]
fn public_key_url_without_encryption_is_an_error() {
    let (api, terraform) = setup();

    let ran = terraform.plan_fails(&key("http://example.com/key.json"));

    ran.says(&[
        "Invalid URL",
        "must start with https://",
        "can be read and changed on the way",
    ]);
    assert!(api.calls().is_empty());
}
