//! What the API can answer, and what becomes of the state.

#[cfg(unix)]
use std::time::Duration;

use http::{Method, StatusCode};
#[cfg(unix)]
use realtimekit::mock_api::MockApi;
use realtimekit::mock_api::{ErrorShape, Fault, Matcher};
use serde_json::json;

#[cfg(unix)]
use crate::interrupt;
use crate::support::*;

/// A webhook of a provider that sends each request once.
fn bell_once(attributes: &str) -> String {
    format!(
        "provider \"realtimekit\" {{\n  max_retries = 0\n}}\n{}",
        bell(attributes)
    )
}

/// Answers that refuse a call, with the words that a practitioner must find.
fn refusals() -> Vec<(&'static str, Fault, Vec<&'static str>)> {
    let status = |status: u16| Fault::status(StatusCode::from_u16(status).unwrap());
    let redirect = Fault::redirect("https://elsewhere.example/there?secret=1").unwrap();
    vec![
        (
            "documented",
            status(400)
                .shape(ErrorShape::Documented)
                .message("BAD_REQUEST: no"),
            vec![
                "400 Bad Request",
                "BAD_REQUEST: no",
                "does not accept what was sent",
            ],
        ),
        (
            "gateway",
            status(401).shape(ErrorShape::Gateway).code(10000),
            vec![
                "401 Unauthorized",
                "code 10000",
                "cf-ray",
                "api_token (CLOUDFLARE_API_TOKEN)",
            ],
        ),
        (
            "message",
            status(401).shape(ErrorShape::Message),
            vec!["401", "neither expired nor disabled"],
        ),
        (
            "forbidden",
            status(403),
            vec!["403", "permission Realtime or Realtime Admin"],
        ),
        (
            "too many",
            status(429).header("retry-after", "42").unwrap(),
            vec!["429", "1,200 requests in 5 minutes", "Try again in 42 s"],
        ),
        (
            "unavailable",
            status(503),
            vec!["503", "on the side of the API"],
        ),
        (
            "html",
            Fault::html(StatusCode::BAD_GATEWAY),
            vec!["502", "on the side of the API"],
        ),
        (
            "html 404",
            Fault::html(StatusCode::NOT_FOUND),
            vec!["404", "not an answer of the RealtimeKit API"],
        ),
        (
            "empty",
            Fault::empty(StatusCode::INTERNAL_SERVER_ERROR),
            vec!["500"],
        ),
        (
            "redirect",
            redirect,
            vec![
                "307",
                "https://elsewhere.example/there",
                "follows no redirects",
            ],
        ),
    ]
}

/// Successes that cannot be used.
fn unreadable() -> Vec<(&'static str, Fault, Vec<&'static str>)> {
    let ok = |body: &'static str| Fault::body(StatusCode::OK, body);
    vec![
        (
            "html 200",
            Fault::html(StatusCode::OK),
            vec!["cannot be used", "base_url"],
        ),
        (
            "empty 200",
            Fault::empty(StatusCode::OK),
            vec!["cannot be used"],
        ),
        ("truncated", Fault::truncate(40), vec!["cannot be used"]),
        (
            "wrong type",
            ok(r#"{"success":true,"data":{"id":7}}"#),
            vec!["id", "number"],
        ),
        (
            "failure with 200",
            ok(r#"{"success":false,"error":{"code":1,"message":"nope"}}"#),
            vec!["nope"],
        ),
        ("huge", Fault::huge_body(20 << 20), vec!["MiB"]),
    ]
}

fn says_all(ran: &Ran, case: &str, words: &[&str]) {
    for word in words {
        assert!(
            ran.text.contains(word),
            "{case}: {word:?} is not said: {ran}"
        );
    }
}

#[test]
fn a_failed_read_keeps_the_webhook_in_the_state() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell_once(BELL_ATTRIBUTES));
    let state = terraform.state(BELL);
    for (case, fault, words) in refusals().into_iter().chain(unreadable()) {
        api.fail_next(1, fault);

        let ran = terraform.fails(&["apply", "-auto-approve"]);

        says_all(
            &ran,
            case,
            &["Could Not Read the Webhook", "GET /accounts/"],
        );
        says_all(&ran, case, &words);
        assert_eq!(terraform.state(BELL), state, "{case}");
    }
    terraform.expect_no_changes();
}

#[test]
fn a_refused_creation_leaves_nothing() {
    for (case, fault, words) in refusals() {
        let api = live();
        let terraform = Terraform::new(&api);
        api.fail(Matcher::method(Method::POST), 1, fault);

        let ran = terraform.apply_fails(&bell_once(BELL_ATTRIBUTES));

        says_all(
            &ran,
            case,
            &["Could Not Create the Webhook", "POST /accounts/"],
        );
        says_all(&ran, case, &words);
        assert!(terraform.state(BELL).is_null(), "{case}");
        assert!(api.webhooks(ACCOUNT, APP).is_empty(), "{case}");
    }
}

#[test]
fn a_failed_update_keeps_what_is_true() {
    for (case, fault, words) in refusals() {
        let api = live();
        let terraform = Terraform::new(&api);
        terraform.apply(&bell_once(BELL_ATTRIBUTES));
        let state = terraform.state(BELL);
        api.fail(Matcher::method(Method::PUT), 1, fault);

        let ran = terraform.apply_fails(&bell_once(&BELL_ATTRIBUTES.replace("door bell", "gong")));

        says_all(
            &ran,
            case,
            &["Could Not Update the Webhook", "PUT /accounts/"],
        );
        says_all(&ran, case, &words);
        assert_eq!(terraform.state(BELL), state, "{case}");
        terraform.succeeds(&["apply", "-auto-approve"]);
        assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "gong");
    }
}

#[test]
fn a_failed_deletion_keeps_the_webhook_in_the_state() {
    for (case, fault, words) in refusals() {
        let api = live();
        let terraform = Terraform::new(&api);
        terraform.apply(&bell_once(BELL_ATTRIBUTES));
        let state = terraform.state(BELL);
        api.fail(Matcher::method(Method::DELETE), 1, fault);

        let ran = terraform.fails(&["destroy", "-auto-approve"]);

        says_all(
            &ran,
            case,
            &["Could Not Delete the Webhook", "DELETE /accounts/"],
        );
        says_all(&ran, case, &words);
        assert_eq!(terraform.state(BELL), state, "{case}");
        terraform.destroy();
        assert!(api.webhooks(ACCOUNT, APP).is_empty());
    }
}

#[test]
fn a_creation_whose_answer_was_lost_is_neither_repeated_nor_orphaned() {
    let lost: [(&str, Fault); 3] = [
        ("no answer", Fault::drop_connection().after_storing()),
        (
            "500",
            Fault::status(StatusCode::INTERNAL_SERVER_ERROR).after_storing(),
        ),
        ("truncated", Fault::truncate(30)),
    ];
    for (case, fault) in lost {
        let api = live();
        let terraform = Terraform::new(&api);
        api.fail(Matcher::method(Method::POST), 1, fault);

        terraform.apply(&bell(BELL_ATTRIBUTES));

        let [webhook] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
        assert_eq!(terraform.state(BELL)["id"], webhook.id.as_str(), "{case}");
        assert_eq!(writes(&api), ["POST webhooks"], "{case}");
        terraform.expect_no_changes();
    }
}

#[test]
fn a_webhook_that_was_changed_but_could_not_be_read_back_is_not_lost() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell_once(BELL_ATTRIBUTES));
    let plan = terraform.plan(&bell_once(&BELL_ATTRIBUTES.replace("door bell", "gong")));
    api.fail(Matcher::method(Method::GET), 9, StatusCode::BAD_GATEWAY);

    let ran = terraform.fails(&["apply", "plan"]);

    assert_eq!(plan.actions(BELL), ["update"]);
    says_all(
        &ran,
        "read back",
        &[
            "could not be read afterwards",
            "The API reported that the change was made",
        ],
    );
    assert_eq!(terraform.state(BELL)["name"], "gong");
    api.clear_faults();
    terraform.expect_no_changes();
}

#[test]
fn a_webhook_that_was_created_but_could_not_be_read_back_is_stored_and_replaced() {
    let api = live();
    let terraform = Terraform::new(&api);
    let made = api.add_webhook(
        ACCOUNT,
        APP,
        "door bell",
        "https://a.example/",
        &["meeting.ended"],
    );
    let answer = format!(r#"{{"success":true,"data":{{"id":"{}"}}}}"#, made.id);
    api.fail(
        Matcher::method(Method::POST),
        1,
        Fault::body(StatusCode::CREATED, answer),
    );
    api.fail(Matcher::method(Method::GET), 9, StatusCode::BAD_GATEWAY);

    let ran = terraform.apply_fails(&bell_once(BELL_ATTRIBUTES));

    says_all(
        &ran,
        "read back",
        &[
            "could not be read afterwards",
            "The API reported that the change was made",
        ],
    );
    assert_eq!(terraform.state(BELL)["id"], made.id.as_str());
    assert!(terraform.is_tainted(BELL));
    api.clear_faults();
    terraform.succeeds(&["apply", "-auto-approve"]);
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);
    terraform.expect_no_changes();
}

#[test]
fn an_answer_that_contradicts_what_was_sent_is_our_error_and_is_stored() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();
    let answer = format!(
        r#"{{"success":true,"data":{{"id":"{id}","name":"theirs","url":"https://example.com/bell",
        "events":["meeting.started","meeting.ended"],"enabled":true,
        "created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:01.000Z"}}}}"#
    );
    api.fail(
        Matcher::method(Method::PUT),
        1,
        Fault::body(StatusCode::OK, answer),
    );

    let ran = terraform.apply_fails(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));

    says_all(
        &ran,
        "contradiction",
        &[
            "The API Stored Another Value",
            "\"name\" is not as planned",
            "Sent: \"gong\"",
            "Received: \"theirs\"",
        ],
    );
    assert!(!ran.text.contains("inconsistent result"), "{ran}");
    assert_eq!(terraform.state(BELL)["name"], "theirs");
}

#[test]
fn a_url_that_is_taken_is_answered_with_the_block_that_imports_its_webhook() {
    let api = live();
    let theirs = api.add_webhook(
        ACCOUNT,
        APP,
        "theirs",
        "https://example.com/bell",
        &["meeting.ended"],
    );
    let terraform = Terraform::new(&api);

    let ran = terraform.apply_fails(&bell(BELL_ATTRIBUTES));

    let id = format!("id = \"{ACCOUNT}/{APP}/{}\"", theirs.id);
    ran.says(&["URL Already in Use", "named \"theirs\"", "import {", &id]);
    assert!(terraform.state(BELL).is_null());
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);

    // The block does what the error says.
    let block = format!("import {{\n  to = {BELL}\n  {id}\n}}\n");
    terraform.apply(&format!("{block}{}", bell(BELL_ATTRIBUTES)));
    assert_eq!(terraform.state(BELL)["id"], theirs.id.as_str());
}

#[test]
fn an_update_to_a_url_that_is_taken_keeps_the_state() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    api.add_webhook(
        ACCOUNT,
        APP,
        "theirs",
        "https://example.com/theirs",
        &["meeting.ended"],
    );

    let ran = terraform.apply_fails(&bell(&BELL_ATTRIBUTES.replace("/bell", "/theirs")));

    ran.says(&["URL Already in Use", "\"theirs\""]);
    assert_eq!(terraform.state(BELL)["url"], "https://example.com/bell");
}

#[test]
fn a_missing_app_removes_nothing_from_the_state() {
    let api = builder().app(ACCOUNT, OTHER_APP, "other").start().unwrap();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));

    api.change_quirks(|quirks| quirks.any_app = false);
    let ran = terraform.fails(&["plan"]);

    ran.says(&[
        "Could Not Read the Webhook",
        "404",
        "check account_id and app_id",
        "terraform state rm",
        "removed block",
    ]);
    assert_eq!(terraform.state(BELL)["name"], "door bell");
}

#[test]
fn an_api_that_cannot_be_reached_is_named() {
    let api = live();
    let terraform = Terraform::new(&api);
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

#[test]
fn a_refused_token_is_no_missing_webhook() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));

    terraform.set("CLOUDFLARE_API_TOKEN", "another");
    let ran = terraform.fails(&["plan"]);

    ran.says(&["Could Not Read the Webhook", "401", "CLOUDFLARE_API_TOKEN"]);
    assert_eq!(terraform.state(BELL)["name"], "door bell");
}

#[cfg(unix)] // Windows has no signal for another process
#[test]
fn an_interrupt_waits_for_the_creation_under_way_and_saves_it() {
    let api: MockApi = live();
    let terraform = Terraform::new(&api);
    terraform.write(&bell(BELL_ATTRIBUTES));
    api.fail(
        Matcher::method(Method::POST),
        1,
        Fault::delay(Duration::from_secs(3)),
    );

    let (ran, _) = interrupt::after(&terraform, &["apply", "-auto-approve"], || {
        !writes(&api).is_empty()
    });

    ran.says(&["Interrupt received", "Creation complete"]);
    assert_eq!(
        terraform.state(BELL)["id"],
        api.webhooks(ACCOUNT, APP)[0].id.as_str()
    );
}

#[test]
fn token_that_the_gateway_cannot_read_is_named() {
    let api = live();
    let body = json!({
        "success": false, "messages": [], "result": null,
        "errors": [{
            "code": 6003, "message": "Invalid request headers",
            "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
        }],
    });
    let fault = Fault::body(StatusCode::BAD_REQUEST, body.to_string());
    api.fail(Matcher::any(), usize::MAX, fault);

    let ran = Terraform::new(&api).plan_fails("data \"realtimekit_webhooks\" \"all\" {}\n");

    ran.says(&[
        "Invalid request headers; Invalid format for Authorization header (codes 6003, 6111",
        "check that api_token",
    ]);
}

#[test]
fn challenge_page_is_not_blamed_on_the_token() {
    let api = live();
    api.fail(
        Matcher::any(),
        usize::MAX,
        Fault::html(StatusCode::FORBIDDEN),
    );

    let ran = Terraform::new(&api).plan_fails("data \"realtimekit_webhooks\" \"all\" {}\n");

    ran.says(&["403 Forbidden", "it says nothing about the token"]);
    assert!(!ran.text.contains("has the permission"), "{ran}");
}
