use proptest::prelude::*;
use serde_json::json;

use crate::framework::{DynResource, Object, Value};
use crate::provider::webhook::resource::WebhookResource;

use super::*;

const PATH: &str = "/accounts/an/realtime/kit/app/webhooks";
const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
/// Stands where other providers keep credentials.
const SECRET: &str = "s3cr3t";

fn move_from(type_name: &str, schema_version: i64, state: Json) -> Result<Object, Diagnostics> {
    let Json::Object(state) = state else {
        panic!("a state is an object")
    };
    WebhookResource.move_state(&MoveSource {
        provider: "registry.terraform.io/any/any".into(),
        type_name: type_name.into(),
        schema_version,
        state,
    })
}

fn webhook() -> Json {
    json!({
        "id": ID,
        "name": "door bell",
        "url": "https://example.com/bell",
        "events": ["meeting.started", "meeting.ended"],
        "enabled": false,
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-02-03T04:05:06Z",
    })
}

/// The state with the identifiers alone.
fn state() -> Object {
    let ids = [
        ("id", ID.into()),
        ("account_id", "an".into()),
        ("app_id", "app".into()),
    ];
    let read_next = [
        "name",
        "url",
        "events",
        "enabled",
        "created_at",
        "updated_at",
        "timeouts",
    ];
    let rest = read_next.map(|name| (name, Value::Null));
    let attributes = ids.into_iter().chain(rest);
    attributes
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Fails unless the source is refused without a word of its secrets; returns the detail.
#[track_caller]
fn refusal(moved: Result<Object, Diagnostics>) -> String {
    let diagnostics = moved.expect_err("a source that is refused");
    let [diagnostic] = diagnostics
        .into_iter()
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(diagnostic.summary, "Unable to Move Resource State");
    assert!(diagnostic.detail.contains("import block"), "{diagnostic:?}");
    assert!(!diagnostic.detail.contains(SECRET), "{diagnostic:?}");
    diagnostic.detail
}

#[test]
fn restapi_object_becomes_the_webhook_of_its_path_and_id() {
    let answer = json!({ "success": true, "data": webhook() }).to_string();
    let state_of_it = json!({
        "id": ID,
        "path": PATH,
        "data": json!({ "name": "door bell", "token": SECRET }).to_string(),
        "id_attribute": "data/id",
        "api_data": { "success": "true" },
        "api_response": answer,
        "create_response": answer,
        "debug": false,
        "read_path": null,
    });

    assert_eq!(move_from("restapi_object", 0, state_of_it), Ok(state()));
}

#[test]
fn restapi_object_read_path_takes_precedence() {
    for read_path in [
        format!("{PATH}/{{id}}?token={SECRET}"),
        format!("{PATH}/{ID}"),
    ] {
        let elsewhere = "/accounts/old/realtime/kit/old/webhooks";
        let state_of_it = json!({ "id": ID, "path": elsewhere, "read_path": read_path });

        assert_eq!(move_from("restapi_object", 0, state_of_it), Ok(state()));
    }
}

#[test]
fn restful_resource_becomes_the_webhook_of_its_id() {
    let mut body = webhook();
    for computed in ["id", "created_at", "updated_at"] {
        body.as_object_mut().unwrap().remove(computed);
    }
    let typed = |value: &Json| json!({ "type": "string", "value": value });
    let text = |value: &Json| json!(value.to_string());
    let answer = json!({ "result": { "data": webhook() } });
    let cases = [
        (0, text(&body), text(&answer)),
        (1, typed(&body), typed(&answer)),
        (2, typed(&body), typed(&webhook())),
    ];
    for (version, body, output) in cases {
        let state_of_it = json!({
            "id": format!("{PATH}/{ID}"),
            "path": PATH,
            "header": { "Authorization": SECRET },
            "query": { "token": [SECRET] },
            "body": body,
            "output": output,
        });

        let moved = move_from("restful_resource", version, state_of_it);

        assert_eq!(moved, Ok(state()), "version {version}");
    }
}

#[test]
fn path_without_account_and_app_is_an_error_that_hides_secrets() {
    let state_of_it = json!({
        "id": ID,
        "path": format!("https://user:{SECRET}@example.com/realtime/kit/app/webhooks?{SECRET}"),
        "read_path": 7,
    });

    let detail = refusal(move_from("restapi_object", 0, state_of_it));

    for part in [
        "a restapi_object of the provider registry.terraform.io/any/any, schema version 0",
        "/accounts/<account_id>/realtime/kit/<app_id>/webhooks",
        "It has path = \"/realtime/kit/app/webhooks\".",
    ] {
        assert!(detail.contains(part), "{part:?} is not in: {detail}");
    }
}

#[test]
fn state_without_path_is_an_error() {
    for path in [Json::Null, json!(3), json!([PATH])] {
        let detail = refusal(move_from("restful_resource", 2, json!({ "path": path })));

        assert!(detail.contains("It has no path."), "{detail}");
    }
}

#[test]
fn state_without_id_is_an_error() {
    for id in [Json::Null, json!(1)] {
        let detail = refusal(move_from(
            "restapi_object",
            0,
            json!({ "id": id, "path": PATH }),
        ));

        assert!(detail.contains("It has no ID."), "{detail}");
    }
}

#[test]
fn id_that_is_not_a_uuid_is_an_error() {
    let state_of_it = json!({ "id": "bell", "path": PATH });

    let detail = refusal(move_from("restapi_object", 0, state_of_it));

    assert!(detail.contains("\"bell\""), "{detail}");
}

#[test]
fn unknown_type_is_an_error_that_lists_the_types() {
    let detail = refusal(move_from(
        "null_resource",
        0,
        json!({ "id": ID, "path": PATH }),
    ));

    assert!(
        detail.contains("these alone: restapi_object, restful_resource."),
        "{detail}"
    );
}

proptest! {
    #[test]
    fn arbitrary_state_is_an_error(
        id in ".*", path in ".*", read_path: Option<String>, data in ".*"
    ) {
        let state_of_it = json!({ "id": id, "path": path, "read_path": read_path, "data": data });

        refusal(move_from("restapi_object", 0, state_of_it));
    }
}
