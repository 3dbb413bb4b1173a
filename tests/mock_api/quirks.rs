//! Each quirk: what it changes for a client, and what it leaves alone.

use crate::support::{
    Answer, NO_WEBHOOK, delete, door_bell, get, held, patch, post, put, seed, send_to,
};
use realtimekit::mock_api::{
    DeleteAnswer, Envelope, ErrorShape, MockApi, Quirks, RateLimit, RetryAfter, SAMPLE_ACCOUNT_ID,
    SAMPLE_APP_ID,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The documented API with one thing changed.
fn api_with(change: impl FnOnce(&mut Quirks)) -> MockApi {
    let mut quirks = Quirks::documented();
    change(&mut quirks);
    MockApi::builder()
        .quirks(quirks)
        .app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample")
        .start()
        .unwrap()
}

#[tokio::test]
async fn envelope_determines_the_place_of_data_and_paging() {
    let cases = [
        (Envelope::Data, "/data", "/paging"),
        (Envelope::ResultData, "/result/data", "/result/paging"),
        (Envelope::Result, "/result", "/paging"),
    ];

    for (envelope, data, paging) in cases {
        let api = api_with(|quirks| quirks.envelope = envelope);

        let created = post(&api, door_bell()).await.expect(201);
        let list = get(&api, "").await.expect(200);
        let apps = account(&api, "/apps").await.expect(200);

        assert_eq!(created["success"], true);
        assert_eq!(created.pointer(data).unwrap()["name"], "door bell");
        assert_eq!(list.pointer(data).unwrap()[0]["name"], "door bell");
        assert_eq!(apps.pointer(data).unwrap()[0]["name"], "sample");
        assert_eq!(apps.pointer(paging).unwrap()["total_count"], 1);
    }
}

#[tokio::test]
async fn errors_of_service_and_edge_have_every_shape() {
    let cases = [
        (ErrorShape::Documented, "/error/message", "Unauthorized"),
        (
            ErrorShape::Gateway,
            "/errors/0/message",
            "Authentication error",
        ),
        (ErrorShape::Message, "/message", "Unauthorized"),
    ];

    for (shape, message, unauthorized) in cases {
        let api = api_with(|quirks| (quirks.service_errors, quirks.edge_errors) = (shape, shape));

        let service = get(&api, NO_WEBHOOK).await.expect(404);
        let edge = send_to(&api, Method::GET, "/accounts", Some("wrong"), None).await;
        let edge = edge.unwrap().expect(401);

        let not_found = "Error: resource not found";
        assert_eq!(service.pointer(message).unwrap(), not_found);
        assert_eq!(edge.pointer(message).unwrap(), unauthorized);
        if shape == ErrorShape::Gateway {
            assert_eq!(edge["errors"][0]["code"], 10000);
        }
    }
}

#[tokio::test]
async fn empty_list_can_be_a_404_that_names_no_app() {
    let api = api_with(|quirks| quirks.empty_list_404 = true);

    let empty = get(&api, "").await;
    let webhook = seed(&api);
    get(&api, "").await.expect(200);
    delete(&api, &webhook.id).await.expect(200);

    get(&api, "").await.expect(404);
    empty.expect(404);
    assert!(!empty.text.contains(SAMPLE_APP_ID));
}

#[tokio::test]
async fn taken_url_is_refused_in_every_write() {
    let api = api_with(|quirks| quirks.unique_url = true);
    seed(&api);
    let other = api.add_webhook(
        SAMPLE_ACCOUNT_ID,
        SAMPLE_APP_ID,
        "gong",
        "https://example.com/gong",
        &[],
    );

    post(&api, door_bell()).await.expect(409);
    put(&api, &other.id, door_bell()).await.expect(409);
    patch(&api, &other.id, json!({"url": "https://example.com/bell"}))
        .await
        .expect(409);

    assert_eq!(held(&api)[1], other);
}

#[tokio::test]
async fn url_is_free_for_its_own_webhook_for_other_apps_and_after_a_delete() {
    let api = api_with(|quirks| quirks.unique_url = true);
    let webhook = seed(&api);
    let path = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/other-app/webhooks");
    let (token, body) = (api.token(), Some(door_bell()));

    put(&api, &webhook.id, door_bell()).await.expect(200);
    let elsewhere = send_to(&api, Method::POST, &path, Some(&token), body).await;
    delete(&api, &webhook.id).await.expect(200);

    elsewhere.unwrap().expect(201);
    post(&api, door_bell()).await.expect(201);
    api.change_quirks(|quirks| quirks.unique_url = false);
    post(&api, door_bell()).await.expect(201);
    assert_eq!(held(&api).len(), 2);
}

#[tokio::test]
async fn put_can_omit_fields_from_its_answer() {
    let api = api_with(|quirks| quirks.put_omits = vec!["enabled", "events"]);
    let webhook = seed(&api);

    let body = json!({"name": "n", "url": "https://example.com", "events": [], "enabled": false});
    let answer = put(&api, &webhook.id, body).await.expect(200);

    let fields: Vec<&String> = answer["data"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["created_at", "id", "name", "updated_at", "url"]);
    let stored = held(&api).remove(0);
    assert!(!stored.enabled && stored.events.is_empty());
}

#[tokio::test]
async fn patch_without_enabled_can_enable() {
    for enables in [true, false] {
        let api = api_with(|quirks| quirks.patch_enables = enables);
        let webhook = seed(&api);
        patch(&api, &webhook.id, json!({"enabled": false}))
            .await
            .expect(200);

        patch(&api, &webhook.id, json!({"name": "gong"}))
            .await
            .expect(200);

        assert_eq!(held(&api)[0].enabled, enables);
    }
}

#[tokio::test]
async fn quirk_changes_the_answer_to_a_create() {
    type Change = fn(&mut Quirks);
    let reversed = json!(["meeting.ended", "meeting.started"]);
    let cases: [(Change, u16, &str, Value); 3] = [
        (
            |quirks| quirks.create_200 = true,
            200,
            "name",
            json!("door bell"),
        ),
        (
            |quirks| quirks.reorders_events = true,
            201,
            "events",
            reversed,
        ),
        (
            |quirks| quirks.extra_fields = true,
            201,
            "organization_id",
            json!(SAMPLE_APP_ID),
        ),
    ];

    for (change, status, field, expected) in cases {
        let created = post(&api_with(change), door_bell()).await.expect(status);

        assert_eq!(created["data"][field], expected);
    }
}

#[tokio::test]
async fn delete_can_answer_without_a_body() {
    for (answer, status) in [(DeleteAnswer::NoContent, 204), (DeleteAnswer::Empty, 200)] {
        let api = api_with(|quirks| quirks.delete_answer = answer);
        let webhook = seed(&api);

        let deleted = delete(&api, &webhook.id).await;

        assert_eq!(deleted.status.as_u16(), status);
        assert_eq!(deleted.text, "");
        assert!(held(&api).is_empty());
    }
}

#[tokio::test]
async fn url_can_be_stored_normalized() {
    let api = api_with(|quirks| {
        quirks.normalises_url = true;
        quirks.unique_url = true;
    });
    let body = |url| json!({"name": "n", "url": url, "events": []});

    let created = post(&api, body("https://Example.com")).await.expect(201);
    let id = created["data"]["id"].as_str().unwrap();

    assert_eq!(created["data"]["url"], "https://example.com/");
    post(&api, body("https://example.COM/")).await.expect(409);
    put(&api, id, body("HTTPS://example.com")).await.expect(200);
    patch(&api, id, json!({"url": "https://EXAMPLE.com/x"}))
        .await
        .expect(200);
    assert_eq!(held(&api)[0].url, "https://example.com/x");
}

#[tokio::test]
async fn reads_are_stale_after_a_create_and_a_delete() {
    let api = api_with(|quirks| (quirks.new_missing_reads, quirks.deleted_found_reads) = (2, 1));

    let created = post(&api, door_bell()).await.expect(201);
    let id = created["data"]["id"].as_str().unwrap();
    let path = format!("/{id}");

    get(&api, &path).await.expect(404);
    assert_eq!(get(&api, "").await.expect(200)["data"], json!([]));
    get(&api, &path).await.expect(200);
    delete(&api, id).await.expect(200);
    get(&api, &path).await.expect(200);
    get(&api, &path).await.expect(404);
}

#[tokio::test]
async fn first_calls_can_be_forbidden() {
    let api = api_with(|quirks| quirks.forbidden_calls = 2);

    let statuses = [
        post(&api, door_bell()).await.status.as_u16(),
        get(&api, "").await.status.as_u16(),
        get(&api, "").await.status.as_u16(),
    ];

    assert_eq!(statuses, [403, 403, 200]);
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn calls_beyond_the_rate_limit_are_refused_and_the_headers_show_it() {
    let api = api_with(|quirks| {
        quirks.rate_limit = Some(limit_of_two());
        quirks.ratelimit_headers = true;
    });

    let first = get(&api, "").await;
    let second = get(&api, "").await;
    let third = post(&api, door_bell()).await;

    assert_eq!([first.status, second.status], [200, 200]);
    assert_eq!(first.header("ratelimit-policy"), "\"burst\";q=2;w=3600");
    assert!(first.header("ratelimit").starts_with("\"default\";r=1;t="));
    assert!(second.header("ratelimit").starts_with("\"default\";r=0;t="));
    assert_eq!(third.status, 429);
    assert_eq!(third.header("retry-after"), "7200");
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn retry_after_can_be_a_date_or_missing() {
    let api = api_with(|quirks| {
        quirks.rate_limit = Some(limit_of_two());
        quirks.retry_after = RetryAfter::HttpDate;
    });
    get(&api, "").await;
    get(&api, "").await;

    let dated = get(&api, "").await;
    api.change_quirks(|quirks| quirks.retry_after = RetryAfter::Missing);
    let silent = get(&api, "").await;

    let date = dated.header("retry-after").to_owned();
    let now = time::OffsetDateTime::now_utc();
    let mut soon = (7140..=7201).map(|seconds| http_date(now + time::Duration::seconds(seconds)));
    assert!(soon.any(|end| end == date), "{date}");
    assert_eq!(silent.status, 429);
    assert!(!silent.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn block_ends() {
    let limit = RateLimit {
        requests: 1,
        window: Duration::from_secs(3600),
        block: Duration::from_millis(1),
    };
    let api = api_with(|quirks| quirks.rate_limit = Some(limit));
    get(&api, "").await;
    get(&api, "").await.expect(429);

    while get(&api, "").await.status == 429 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    assert_eq!(api.calls().last().unwrap().status.unwrap(), 200);
}

#[tokio::test]
async fn headers_without_a_limit_show_an_unused_budget() {
    let api = api_with(|quirks| quirks.ratelimit_headers = true);
    get(&api, "").await;

    let second = get(&api, "").await;

    assert_eq!(second.header("ratelimit"), "\"default\";r=1200;t=300");
    assert_eq!(second.header("ratelimit-policy"), "\"burst\";q=1200;w=300");
}

#[tokio::test]
async fn list_of_events_can_be_missing() {
    let api = api_with(|quirks| quirks.lists_events = false);

    get(&api, "/all").await.expect(404);
}

#[tokio::test]
async fn undeclared_app_or_account_can_be_a_404_that_names_it() {
    let api = api_with(|quirks| quirks.any_app = false);
    let message = |answer: Value| answer["error"]["message"].to_string();

    let app = account(&api, "/nobody/webhooks").await.expect(404);
    let path = "/accounts/nowhere/realtime/kit/apps";
    let nowhere = send_to(&api, Method::GET, path, Some(&api.token()), None).await;

    get(&api, "").await.expect(200);
    assert!(message(app).contains("app nobody"));
    assert!(message(nowhere.unwrap().expect(404)).contains("account nowhere"));
}

fn limit_of_two() -> RateLimit {
    RateLimit {
        requests: 2,
        window: Duration::from_secs(3600),
        block: Duration::from_secs(7200),
    }
}

fn http_date(time: time::OffsetDateTime) -> String {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time.format(format).unwrap()
}

/// Gets a path below the account's RealtimeKit.
async fn account(api: &MockApi, path: &str) -> Answer {
    let path = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit{path}");
    send_to(api, Method::GET, &path, Some(&api.token()), None)
        .await
        .unwrap()
}
