//! Each quirk: what it changes for a client, and what it leaves alone.

use crate::support::{
    NO_WEBHOOK, account, add, api_with, delete, door_bell, get, held, patch, post, put, seed, send,
    send_to,
};
use realtimekit::mock_api::{RetryAfter, SAMPLE_APP_ID};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

const APPS: &str = "GET /apps";
const POST: &str = "POST ";

#[tokio::test]
async fn quirk_changes_the_answer() {
    let reversed = json!(["meeting.ended", "meeting.started"]);
    let missing = format!("GET /{SAMPLE_APP_ID}/webhooks{NO_WEBHOOK}");
    let name = || json!("door bell");
    let not_found = || json!("Error: resource not found");
    let (no_app, all) = ("GET /nobody/webhooks", "GET /x/webhooks/all");
    let app_missing = json!("Error: app nobody not found");
    // The quirk, a request, and the status of its answer with the value at a place of its body.
    let cases = [
        ("envelope=data", POST, 201, "/data/name", name()),
        (
            "envelope=result-data",
            POST,
            201,
            "/result/data/name",
            name(),
        ),
        ("envelope=result", POST, 201, "/result/name", name()),
        ("envelope=data", APPS, 200, "/paging/total_count", json!(1)),
        (
            "envelope=result-data",
            APPS,
            200,
            "/result/paging/end_offset",
            json!(1),
        ),
        (
            "envelope=result",
            APPS,
            200,
            "/paging/start_offset",
            json!(1),
        ),
        ("envelope=result", APPS, 200, "/success", json!(true)),
        (
            "service-errors=documented",
            &missing,
            404,
            "/error/message",
            not_found(),
        ),
        (
            "service-errors=gateway",
            &missing,
            404,
            "/errors/0/message",
            not_found(),
        ),
        (
            "service-errors=message",
            &missing,
            404,
            "/message",
            not_found(),
        ),
        (
            "edge-errors=documented",
            "GET /",
            404,
            "/error/code",
            json!(7000),
        ),
        (
            "edge-errors=gateway",
            "GET /",
            404,
            "/errors/0/code",
            json!(7000),
        ),
        (
            "edge-errors=message",
            "GET /",
            404,
            "/message",
            json!("No route for that URI"),
        ),
        ("create-200", POST, 200, "/data/name", name()),
        ("reorders-events", POST, 201, "/data/events", reversed),
        (
            "extra-fields",
            POST,
            201,
            "/data/organization_id",
            json!(SAMPLE_APP_ID),
        ),
        (
            "lists-events=false",
            all,
            404,
            "/error/message",
            not_found(),
        ),
        ("any-app=false", no_app, 404, "/error/message", app_missing),
        ("any-app=false", APPS, 200, "/data/0/name", json!("sample")),
        ("tells-paging=false", APPS, 200, "/success", json!(true)),
        (
            "ignores-paging",
            "GET /apps?page_no=9",
            200,
            "/data/0/name",
            json!("sample"),
        ),
    ];

    for (quirk, line, status, place, expected) in cases {
        let api = api_with(quirk);
        let answer = match line {
            POST => post(&api, door_bell()).await,
            line => account(&api, line, None).await,
        };

        let body = answer.expect(status);
        assert_eq!(body.pointer(place), Some(&expected), "{quirk}: {body}");
        let is_told = !quirk.starts_with("tells-paging");
        assert!(line != APPS || body.to_string().contains("paging") == is_told);
    }
}

#[tokio::test]
async fn wrong_token_is_refused_in_the_words_of_the_shape() {
    for (shape, place, message) in [
        ("documented", "/error/message", "Unauthorized"),
        ("gateway", "/errors/0/message", "Authentication error"),
        ("message", "/message", "Unauthorized"),
    ] {
        let api = api_with(&format!("edge-errors={shape}"));

        let refused = send_to(&api, "GET /accounts", "wrong", None).await;

        let refused = refused.unwrap().expect(401);
        assert_eq!(refused.pointer(place), Some(&json!(message)));
    }
}

#[tokio::test]
async fn empty_list_can_be_a_404_that_names_no_app() {
    let api = api_with("empty-list-404");

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
    let api = api_with("unique-url");
    seed(&api);
    let other = add(&api, "https://example.com/gong");
    let url = json!({"url": "https://example.com/bell"});

    post(&api, door_bell()).await.expect(409);
    put(&api, &other.id, door_bell()).await.expect(409);
    patch(&api, &other.id, url).await.expect(409);

    assert_eq!(held(&api)[1], other);
}

#[tokio::test]
async fn url_is_free_for_its_own_webhook_for_other_apps_and_after_a_delete() {
    let api = api_with("unique-url");
    let webhook = seed(&api);

    put(&api, &webhook.id, door_bell()).await.expect(200);
    let elsewhere = account(&api, "POST /other-app/webhooks", Some(door_bell())).await;
    delete(&api, &webhook.id).await.expect(200);

    elsewhere.expect(201);
    post(&api, door_bell()).await.expect(201);
    api.change_quirks(|quirks| quirks.unique_url = false);
    post(&api, door_bell()).await.expect(201);
    assert_eq!(held(&api).len(), 2);
}

#[tokio::test]
async fn put_can_omit_fields_from_its_answer() {
    let api = api_with("put-omits=enabled,events");
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
        let api = api_with(&format!("patch-enables={enables}"));
        let webhook = seed(&api);
        let change = async |change| patch(&api, &webhook.id, change).await.expect(200);

        change(json!({"enabled": false})).await;
        change(json!({"name": "gong"})).await;

        assert_eq!(held(&api)[0].enabled, enables);
    }
}

#[tokio::test]
async fn delete_can_answer_without_a_body() {
    for (answer, status) in [("no-content", 204), ("empty", 200)] {
        let api = api_with(&format!("delete-answer={answer}"));
        let webhook = seed(&api);

        let deleted = delete(&api, &webhook.id).await;

        assert_eq!((deleted.status.as_u16(), &*deleted.text), (status, ""));
        assert!(held(&api).is_empty());
    }
}

#[tokio::test]
async fn url_can_be_stored_normalized() {
    let api = api_with("normalises-url unique-url");
    let body = |url| json!({"name": "n", "url": url, "events": []});

    let created = post(&api, body("https://Example.com")).await.expect(201);
    let id = created["data"]["id"].as_str().unwrap();

    assert_eq!(created["data"]["url"], "https://example.com/");
    post(&api, body("https://example.COM/")).await.expect(409);
    put(&api, id, body("HTTPS://example.com")).await.expect(200);
    let url = json!({"url": "https://EXAMPLE.com/x"});
    patch(&api, id, url).await.expect(200);
    assert_eq!(held(&api)[0].url, "https://example.com/x");
}

#[tokio::test]
async fn reads_are_stale_after_a_create_and_a_delete() {
    let api = api_with("new-missing-reads=2 deleted-found-reads=1");

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
    let api = api_with("forbidden-calls=2");

    post(&api, door_bell()).await.expect(403);
    get(&api, "").await.expect(403);

    get(&api, "").await.expect(200);
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn calls_beyond_the_rate_limit_are_refused_and_the_headers_show_it() {
    let api = api_with("rate-limit=2/3600/7200 ratelimit-headers");

    let first = get(&api, "").await;
    let second = get(&api, "").await;
    let third = post(&api, door_bell()).await;

    assert_eq!([first.status, second.status], [200, 200]);
    assert_eq!(first.header("ratelimit-policy"), "\"burst\";q=2;w=3600");
    assert!(first.header("ratelimit").starts_with("\"default\";r=1;t="));
    assert!(second.header("ratelimit").starts_with("\"default\";r=0;t="));
    assert_eq!(
        (third.status.as_u16(), third.header("retry-after")),
        (429, "7200")
    );
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn retry_after_can_be_a_date_or_missing() {
    let api = api_with("rate-limit=0/3600/7200 retry-after=http-date");

    let dated = get(&api, "").await;
    api.change_quirks(|quirks| quirks.retry_after = RetryAfter::Missing);
    let silent = get(&api, "").await;

    let date = httpdate::parse_http_date(dated.header("retry-after")).unwrap();
    let wait = date.duration_since(SystemTime::now()).unwrap();
    let possible = Duration::from_secs(7140)..=Duration::from_secs(7201);
    assert!(possible.contains(&wait), "{wait:?}");
    assert_eq!(silent.status, 429);
    assert!(!silent.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn block_ends() {
    let api = api_with("rate-limit=1/3600/0.001");
    get(&api, "").await;
    get(&api, "").await.expect(429);

    while get(&api, "").await.status == 429 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    assert_eq!(api.calls().last().unwrap().status.unwrap(), 200);
}

#[tokio::test]
async fn headers_without_a_limit_show_an_unused_budget() {
    let api = api_with("ratelimit-headers");
    get(&api, "").await;

    let second = get(&api, "").await;

    assert_eq!(second.header("ratelimit"), "\"default\";r=1200;t=300");
    assert_eq!(second.header("ratelimit-policy"), "\"burst\";q=1200;w=300");
}

#[tokio::test]
async fn undeclared_account_can_be_a_404_that_names_it() {
    let api = api_with("any-app=false");

    let path = "GET /accounts/nowhere/realtime/kit/apps";
    let nowhere = send_to(&api, path, &api.token(), None).await.unwrap();

    send(&api, "GET ", None).await.unwrap().expect(200);
    let message: Value = nowhere.expect(404)["error"]["message"].clone();
    assert_eq!(message, "Error: account nowhere not found");
}
