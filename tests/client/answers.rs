//! What becomes of answers that are not what the documentation says.

use http::StatusCode;
use realtimekit::api::Webhooks;
use realtimekit::mock_api::{Fault, MockApi, Quirks};
use serde_json::{Value, json};

use crate::raw_server::RawServer;
use crate::{ACCOUNT, APP, UNKNOWN_ID, add, config, door_bell, start, status, webhooks_at};

fn start_with_a_webhook() -> (MockApi, Webhooks, String) {
    let (api, webhooks) = start(Quirks::live());
    let id = add(&api, 0);
    (api, webhooks, id)
}

/// The webhooks of a server that answers everything with this body.
fn answering(body: &Value) -> Webhooks {
    let server = RawServer::answering_json("200 OK", &body.to_string());
    webhooks_at(config(&server.origin))
}

#[tokio::test]
async fn error_carries_all_that_the_answer_says() {
    let (api, webhooks, id) = start_with_a_webhook();
    let fault = status(409).code(10100).message("slow down");
    api.fail_next(1, fault.header("retry-after", "90").unwrap());

    let error = webhooks.get(&id).await.unwrap_err();

    let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks/{id}");
    let said = format!(
        "GET {path} failed with 409 Conflict: slow down (code 10100, cf-ray 0000000000000001-MOCK)"
    );
    assert_eq!(error.to_string(), said);
    let failure = error.failure().unwrap();
    assert_eq!(failure.retry_after.unwrap().as_secs(), 90);
    assert!(error.is_conflict() && !error.is_token_refused() && !error.is_gone());
}

/// In which forms a 404 may be the API's own is tested in `src/api/response.rs` and `error/tests.rs`.
#[tokio::test]
async fn a_404_that_is_not_the_apis_own_never_means_that_a_webhook_is_gone() {
    let (api, webhooks, id) = start_with_a_webhook();
    api.fail_next(3, Fault::html(StatusCode::NOT_FOUND));
    let own_words = json!({"success": false, "message": "Webhook not found"});
    api.fail_next(1, Fault::body(StatusCode::NOT_FOUND, own_words.to_string()));

    let got = webhooks.get(&id).await.unwrap_err();
    let deleted = webhooks.delete(&id).await.unwrap_err();
    let listed = webhooks.list().await.unwrap_err();

    for error in [got, deleted, listed] {
        assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
        assert!(!error.is_gone() && !error.is_app_not_found(), "{error}");
    }
    assert!(webhooks.get(&id).await.unwrap_err().is_gone());
}

fn whole() -> Value {
    json!({
        "id": UNKNOWN_ID, "name": "secret", "url": "secret", "events": [], "enabled": true,
        "created_at": "secret", "updated_at": "secret",
    })
}

#[tokio::test]
async fn answer_about_another_webhook_is_unreadable() {
    let id = "11111111-1111-4111-8111-111111111111";
    let mut other = whole();
    other["id"] = json!(id);
    let webhooks = answering(&json!({"data": other}));

    let got = webhooks.get(UNKNOWN_ID).await;
    let replaced = webhooks.replace(UNKNOWN_ID, &door_bell()).await;

    let problem = format!("it is about webhook {id}");
    for result in [got, replaced] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(&problem), "{error}");
    }
}

#[tokio::test]
async fn answer_with_a_wrong_or_missing_field_names_it_and_shows_no_value() {
    let cases = [
        (
            "events",
            json!(["secret", 3]),
            "events[1] is a number, expected a string",
        ),
        (
            "enabled",
            json!("secret"),
            "enabled is a string, expected a boolean",
        ),
        ("name", Value::Null, "name is null, expected a string"),
        ("id", json!("secret"), "id is not a UUID"),
    ];
    for (field, value, problem) in cases {
        let mut webhook = whole();
        webhook[field] = value;

        let one = answering(&json!({"data": webhook}));
        let got = one.get(UNKNOWN_ID).await.unwrap_err().to_string();
        let all = answering(&json!({"result": [whole(), webhook]}));
        let listed = all.list().await.unwrap();

        let said = format!("cannot be used: {problem} (cf-ray");
        assert!(got.contains(&said) && !got.contains("secret"), "{got}");
        assert_eq!((listed.len(), listed.unreadable().len()), (1, 1));
        assert_eq!(listed.unreadable()[0].problem, problem);
    }
}

#[tokio::test]
async fn webhook_needs_only_an_id_a_name_a_url_and_events() {
    let least = json!({"id": UNKNOWN_ID, "name": "n", "url": "https://a.example/", "events": []});
    let mut null = least.clone();
    for field in ["enabled", "created_at", "updated_at"] {
        null[field] = json!(null);
    }
    for webhook in [least, null] {
        let (one, list) = (json!({"data": webhook}), json!({"data": [webhook]}));

        let got = answering(&one).get(UNKNOWN_ID).await.unwrap();
        let listed = answering(&list).list().await.unwrap();

        assert!(got.enabled);
        assert_eq!((&got.created_at, &got.updated_at), (&None, &None));
        assert_eq!(listed.to_vec(), [got]);
    }
}

#[tokio::test]
async fn list_that_is_no_list_is_never_taken_for_an_empty_one() {
    let bodies = [
        json!({"data": null}),
        json!({"data": {}}),
        json!({"success": true}),
    ];
    for body in bodies {
        let error = answering(&body).list().await.unwrap_err();

        assert!(error.is_unreadable(), "{body}: {error}");
    }
}
