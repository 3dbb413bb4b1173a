//! What becomes of answers that are not what the documentation says.

use http::{Method, StatusCode};
use realtimekit::api::{Error, Webhooks};
use realtimekit::mock_api::{ErrorShape, Fault, Matcher, MockApi, Quirks};
use serde_json::{Value, json};
use std::time::Duration;

use crate::rate_limit::sent;
use crate::raw_server::RawServer;
use crate::{ACCOUNT, APP, UNKNOWN_ID, config, door_bell, start, webhooks_at};

fn start_with_a_webhook() -> (MockApi, Webhooks, String) {
    let (api, webhooks) = start(Quirks::live());
    let url = "https://example.com/there";
    let webhook = api.add_webhook(ACCOUNT, APP, "there", url, &["meeting.started"]);
    (api, webhooks, webhook.id)
}

/// The webhooks of a server that answers everything with this body.
fn answering(status: &str, body: &Value) -> Webhooks {
    webhooks_at(config(
        &RawServer::answering_json(status, &body.to_string()).origin,
    ))
}

#[tokio::test]
async fn an_error_carries_all_that_the_answer_says_in_every_shape() {
    let shapes = [
        (ErrorShape::Documented, Some("10100")),
        (ErrorShape::Gateway, Some("10100")),
        (ErrorShape::Message, None),
    ];
    for (shape, code) in shapes {
        let (api, webhooks, id) = start_with_a_webhook();
        let fault = Fault::status(StatusCode::TOO_MANY_REQUESTS)
            .shape(shape)
            .code(10100)
            .message("slow down")
            .header("retry-after", "90")
            .unwrap();
        api.fail_next(1, fault);

        let error = webhooks.get(&id).await.unwrap_err();

        let call = &error.failure().unwrap().call;
        let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks/{id}");
        assert_eq!((&call.method, &call.path), (&Method::GET, &path));
        assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
        let refusal = error.failure().unwrap();
        assert_eq!(refusal.message, "slow down");
        assert_eq!(refusal.codes.first().map(String::as_str), code);
        assert_eq!(refusal.cf_ray.as_deref(), Some("0000000000000001-MOCK"));
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(90)));
    }
}

#[tokio::test]
async fn a_status_is_asked_for_by_its_meaning() {
    type Question = fn(&Error) -> bool;
    let questions: [(u16, Question); 3] = [
        (401, Error::is_token_refused),
        (404, Error::is_gone),
        (409, Error::is_conflict),
    ];

    for (status, _) in questions {
        let (api, webhooks, id) = start_with_a_webhook();
        api.fail_next(1, StatusCode::from_u16(status).unwrap());
        let error = webhooks.get(&id).await.unwrap_err();

        for (asked, question) in questions {
            assert_eq!(question(&error), asked == status, "{asked} of {error}");
        }
    }
}

#[tokio::test]
async fn a_token_that_the_api_does_not_know_is_unauthorized() {
    let api = MockApi::builder().token("another").start().unwrap();

    let error = webhooks_at(config(&api.base_url()))
        .list()
        .await
        .unwrap_err();

    assert!(error.is_token_refused());
    assert!(
        error
            .to_string()
            .contains(" failed with 401 Unauthorized: Unauthorized (cf-ray "),
        "{error}"
    );
}

#[tokio::test]
async fn a_404_in_another_form_than_the_apis_never_means_that_a_webhook_is_gone() {
    let not_found = StatusCode::NOT_FOUND;
    let no_route = |code: u32| {
        let error = json!({"code": code, "message": "Could not route to this path"});
        let body = json!({"success": false, "errors": [error], "messages": [], "result": null});
        Fault::body(not_found, body.to_string())
    };
    let faults = [
        no_route(7000),
        no_route(7003),
        Fault::html(not_found),
        Fault::empty(not_found),
        Fault::body(not_found, "not found"),
        Fault::body(not_found, "{}"),
        Fault::body(not_found, r#"{"success": false, "err"#),
        Fault::status(not_found).shape(ErrorShape::Message),
    ];
    let (api, webhooks, id) = start_with_a_webhook();

    for fault in faults {
        api.fail_next(3, fault.clone());
        let got = webhooks.get(&id).await.unwrap_err();
        let deleted = webhooks.delete(&id).await.unwrap_err();
        let listed = webhooks.list().await.unwrap_err();

        for error in [got, deleted, listed] {
            assert_eq!(error.status(), Some(not_found), "{fault}");
            assert!(!error.is_gone(), "{fault}: {error}");
        }
    }
    let own_words = json!({"success": false, "message": "Webhook not found"});
    api.fail_next(1, Fault::body(not_found, own_words.to_string()));
    assert!(webhooks.get(&id).await.unwrap_err().is_gone());
}

#[tokio::test]
async fn a_success_that_says_no_is_a_refusal() {
    let (api, webhooks, id) = start_with_a_webhook();
    api.fail_next(1, Fault::status(StatusCode::OK).message("not today"));

    let error = webhooks.delete(&id).await.unwrap_err();

    assert!(
        error.to_string().contains(" failed with 200 OK: not today"),
        "{error}"
    );
    assert!(!error.outcome_unknown());
}

#[tokio::test]
async fn a_success_that_is_no_envelope_leaves_the_outcome_of_a_write_unknown() {
    let faults = [
        Fault::html(StatusCode::OK),
        Fault::empty(StatusCode::OK),
        Fault::body(StatusCode::OK, "[]"),
        Fault::body(StatusCode::OK, "{}"),
        Fault::body(StatusCode::CREATED, r#"{"data": {"name": "door bell"}}"#),
        Fault::body(StatusCode::CREATED, r#"{"data": {"id": "all"}}"#),
        Fault::huge_body(64 * 1024 * 1024),
    ];

    for fault in faults {
        let (api, webhooks, _id) = start_with_a_webhook();
        api.fail(Matcher::method(Method::POST), 1, fault.clone());

        let error = webhooks.create(&door_bell()).await.unwrap_err();

        assert!(error.is_unreadable(), "{fault}: {error}");
        assert!(error.outcome_unknown(), "{fault}: {error}");
        assert_eq!(sent(&api, &Method::POST), 1, "{fault}");
    }
}

#[tokio::test]
async fn an_update_that_is_answered_with_nothing_is_read_back() {
    for fault in [
        Fault::empty(StatusCode::OK),
        Fault::body(StatusCode::OK, r#"{"success": true}"#),
    ] {
        let (api, webhooks, id) = start_with_a_webhook();
        api.fail(Matcher::method(Method::PUT), 1, fault.after_storing());

        let replaced = webhooks.replace(&id, &door_bell()).await.unwrap();

        assert_eq!((replaced.id, replaced.name), (id, "door bell".to_owned()));
    }
}

#[tokio::test]
async fn a_delete_that_is_answered_with_a_page_is_not_taken_for_done() {
    let (api, webhooks, id) = start_with_a_webhook();
    api.fail_next(1, Fault::html(StatusCode::OK));

    let error = webhooks.delete(&id).await.unwrap_err();

    assert!(
        error
            .to_string()
            .contains("it is a page with the title \"OK\""),
        "{error}"
    );
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);
}

#[tokio::test]
async fn an_answer_about_another_webhook_is_unreadable() {
    let other = json!({"data": {
        "id": "11111111-1111-4111-8111-111111111111",
        "name": "n", "url": "u", "events": [], "enabled": true, "created_at": "c", "updated_at": "u",
    }});
    let webhooks = answering("200 OK", &other);

    let got = webhooks.get(UNKNOWN_ID).await.unwrap_err();
    let replaced = webhooks
        .replace(UNKNOWN_ID, &door_bell())
        .await
        .unwrap_err();

    for error in [got, replaced] {
        let expected = "it is about webhook 11111111-1111-4111-8111-111111111111";
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn an_answer_with_a_wrong_or_missing_field_names_it_and_shows_no_value() {
    let whole = json!({
        "id": UNKNOWN_ID, "name": "secret", "url": "secret", "events": [], "enabled": true,
        "created_at": "secret", "updated_at": "secret",
    });
    let cases = [
        (
            "events",
            json!(["secret", "secret", 3]),
            "events[2] is a number, expected a string",
        ),
        (
            "enabled",
            json!("secret"),
            "enabled is a string, expected a boolean",
        ),
        ("name", Value::Null, "name is null, expected a string"),
    ];

    for (field, value, problem) in cases {
        let mut webhook = whole.clone();
        webhook[field] = value;

        let one = answering("200 OK", &json!({"data": webhook}));
        let got = one.get(UNKNOWN_ID).await.unwrap_err().to_string();
        let all = answering("200 OK", &json!({"result": [whole, webhook]}));
        let listed = all.list().await.unwrap();

        assert!(
            got.contains(&format!("cannot be used: {problem} (cf-ray")),
            "{got}"
        );
        assert_eq!((listed.len(), listed.unreadable().len()), (1, 1));
        assert_eq!(listed.unreadable()[0].problem, problem);
        assert_eq!(listed.unreadable()[0].id.as_deref(), Some(UNKNOWN_ID));
        assert!(!got.contains("secret"));
    }
}

#[tokio::test]
async fn a_list_that_is_no_list_is_never_taken_for_an_empty_one() {
    let bodies = [
        json!({"data": null}),
        json!({"data": {}}),
        json!({"success": true}),
    ];

    for body in bodies {
        let error = answering("200 OK", &body).list().await.unwrap_err();

        assert!(error.is_unreadable(), "{body}: {error}");
    }
}
