//! Each route as it is documented, the token, and the request log.

use crate::support::{
    NO_WEBHOOK, delete, door_bell, get, held, patch, post, put, seed, send, send_to,
};
use realtimekit::mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn created_webhook_has_every_documented_field_and_can_be_read() {
    let api = MockApi::start().unwrap();

    let created = post(&api, door_bell()).await.expect(201);

    let webhook = &created["data"];
    assert_eq!(created["success"], true);
    assert_eq!(webhook["name"], "door bell");
    assert_eq!(webhook["url"], "https://example.com/bell");
    assert_eq!(
        webhook["events"],
        json!(["meeting.started", "meeting.ended"])
    );
    assert_eq!(webhook["enabled"], true);
    assert_eq!(webhook["created_at"], webhook["updated_at"]);
    let id = webhook["id"].as_str().unwrap();
    assert_eq!(get(&api, &format!("/{id}")).await.expect(200), created);
}

#[tokio::test]
async fn list_has_only_the_webhooks_of_its_app() {
    let api = MockApi::start().unwrap();
    let empty = get(&api, "").await.expect(200);
    let mine = seed(&api);
    let url = "https://example.com";
    let other = api.add_webhook(SAMPLE_ACCOUNT_ID, "other-app", "x", url, &[]);

    let list = get(&api, "").await.expect(200);

    assert_eq!(empty, json!({"success": true, "data": []}));
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["id"], json!(mine.id));
    get(&api, &format!("/{}", other.id)).await.expect(404);
}

#[tokio::test]
async fn put_replaces_everything_and_enabled_defaults_to_true() {
    let api = MockApi::start().unwrap();
    let before = seed(&api);
    api.edit_webhook(&before.id, |webhook| webhook.enabled = false)
        .unwrap();

    let body = json!({"name": "gong", "url": "https://example.com/gong", "events": []});
    let replaced = put(&api, &before.id, body).await.expect(200);

    let after = held(&api).remove(0);
    assert_eq!(after.name, "gong");
    assert_eq!(after.url, "https://example.com/gong");
    assert!(after.events.is_empty() && after.enabled);
    assert_eq!(after.created_at, before.created_at);
    assert!(after.updated_at > before.updated_at);
    assert_eq!(replaced["data"]["updated_at"], json!(after.updated_at));
}

#[tokio::test]
async fn patch_changes_only_its_fields() {
    let api = MockApi::start().unwrap();
    let before = seed(&api);

    let body = json!({"name": "gong", "enabled": false});
    patch(&api, &before.id, body).await.expect(200);

    let after = held(&api).remove(0);
    assert_eq!(after.name, "gong");
    assert!(!after.enabled);
    assert_eq!((after.url, after.events), (before.url, before.events));
}

#[tokio::test]
async fn delete_answers_the_deleted_webhook() {
    let api = MockApi::start().unwrap();
    let webhook = seed(&api);

    let deleted = delete(&api, &webhook.id).await.expect(200);

    assert_eq!(deleted["data"]["id"], json!(webhook.id));
    assert!(held(&api).is_empty());
    delete(&api, &webhook.id).await.expect(404);
}

#[tokio::test]
async fn unknown_webhook_is_a_404_in_the_documented_shape() {
    let api = MockApi::start().unwrap();
    let expected = json!({
        "success": false,
        "error": {"code": 404, "message": "Error: resource not found"},
    });

    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = send(&api, method.clone(), NO_WEBHOOK, Some(door_bell())).await;

        assert_eq!(answer.unwrap().expect(404), expected, "{method}");
    }
}

#[tokio::test]
async fn id_that_is_no_uuid_is_refused_in_the_documented_words() {
    let api = MockApi::start().unwrap();

    for id in ["/door-bell", "/%7B0d1f069d-43bb-489a-ad8c-7eb95592ba8e%7D"] {
        let refused = get(&api, id).await.expect(400);

        assert_eq!(
            refused["error"]["message"],
            "BAD_REQUEST: \"id\" must be a valid GUID"
        );
    }
}

#[tokio::test]
async fn invalid_body_is_refused_and_nothing_is_stored() {
    let api = MockApi::start().unwrap();
    let (mut invalid, mut large) = (door_bell(), door_bell());
    invalid["events"] = json!(["a"]);
    large["name"] = Value::String("n".repeat(1024 * 1024));

    let refused = post(&api, invalid).await.expect(400);
    post(&api, large).await.expect(413);

    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("BAD_REQUEST: \"events[0]\" must be one of"));
    assert_eq!(api.calls()[1].status.unwrap(), 413);
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn wrong_or_missing_token_is_refused_in_the_documented_words() {
    let api = MockApi::start().unwrap();
    let path = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}/webhooks");
    let body = Some(door_bell());

    for token in [None, Some("wrong")] {
        let refused = send_to(&api, Method::POST, &path, token, body.clone()).await;

        assert_eq!(
            refused.unwrap().expect(401),
            json!({"message": "Unauthorized"})
        );
    }
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn chosen_token_is_accepted_and_not_in_debug_output() {
    let api = MockApi::builder().token("sesame").start().unwrap();
    assert_eq!(api.token(), "sesame");
    get(&api, "").await.expect(200);

    let shown = format!("{api:?} {:?}", api.calls());

    assert!(!shown.contains("sesame"), "{shown}");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let api = MockApi::start().unwrap();
    let token = api.token();
    let kit = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit");
    let cases = [
        (Method::GET, "/user".to_owned(), 404),
        (Method::GET, kit.clone(), 404),
        (
            Method::GET,
            "/accounts//realtime/kit/app/webhooks".to_owned(),
            404,
        ),
        (Method::GET, format!("{kit}/app/webhooks/"), 404),
        (Method::GET, format!("{kit}/app/webhooks/x/y"), 404),
        (Method::POST, format!("{kit}/apps"), 405),
        (Method::DELETE, format!("{kit}/app/webhooks"), 405),
        (Method::POST, format!("{kit}/app/webhooks{NO_WEBHOOK}"), 405),
    ];

    for (method, path, status) in cases {
        let answer = send_to(&api, method, &path, Some(&token), None).await;

        answer.unwrap().expect(status);
    }
}

#[tokio::test]
async fn names_of_the_events_are_listed() {
    let api = MockApi::start().unwrap();

    let names = get(&api, "/all").await.expect(200);

    let names = names["data"].as_array().unwrap();
    assert_eq!(names.len(), 9);
    assert!(names.contains(&json!("meeting.summary")));
}

#[tokio::test]
async fn apps_are_listed_page_by_page() {
    let api = MockApi::builder()
        .app(SAMPLE_ACCOUNT_ID, "app-1", "one")
        .app(SAMPLE_ACCOUNT_ID, "app-2", "two")
        .app("other-account", "app-3", "three")
        .app(SAMPLE_ACCOUNT_ID, "app-4", "four")
        .start()
        .unwrap();
    let apps = async |query: &str| {
        let path = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/apps{query}");
        let token = api.token();
        send_to(&api, Method::GET, &path, Some(&token), None)
            .await
            .unwrap()
    };

    let all = apps("").await.expect(200);
    let second = apps("?page_no=2&per_page=2").await.expect(200);
    let past = apps("?page_no=9&per_page=2").await.expect(200);

    assert_eq!(all["data"].as_array().unwrap().len(), 3);
    assert_eq!(second["data"].as_array().unwrap().len(), 1);
    assert_eq!(second["data"][0]["name"], "four");
    assert_eq!(
        second["paging"],
        json!({"total_count": 3, "start_offset": 3, "end_offset": 3})
    );
    assert_eq!(past["data"], json!([]));
    assert_eq!(apps("?page_no=%31").await.expect(200), all);
    apps("?page_no=0").await.expect(400);
    apps("?per_page=many").await.expect(400);
}

#[tokio::test]
async fn log_has_every_request_in_order_of_arrival() {
    let api = MockApi::start().unwrap();
    let webhook = seed(&api);

    get(&api, "?page=1").await;
    put(&api, &webhook.id, door_bell()).await;

    let [list, replace] = &api.calls()[..] else {
        panic!("two calls: {:?}", api.calls());
    };
    let path =
        format!("/client/v4/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}/webhooks");
    assert_eq!((list.number, replace.number), (1, 2));
    assert_eq!(
        (&list.method, &replace.method),
        (&Method::GET, &Method::PUT)
    );
    assert_eq!(list.path, path);
    assert_eq!(list.query.as_deref(), Some("page=1"));
    assert_eq!(list.user_agent.as_deref(), Some("mock-api-tests"));
    assert_eq!(list.status.unwrap(), 200);
    assert_eq!(replace.path, format!("{path}/{}", webhook.id));
    assert_eq!(replace.body, Some(door_bell()));

    api.clear_calls();

    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn webhooks_can_be_changed_from_outside() {
    let api = MockApi::start().unwrap();
    let webhook = seed(&api);
    let path = format!("/{}", webhook.id);

    let edited = api
        .edit_webhook(&webhook.id, |webhook| webhook.name = "gong".to_owned())
        .unwrap();

    assert!(edited.updated_at > webhook.updated_at);
    assert_eq!(get(&api, &path).await.expect(200)["data"]["name"], "gong");
    assert_eq!(api.remove_webhook(&webhook.id), Some(edited));
    get(&api, &path).await.expect(404);
    assert_eq!(api.remove_webhook(&webhook.id), None);
    assert_eq!(api.edit_webhook(&webhook.id, |_| ()), None);
    seed(&api);
    api.clear_webhooks();
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn answer_has_a_unique_ray() {
    let api = MockApi::start().unwrap();

    let first = get(&api, "").await;
    let second = get(&api, NO_WEBHOOK).await;

    assert_ne!(first.header("cf-ray"), second.header("cf-ray"));
}

#[test]
fn dropped_api_does_not_listen() {
    let api = MockApi::start().unwrap();
    let address = api.address();

    drop(api);

    let refused = std::net::TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[test]
fn taken_address_is_an_error() {
    let api = MockApi::start().unwrap();

    let second = MockApi::builder().listen(api.address()).start();

    assert_eq!(second.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn base_url_of_an_unspecified_address_names_loopback() {
    let api = MockApi::builder()
        .listen("0.0.0.0:0".parse().unwrap())
        .start()
        .unwrap();

    assert!(api.base_url().starts_with("http://127.0.0.1:"));
    assert!(api.page_url().starts_with("http://127.0.0.1:"));
}
