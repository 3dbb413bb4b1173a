//! Failures of the API, as Terraform shows and stores them.

use http::{Method, StatusCode};
use realtimekit::mock_api::{ErrorShape, Fault, Matcher};
use serde_json::{Value, json};

use crate::support::*;

/// A provider that sends each request once.
fn once(resources: &str) -> String {
    block("provider realtimekit", "max_retries = 0") + resources
}

/// The words of the message about each of [`failures`].
const MESSAGES: [&str; 12] = [
    "400 Bad Request | BAD_REQUEST: no | does not accept what was sent",
    "Authorization header (code 6003, code 6111 | check that api_token",
    "401 Unauthorized | code 10000 | cf-ray | api_token (CLOUDFLARE_API_TOKEN)",
    "403 | permission Realtime or Realtime Admin",
    "403 | it says nothing about the token",
    "429 | 1,200 requests in 5 minutes | Try again in 42 s",
    "502 | on the side of the API",
    "404 | not an answer of the RealtimeKit API",
    "307 | https://elsewhere.example/there | follows no redirects",
    "cannot be used | base_url",
    "id | number",
    "MiB",
];

/// Answers that refuse a request or cannot be used, one for each hint on what to do.
fn failures() -> [Fault; 12] {
    let status = |status: u16| Fault::status(StatusCode::from_u16(status).unwrap());
    let elsewhere = "https://elsewhere.example/there?secret=1";
    let redirect = Fault::empty(StatusCode::TEMPORARY_REDIRECT).header("location", elsewhere);
    let header = json!({"success": false, "messages": [], "result": null, "errors": [{
        "code": 6003, "message": "Invalid request headers",
        "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
    }]});
    [
        status(400).message("BAD_REQUEST: no"),
        Fault::body(StatusCode::BAD_REQUEST, header.to_string()),
        status(401).code(10000),
        status(403),
        Fault::html(StatusCode::FORBIDDEN),
        status(429).header("retry-after", "42").unwrap(),
        Fault::html(StatusCode::BAD_GATEWAY),
        Fault::html(StatusCode::NOT_FOUND),
        redirect.unwrap(),
        Fault::truncate(40),
        Fault::body(StatusCode::OK, r#"{"success":true,"data":{"id":7}}"#),
        Fault::huge_body(20 << 20),
    ]
}

#[test]
fn read_failure_keeps_the_state_and_says_what_to_do() {
    let mut w = Workspace::new();
    w.apply(once(&bell("")));
    let state = w.get("terraform.tfstate");
    w.api
        .change_quirks(|quirks| quirks.edge_errors = ErrorShape::Gateway);
    for (fault, words) in failures().into_iter().zip(MESSAGES) {
        w.api.fail_next(1, fault);

        let failed = w.fails("plan", "Could Not Read the Webhook | GET /accounts/");

        failed.says(words).lacks("secret");
    }
    w.expect_no_changes();
    w.api.change_quirks(|quirks| quirks.any_app = false);
    let missing = w.fails("plan", "Could Not Read the Webhook | 404");
    missing.says(MISSING_APP);
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
        let w = Workspace::new();
        w.apply(once(before));
        let (state, webhooks) = (w.state(BELL), w.webhooks());
        w.fail(method.clone(), 1, StatusCode::SERVICE_UNAVAILABLE);

        let told = format!("Could Not {verb} the Webhook | {method} /accounts/ | 503");
        w.apply_fails(once(after), &told)
            .says("on the side of the API");

        assert_eq!((w.state(BELL), w.webhooks()), (state, webhooks), "{method}");
        w.apply(once(after));
    }
}

#[test]
fn created_webhook_that_could_not_be_read_back_is_tainted() {
    let w = Workspace::new();
    let made = w.add("door bell", "https://a.example/").id;
    let answer = json!({ "success": true, "data": { "id": made } }).to_string();
    w.fail(Method::POST, 1, Fault::body(StatusCode::CREATED, answer));
    w.fail(Method::GET, 9, StatusCode::BAD_GATEWAY);

    let told = "could not be read afterwards | The API reported that the change was made";
    w.apply_fails(once(&bell("")), told);

    w.expect_state(BELL, json!({ "id": made }));
    assert_eq!(w.instance(BELL)["status"], "tainted");
    w.api.clear_faults();
    w.apply(once(&bell("")));
    assert_eq!(w.webhook().url, "https://example.com/bell");
}

#[test]
fn answer_that_differs_is_stored_and_an_error_unless_it_means_the_same() {
    let w = Workspace::new();
    w.apply(bell(""));
    let before = w.state(BELL);
    let created_at = before["created_at"].as_str().unwrap();
    let put = |name: &str| {
        let precise = created_at.replace('Z', "000Z"); // the same time
        let answer = json!({"success": true, "data": {
            "id": before["id"], "name": name, "url": before["url"], "events": before["events"],
            "enabled": true, "created_at": precise, "updated_at": precise,
        }});
        let answer = Fault::body(StatusCode::OK, answer.to_string());
        w.fail(Method::PUT, 1, answer.after_storing());
    };

    put("siren");
    w.apply(bell("name = 'siren'"));
    assert_eq!(w.state(BELL)["created_at"], created_at);

    put("theirs");
    let told = "The API Stored Another Value | \"name\" is not as planned | \
                Sent: \"gong\" | Received: \"theirs\"";
    let failed = w.apply_fails(bell("name = 'gong'"), told);
    failed.lacks("inconsistent result");
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

        let expected = json!({
            "name": name, "enabled": true, "created_at": Value::Null, "updated_at": Value::Null,
        });
        w.expect_state(BELL, expected);
    }
}

#[test]
fn creation_beyond_its_timeout_is_an_error() {
    let w = Workspace::new();
    let fault = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    w.fail(Method::POST, 1, fault.header("retry-after", "600").unwrap());

    let told = "Could Not Create the Webhook | 429 | after the operation's timeout";
    w.apply_fails(bell("timeouts = { create = '1m' }"), told);

    assert!(w.state(BELL).is_null());
}
