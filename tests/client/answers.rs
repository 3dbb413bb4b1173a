//! What becomes of answers that are not what the documentation says. Which failures are the API's
//! own is tested in `src/api/response/tests.rs`; the fault matrix shows that no other 404 makes a
//! webhook gone.

use realtimekit::api::Webhooks;
use serde_json::{Value, json};

use crate::raw_server::RawServer;
use crate::{UNKNOWN_ID, config, door_bell, webhooks_at};

/// The webhooks of a server that answers everything with this body.
fn answering(body: &Value) -> Webhooks {
    let server = RawServer::answering_json("200 OK", &body.to_string());
    webhooks_at(config(&server.origin))
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
