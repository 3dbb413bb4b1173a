//! Each quirk: what it changes for a client, and what it leaves alone.

use crate::support::{api_with, converse, door_bell, get, held, post, send, send_to};
use realtimekit::mock_api::{RetryAfter, SAMPLE_APP_ID};
use serde_json::json;
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn quirk_changes_the_answer() {
    // The quirks, and then one request as `converse` takes it.
    let cases = r#"
envelope=data             | POST | BELL | 201 | /data/name            | "door bell"
envelope=result-data      | POST | BELL | 201 | /result/data/name     | "door bell"
envelope=result           | POST | BELL | 201 | /result/name          | "door bell"
envelope=data             | GET ~/apps  | | 200 | /paging/total_count  | 1
envelope=result-data      | GET ~/apps  | | 200 | /result/paging       | {"start_offset": 1, "end_offset": 1, "total_count": 1}
envelope=result           | GET ~/apps  | | 200 | /paging/start_offset | 1
envelope=result           | GET ~/apps  | | 200 | /success             | true
service-errors=documented | GET /NO_WEBHOOK | | 404 | /error/message    | "Error: resource not found"
service-errors=gateway    | GET /NO_WEBHOOK | | 404 | /errors/0/message | "Error: resource not found"
service-errors=message    | GET /NO_WEBHOOK | | 404 | /message          | "Error: resource not found"
edge-errors=documented    | GET ~/     | | 404 | /error/code        | 7000
edge-errors=gateway       | GET ~/     | | 404 | /errors/0/code     | 7000
edge-errors=message       | GET ~/     | | 404 | /message           | "No route for that URI"
create-200                | POST | BELL | 200 | /data/name            | "door bell"
reorders-events           | POST | BELL | 201 | /data/events          | ["meeting.ended", "meeting.started"]
extra-fields              | POST | BELL | 201 | /data/organization_id | "14a396e7-ca44-4937-bf1f-050a69118543"
lists-events=false        | GET /all              | | 404 | /error/message | "Error: resource not found"
any-app=false             | GET ~/nobody/webhooks | | 404 | /error/message | "Error: app nobody not found"
any-app=false             | GET //accounts/x/realtime/kit/apps | | 404 | /error/message | "Error: account x not found"
any-app=false             | GET ~/apps            | | 200 | /data/0/name   | "sample"
ignores-paging            | GET ~/apps?page_no=9  | | 200 | /data/0/name   | "sample"
"#;
    for case in cases.trim().lines() {
        let (quirks, request) = case.split_once('|').unwrap();
        let api = api_with(quirks);
        converse(&api, request).await;
        assert_eq!(held(&api).len(), usize::from(request.contains("POST")));
    }
    let untold = api_with("tells-paging=false");
    let apps = "GET /accounts/023e105f4ecef8ad9ca31a8372d0c353/realtime/kit/apps";
    let untold = send_to(&untold, apps, &untold.token(), None).await.unwrap();
    assert!(untold.status == 200 && !untold.text.contains("paging"));
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
    let lines =
        "GET | | 404 \n POST | BELL | 201 \n GET | | 200 \n DELETE /ID | | 200 \n GET | | 404";

    converse(&api, lines).await;

    assert!(!get(&api, "").await.text.contains(SAMPLE_APP_ID));
}

#[tokio::test]
async fn taken_url_is_refused_in_every_write() {
    let api = api_with("unique-url");

    let lines = r#"
POST       | BELL                                                         | 201
POST       | {"name": "gong", "url": "https://a.test/gong", "events": []} | 201
POST       | BELL                                                         | 409
PUT /ID    | BELL                                                         | 409
PATCH /ID  | {"url": "https://example.com/bell"}                          | 409
GET /ID    |                                                              | 200 | /data/name | "gong"
GET /ID    |                                                              | 200 | /data/url  | "https://a.test/gong"
"#;
    converse(&api, lines).await;
}

#[tokio::test]
async fn url_is_free_for_its_own_webhook_for_other_apps_and_after_a_delete() {
    let api = api_with("unique-url");

    let lines = "
POST                   | BELL | 201
PUT /ID                | BELL | 200
DELETE /ID             |      | 200
POST ~/other/webhooks  | BELL | 201
POST                   | BELL | 201
POST                   | BELL | 409";
    converse(&api, lines).await;
    api.change_quirks(|quirks| quirks.unique_url = false);

    post(&api, door_bell()).await.expect(201);
    assert_eq!(held(&api).len(), 2);
}

#[tokio::test]
async fn put_can_omit_fields_from_its_answer() {
    let api = api_with("put-omits=enabled,events,created_at,updated_at,url");
    post(&api, door_bell()).await;
    let id = held(&api)[0].id.clone();
    let body = json!({"name": "n", "url": "https://example.com", "events": [], "enabled": false});

    let answer = send(&api, &format!("PUT /{id}"), Some(body)).await;

    let expected = json!({"id": id, "name": "n"});
    assert_eq!(answer.unwrap().expect(200)["data"], expected);
    let stored = held(&api).remove(0);
    assert!(!stored.enabled && stored.events.is_empty());
}

#[tokio::test]
async fn patch_without_enabled_can_enable() {
    for enables in [true, false] {
        let api = api_with(&format!("patch-enables={enables}"));

        let lines = r#"
POST      | BELL               | 201
PATCH /ID | {"enabled": false} | 200 | /data/enabled | false
PATCH /ID | {"name": "gong"}   | 200 | /data/name    | "gong""#;
        converse(&api, lines).await;

        assert_eq!(held(&api)[0].enabled, enables);
    }
}

#[tokio::test]
async fn delete_can_answer_without_a_body() {
    for (answer, status) in [("no-content", 204), ("empty", 200)] {
        let api = api_with(&format!("delete-answer={answer}"));
        post(&api, door_bell()).await;

        let line = format!("DELETE /{}", held(&api)[0].id);
        let deleted = send(&api, &line, None).await.unwrap();

        assert_eq!((deleted.status.as_u16(), &*deleted.text), (status, ""));
        assert!(held(&api).is_empty());
    }
}

#[tokio::test]
async fn url_can_be_stored_normalized() {
    let api = api_with("normalises-url unique-url");

    let lines = r#"
POST      | {"name": "n", "url": "https://Example.com", "events": []}  | 201 | /data/url | "https://example.com/"
PUT /ID   | {"name": "n", "url": "HTTPS://example.com", "events": []}  | 200 | /data/url | "https://example.com/"
POST      | {"name": "n", "url": "https://example.COM/", "events": []} | 409
PATCH /ID | {"url": "https://EXAMPLE.com/x"}                           | 200 | /data/url | "https://example.com/x"
"#;
    converse(&api, lines).await;
}

#[tokio::test]
async fn reads_are_stale_after_a_create_and_a_delete() {
    let api = api_with("new-missing-reads=2 deleted-found-reads=1");

    let lines = "
POST       | BELL | 201
GET /ID    |      | 404
GET        |      | 200 | /data | []
GET /ID    |      | 200
DELETE /ID |      | 200
GET /ID    |      | 200
GET /ID    |      | 404";
    converse(&api, lines).await;
}

#[tokio::test]
async fn first_calls_can_be_forbidden() {
    let api = api_with("forbidden-calls=2");

    let lines = "POST | BELL | 403 \n GET | | 403 \n GET | | 200 | /data | []";
    converse(&api, lines).await;
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
