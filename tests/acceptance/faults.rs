//! Failures of the API, as Terraform shows and stores them.

use http::{Method, StatusCode};
use realtimekit::mock_api::{ErrorShape, Fault, Matcher};
use serde_json::{Value, json};

use crate::support::*;

/// A provider that sends each request once.
fn once(resources: &str) -> String {
    block("provider realtimekit", "max_retries = 0") + resources
}

/// What `tests/faults` has no messages of.
#[test]
fn read_failure_keeps_the_state_and_says_what_to_do() {
    let mut w = Workspace::applied(once(&bell("")));
    let state = w.get("terraform.tfstate");
    let status = |status: u16| Fault::status(StatusCode::from_u16(status).unwrap());
    let header = json!({"success": false, "messages": [], "result": null, "errors": [{
        "code": 6003, "message": "Invalid request headers",
        "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
    }]});
    let header = Fault::body(StatusCode::BAD_REQUEST, header.to_string());
    let elsewhere = "https://elsewhere.example/there?secret=1";
    let redirect = Fault::empty(StatusCode::TEMPORARY_REDIRECT).header("location", elsewhere);
    w.api
        .change_quirks(|quirks| quirks.edge_errors = ErrorShape::Gateway);
    let (bad, denied) = (status(400).message("no"), status(401).code(10000));
    let page = Fault::html(StatusCode::FORBIDDEN);
    for (fault, words) in [
        (bad, "no | does not accept what was sent"),
        (header, "(code 6003, code 6111 | check that api_token"),
        (denied, "code 10000 | cf-ray | api_token (CLOUDFLARE_"),
        (status(403), "403 | permission Realtime or Realtime Admin"),
        (page, "it says nothing about the token"),
        (status(429).header("retry-after", "42").unwrap(), "in 42 s"),
        (redirect.unwrap(), "https://elsewhere.example/there"),
    ] {
        w.api.fail_next(1, fault);

        let failed = w.fails("plan", "Could Not Read the Webhook | GET /accounts/");

        failed.says(words).lacks("secret");
    }
    w.expect_no_changes();
    w.api.change_quirks(|quirks| quirks.any_app = false);
    w.fails("plan", "Could Not Read the Webhook | 404")
        .says(MISSING_APP);
    w.set("CLOUDFLARE_BASE_URL", "http://127.0.0.1:9");
    w.fails("plan", "127.0.0.1:9 | Connection refused | base_url");
    assert_eq!(w.get("terraform.tfstate"), state);
}

#[test]
fn write_failure_keeps_the_prior_state_and_can_be_repeated() {
    let (none, old, new) = (String::new(), bell(""), bell("name = 'gong'"));
    for (method, verb, before, after) in [
        (Method::POST, "Create", &none, &old),
        (Method::PUT, "Update", &old, &new),
        (Method::DELETE, "Delete", &old, &none),
    ] {
        let w = Workspace::applied(once(before));
        let (state, webhooks) = (w.state(BELL), w.webhooks());
        w.fail(method.clone(), 1, StatusCode::SERVICE_UNAVAILABLE);

        let told = format!("Could Not {verb} the Webhook | {method} /accounts/ | 503");
        w.apply_fails(once(after), &told);

        assert_eq!((w.state(BELL), w.webhooks()), (state, webhooks), "{method}");
        w.apply(once(after));
    }
}

#[test]
fn created_webhook_that_could_not_be_read_back_is_tainted() {
    let w = Workspace::new();
    let made = w.add("door bell", "https://a.example/");
    let answer = json!({ "success": true, "data": { "id": made } }).to_string();
    w.fail(Method::POST, 1, Fault::body(StatusCode::CREATED, answer));
    w.fail(Method::GET, 9, StatusCode::BAD_GATEWAY);

    w.apply_fails(once(&bell("")), "could not be read afterwards");

    w.expect_state(BELL, json!({ "id": made }));
    assert_eq!(w.instance(BELL)["status"], "tainted");
    w.api.clear_faults();
    w.apply(once(&bell("")));
    assert_eq!(w.webhook().url, "https://example.com/bell");
}

#[test]
fn answer_that_differs_is_stored_and_an_error_unless_it_means_the_same() {
    let w = Workspace::applied(bell(""));
    let before = w.state(BELL);
    let created_at = before["created_at"].as_str().unwrap();
    let put = |name: &str| {
        let mut webhook = before.clone();
        webhook["name"] = json!(name);
        webhook["created_at"] = json!(created_at.replace('Z', "000Z")); // the same time
        let answer = json!({ "success": true, "data": webhook }).to_string();
        let answer = Fault::body(StatusCode::OK, answer);
        w.fail(Method::PUT, 1, answer.after_storing());
    };

    put("siren");
    w.apply(bell("name = 'siren'"));
    assert_eq!(w.state(BELL)["created_at"], created_at);

    put("theirs");
    let told = "The API Stored Another Value | \"name\" is not as planned | \
                Sent: \"gong\" | Received: \"theirs\"";
    w.apply_fails(bell("name = 'gong'"), told)
        .lacks("inconsistent result");
    w.expect_state(BELL, json!({ "name": "theirs" }));
}

#[test]
fn webhook_without_times_and_enabled_is_managed_like_any_other() {
    let w = Workspace::new();
    for name in ["door bell", "siren"] {
        let webhook = json!({"id": SAMPLE_ID, "name": name, "url": "https://example.com/bell",
                             "events": ["meeting.started", "meeting.ended"]});
        let body = |data| Fault::body(StatusCode::OK, json!({ "data": data }).to_string());
        let list = Matcher::method(Method::GET).path_suffix("/webhooks");
        w.api.clear_faults();
        w.api.fail(list, usize::MAX, body(json!([webhook])));
        w.api.fail(Matcher::any(), usize::MAX, body(webhook));

        w.apply(bell(&format!("name = '{name}'")));

        let times = json!({ "created_at": Value::Null, "updated_at": Value::Null });
        w.expect_state(BELL, times);
        w.expect_state(BELL, json!({ "name": name, "enabled": true }));
    }
}
