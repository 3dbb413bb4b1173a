//! Each quirk: what it changes for a client, and what it leaves alone.

use crate::support::{api_with, converse, door_bell, held, post, send, send_to};
use serde_json::json;

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

/// Quirks, and below each the requests, as `converse` takes them, that show what it remembers.
const CONVERSATIONS: &str = r#"
empty-list-404
GET        |      | 404 | /error | {"code": 404, "message": "Error: resource not found"}
POST       | BELL | 201
GET        |      | 200
DELETE /ID |      | 200
GET        |      | 404

unique-url
POST       | BELL                                                         | 201
PUT /ID    | BELL                                                         | 200
POST       | {"name": "gong", "url": "https://a.test/gong", "events": []} | 201
POST       | BELL                                                         | 409
PUT /ID    | BELL                                                         | 409
PATCH /ID  | {"url": "https://example.com/bell"}                          | 409
GET /ID    |                                                              | 200 | /data/name | "gong"
GET /ID    |                                                              | 200 | /data/url  | "https://a.test/gong"

unique-url
POST                   | BELL                  | 201
DELETE /ID             |                       | 200
POST ~/other/webhooks  | BELL                  | 201
POST                   | BELL                  | 201
POST                   | BELL                  | 409
PATCH /mock/quirks     | {"unique-url": false} | 200
POST                   | BELL                  | 201

patch-enables=true
POST      | BELL               | 201
PATCH /ID | {"enabled": false} | 200 | /data/enabled | false
PATCH /ID | {"name": "gong"}   | 200 | /data/enabled | true

patch-enables=false
POST      | BELL               | 201
PATCH /ID | {"enabled": false} | 200 | /data/enabled | false
PATCH /ID | {"name": "gong"}   | 200 | /data/enabled | false

normalises-url unique-url
POST      | {"name": "n", "url": "https://Example.com", "events": []}  | 201 | /data/url | "https://example.com/"
PUT /ID   | {"name": "n", "url": "HTTPS://example.com", "events": []}  | 200 | /data/url | "https://example.com/"
POST      | {"name": "n", "url": "https://example.COM/", "events": []} | 409
PATCH /ID | {"url": "https://EXAMPLE.com/x"}                           | 200 | /data/url | "https://example.com/x"

new-missing-reads=2 deleted-found-reads=1
POST       | BELL | 201
GET /ID    |      | 404
GET        |      | 200 | /data | []
GET /ID    |      | 200
DELETE /ID |      | 200
GET /ID    |      | 200
GET /ID    |      | 404
"#;

#[tokio::test]
async fn quirk_changes_what_later_requests_meet() {
    for conversation in CONVERSATIONS.trim().split("\n\n") {
        let (quirks, lines) = conversation.split_once('\n').unwrap();
        converse(&api_with(quirks), lines).await;
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
async fn partial_put_omits_fields_from_its_answer() {
    let api = api_with("partial-put");
    post(&api, door_bell()).await;
    let id = held(&api)[0].id.clone();
    let body = json!({"name": "n", "url": "https://example.com", "events": [], "enabled": false});

    let answer = send(&api, &format!("PUT /{id}"), Some(body)).await;

    let expected = json!({"id": id, "name": "n", "url": "https://example.com", "events": []});
    assert_eq!(answer.unwrap().expect(200)["data"], expected);
    let stored = held(&api).remove(0);
    assert!(!stored.enabled && stored.events.is_empty());
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
async fn calls_beyond_the_rate_limit_are_refused_and_the_headers_show_it() {
    let api = api_with("rate-limit=2/3600/7200 ratelimit-headers");
    let unlimited = api_with("ratelimit-headers");
    let left = |requests| format!("\"default\";r={requests};t=");
    let (burst, documented) = ("\"burst\";q=2;w=3600", "\"burst\";q=1200;w=300");

    for (api, status, left, policy, retry_after) in [
        (&api, 201, left(1), burst, None),
        (&api, 201, left(0), burst, None),
        (&api, 429, left(0), burst, Some("7200")),
        (&unlimited, 201, left(1200) + "300", documented, None),
        (&unlimited, 201, left(1200) + "300", documented, None),
    ] {
        let answer = post(api, door_bell()).await;
        assert_eq!(answer.status, status);
        assert!(answer.header("ratelimit").starts_with(&left));
        assert_eq!(answer.header("ratelimit-policy"), policy);
        let waits = answer
            .headers
            .get("retry-after")
            .map(|value| value.to_str().unwrap());
        assert_eq!(waits, retry_after);
    }
    assert_eq!(held(&api).len(), 2);
}
