//! Failures of the API, as Terraform shows and stores them. `tests/faults` has every fault of every
//! operation; here are the messages, and one fault of each operation.

#[cfg(unix)]
use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::mock_api::{ErrorShape, Fault, Matcher};
use serde_json::json;

#[cfg(unix)]
use crate::interrupt;
use crate::support::*;

const GONG: &str = r#"
  name   = "gong"
  url    = "https://example.com/bell"
  events = ["meeting.started", "meeting.ended"]
"#;

/// A webhook of a provider that sends each request once.
fn bell_once(attributes: &str) -> String {
    format!(
        "provider \"realtimekit\" {{\n  max_retries = 0\n}}\n{}",
        bell(attributes)
    )
}

/// Answers that refuse a request or cannot be used, with the words of the message.
fn failures() -> Vec<(Fault, &'static [&'static str])> {
    let status = |status: u16| Fault::status(StatusCode::from_u16(status).unwrap());
    let ok = |body: &'static str| Fault::body(StatusCode::OK, body);
    let documented = status(400).shape(ErrorShape::Documented);
    let redirect = Fault::redirect("https://elsewhere.example/there?secret=1").unwrap();
    let header = json!({"success": false, "messages": [], "result": null, "errors": [{
        "code": 6003, "message": "Invalid request headers",
        "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
    }]});
    vec![
        (
            documented.message("BAD_REQUEST: no"),
            &[
                "400 Bad Request",
                "BAD_REQUEST: no",
                "does not accept what was sent",
            ],
        ),
        (
            Fault::body(StatusCode::BAD_REQUEST, header.to_string()),
            &[
                "Invalid format for Authorization header (code 6003, code 6111",
                "check that api_token",
            ],
        ),
        (
            status(401).shape(ErrorShape::Gateway).code(10000),
            &[
                "401 Unauthorized",
                "code 10000",
                "cf-ray",
                "api_token (CLOUDFLARE_API_TOKEN)",
            ],
        ),
        (
            status(401).shape(ErrorShape::Message),
            &["401", "neither expired nor disabled"],
        ),
        (
            status(403),
            &["403", "permission Realtime or Realtime Admin"],
        ),
        (
            Fault::html(StatusCode::FORBIDDEN),
            &["403 Forbidden", "it says nothing about the token"],
        ),
        (
            status(429).header("retry-after", "42").unwrap(),
            &["429", "1,200 requests in 5 minutes", "Try again in 42 s"],
        ),
        (status(503), &["503", "on the side of the API"]),
        (
            Fault::html(StatusCode::BAD_GATEWAY),
            &["502", "on the side of the API"],
        ),
        (
            Fault::html(StatusCode::NOT_FOUND),
            &["404", "not an answer of the RealtimeKit API"],
        ),
        (Fault::empty(StatusCode::INTERNAL_SERVER_ERROR), &["500"]),
        (
            redirect,
            &[
                "307",
                "https://elsewhere.example/there",
                "follows no redirects",
            ],
        ),
        (Fault::html(StatusCode::OK), &["cannot be used", "base_url"]),
        (Fault::empty(StatusCode::OK), &["cannot be used"]),
        (Fault::truncate(40), &["cannot be used"]),
        (ok(r#"{"success":true,"data":{"id":7}}"#), &["id", "number"]),
        (
            ok(r#"{"success":false,"error":{"code":1,"message":"nope"}}"#),
            &["nope"],
        ),
        (Fault::huge_body(20 << 20), &["MiB"]),
    ]
}

#[test]
fn read_failure_keeps_the_state_and_says_what_to_do() {
    let (api, terraform) = setup();
    terraform.apply(&bell_once(BELL_ATTRIBUTES));
    let state = terraform.state(BELL);
    for (fault, words) in failures() {
        api.fail_next(1, fault);

        let ran = terraform.fails(&["plan"]);

        ran.says(&["Could Not Read the Webhook"]);
        ran.says(&["GET /accounts/"]);
        for word in words {
            ran.says(&[word]);
        }
        assert!(!ran.text.contains("secret"), "{ran}");
        assert_eq!(terraform.state(BELL), state, "{ran}");
    }
    terraform.expect_no_changes();
}

#[test]
fn write_failure_keeps_the_prior_state_and_can_be_repeated() {
    for (method, before, after, summary) in [
        (
            Method::POST,
            "",
            BELL_ATTRIBUTES,
            "Could Not Create the Webhook",
        ),
        (
            Method::PUT,
            BELL_ATTRIBUTES,
            GONG,
            "Could Not Update the Webhook",
        ),
        (
            Method::DELETE,
            BELL_ATTRIBUTES,
            "",
            "Could Not Delete the Webhook",
        ),
    ] {
        let configuration = |attributes: &str| match attributes {
            "" => String::new(),
            attributes => bell_once(attributes),
        };
        let (api, terraform) = setup();
        terraform.apply(&configuration(before));
        let state = terraform.state(BELL);
        let webhooks = api.webhooks(ACCOUNT, APP);
        let provider_only = "provider \"realtimekit\" {\n  max_retries = 0\n}\n";
        api.fail(
            Matcher::method(method.clone()),
            1,
            StatusCode::SERVICE_UNAVAILABLE,
        );

        let ran = match after {
            "" => terraform.apply_fails(provider_only),
            after => terraform.apply_fails(&configuration(after)),
        };

        let call = format!("{method} /accounts/");
        ran.says(&[summary, &call, "503", "on the side of the API"]);
        assert_eq!(terraform.state(BELL), state, "{method}");
        assert_eq!(api.webhooks(ACCOUNT, APP), webhooks, "{method}");
        terraform.succeeds(&["apply", "-auto-approve"]);
        terraform.expect_no_changes();
    }
}

#[test]
fn creation_whose_answer_was_lost_creates_one_webhook() {
    for fault in [
        Fault::drop_connection().after_storing(),
        Fault::status(StatusCode::INTERNAL_SERVER_ERROR).after_storing(),
        Fault::truncate(30),
    ] {
        let (api, terraform) = setup();
        api.fail(Matcher::method(Method::POST), 1, fault);

        terraform.apply(&bell(BELL_ATTRIBUTES));

        let [webhook] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
        assert_eq!(terraform.state(BELL)["id"], webhook.id.as_str());
        assert_eq!(writes(&api), ["POST webhooks"]);
        terraform.expect_no_changes();
    }
}

#[test]
fn update_that_could_not_be_read_back_is_stored_as_planned() {
    let (api, terraform) = setup();
    terraform.apply(&bell_once(BELL_ATTRIBUTES));
    let plan = terraform.plan(&bell_once(GONG));
    api.fail(Matcher::method(Method::GET), 9, StatusCode::BAD_GATEWAY);

    let ran = terraform.fails(&["apply", "plan"]);

    assert_eq!(plan.actions(BELL), ["update"]);
    ran.says(&[
        "could not be read afterwards",
        "The API reported that the change was made",
    ]);
    assert_eq!(terraform.state(BELL)["name"], "gong");
    api.clear_faults();
    terraform.expect_no_changes();
}

#[test]
fn creation_that_could_not_be_read_back_is_stored_and_replaced() {
    let (api, terraform) = setup();
    let made = add(&api, "door bell", "https://a.example/");
    let answer = format!(r#"{{"success":true,"data":{{"id":"{}"}}}}"#, made.id);
    let answer = Fault::body(StatusCode::CREATED, answer);
    api.fail(Matcher::method(Method::POST), 1, answer);
    api.fail(Matcher::method(Method::GET), 9, StatusCode::BAD_GATEWAY);

    let ran = terraform.apply_fails(&bell_once(BELL_ATTRIBUTES));

    ran.says(&[
        "could not be read afterwards",
        "The API reported that the change was made",
    ]);
    assert_eq!(terraform.state(BELL)["id"], made.id.as_str());
    assert!(terraform.is_tainted(BELL));
    api.clear_faults();
    terraform.succeeds(&["apply", "-auto-approve"]);
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);
    terraform.expect_no_changes();
}

#[test]
fn answer_that_contradicts_the_request_is_an_error_and_is_stored() {
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let id = &api.webhooks(ACCOUNT, APP)[0].id;
    let answer = json!({"success": true, "data": {
        "id": id, "name": "theirs", "url": "https://example.com/bell",
        "events": ["meeting.started", "meeting.ended"], "enabled": true,
        "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:01.000Z",
    }});
    let answer = Fault::body(StatusCode::OK, answer.to_string());
    api.fail(Matcher::method(Method::PUT), 1, answer);

    let ran = terraform.apply_fails(&bell(GONG));

    ran.says(&[
        "The API Stored Another Value",
        "\"name\" is not as planned",
        "Sent: \"gong\"",
        "Received: \"theirs\"",
    ]);
    assert!(!ran.text.contains("inconsistent result"), "{ran}");
    assert_eq!(terraform.state(BELL)["name"], "theirs");
}

#[test]
fn missing_app_keeps_the_state() {
    let api = builder().app(ACCOUNT, OTHER_APP, "other").start().unwrap();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));

    api.change_quirks(|quirks| quirks.any_app = false);
    let ran = terraform.fails(&["plan"]);

    ran.says(&["Could Not Read the Webhook", "404"]);
    ran.says(&MISSING_APP);
    assert_eq!(terraform.state(BELL)["name"], "door bell");
}

#[test]
fn unreachable_api_is_named_and_keeps_the_state() {
    let (api, terraform) = setup();
    terraform.apply(&bell_once(BELL_ATTRIBUTES));
    let address = api.address().to_string();
    drop(api);

    let ran = terraform.fails(&["plan"]);

    ran.says(&[
        "Could Not Read the Webhook",
        &address,
        "Connection refused",
        "base_url",
    ]);
    assert_eq!(terraform.state(BELL)["name"], "door bell");
}

#[cfg(unix)] // Windows has no signal for another process
#[test]
fn interrupt_waits_for_the_creation_in_progress_and_stores_it() {
    let (api, terraform) = setup();
    terraform.write(&bell(BELL_ATTRIBUTES));
    let delay = Fault::delay(Duration::from_secs(3));
    api.fail(Matcher::method(Method::POST), 1, delay);

    let (ran, _) = interrupt::after(&terraform, &["apply", "-auto-approve"], || {
        !writes(&api).is_empty()
    });

    ran.says(&["Interrupt received", "Creation complete"]);
    let [webhook] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
    assert_eq!(terraform.state(BELL)["id"], webhook.id.as_str());
}
