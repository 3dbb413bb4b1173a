//! Each quirk: what it changes for a client, and what it leaves alone.

use crate::support::{api_with, converse, door_bell, held, post, request, with_url};
use serde_json::json;

#[tokio::test]
async fn quirk_changes_the_answer() {
    // The quirks, and then one request as `converse` takes it.
    let cases = r#"
envelope=data             | POST                               | $bell | 201 | /data/name            | "door bell"
envelope=result-data      | POST                               | $bell | 201 | /result/data/name     | "door bell"
envelope=result           | POST                               | $bell | 201 | /result/name          | "door bell"
envelope=data             | GET ~/apps                         |       | 200 | /paging/total_count   | 1
envelope=result-data      | GET ~/apps                         |       | 200 | /result/paging        | {"start_offset": 1, "end_offset": 1, "total_count": 1}
envelope=result           | GET ~/apps                         |       | 200 | /paging/start_offset  | 1
envelope=result           | GET ~/apps                         |       | 200 | /success              | true
service-errors=documented | GET /$none                         |       | 404 | /error/message        | "Error: resource not found"
service-errors=gateway    | GET /$none                         |       | 404 | /errors/0/message     | "Error: resource not found"
service-errors=message    | GET /$none                         |       | 404 | /message              | "Error: resource not found"
edge-errors=documented    | GET ~/                             |       | 404 | /error/code           | 7000
edge-errors=gateway       | GET ~/                             |       | 404 | /errors/0/code        | 7000
edge-errors=message       | GET ~/                             |       | 404 | /message              | "No route for that URI"
create-200                | POST                               | $bell | 200 | /data/name            | "door bell"
reorders-events           | POST                               | $bell | 201 | /data/events          | ["meeting.ended", "meeting.started"]
extra-fields              | POST                               | $bell | 201 | /data/organization_id | "14a396e7-ca44-4937-bf1f-050a69118543"
lists-events=false        | GET /all                           |       | 404 | /error/message        | "Error: resource not found"
any-app=false             | GET ~/nobody/webhooks              |       | 404 | /error/message        | "Error: app nobody not found"
any-app=false             | GET //accounts/x/realtime/kit/apps |       | 404 | /error/message        | "Error: account x not found"
any-app=false             | GET ~/apps                         |       | 200 | /data/0/name          | "sample"
"#;
    for case in cases.trim().lines() {
        let (quirks, request) = case.split_once('|').unwrap();
        let api = api_with(quirks);
        converse(&api, request).await;
        assert_eq!(held(&api).len(), usize::from(request.contains("POST")));
    }
}

/// Quirks, and below each the requests, as `converse` takes them, that show what it remembers.
const CONVERSATIONS: &str = r#"
empty-list-404
GET         |       | 404 | /error | {"code": 404, "message": "Error: resource not found"}
POST        | $bell | 201
GET         |       | 200
DELETE /$id |       | 200
GET         |       | 404

unique-url
POST       | $bell | 201
PUT /$id   | $bell | 200
POST       | {"name": "gong", "url": "https://a.test/gong", "events": []} | 201
POST       | $bell | 409
PUT /$id   | $bell | 409
PATCH /$id | {"url": "https://example.com/bell"} | 409
GET /$id   |       | 200 | /data/name | "gong"
GET /$id   |       | 200 | /data/url  | "https://a.test/gong"

unique-url
POST                  | $bell                 | 201
DELETE /$id           |                       | 200
POST ~/other/webhooks | $bell                 | 201
POST                  | $bell                 | 201
POST                  | $bell                 | 409
PATCH /mock/quirks    | {"unique-url": false} | 200
POST                  | $bell                 | 201

patch-enables=true
POST       | $bell              | 201
PATCH /$id | {"enabled": false} | 200 | /data/enabled | false
PATCH /$id | {"name": "gong"}   | 200 | /data/enabled | true

patch-enables=false
POST       | $bell              | 201
PATCH /$id | {"enabled": false} | 200 | /data/enabled | false
PATCH /$id | {"name": "gong"}   | 200 | /data/enabled | false

normalizes-url unique-url
POST       | {"name": "n", "url": "https://Example.com", "events": []} | 201 | /data/url | "https://example.com/"
PUT /$id   | {"name": "n", "url": "HTTPS://example.com", "events": []} | 200 | /data/url | "https://example.com/"
POST       | {"name": "n", "url": "https://example.COM/", "events": []} | 409
PATCH /$id | {"url": "https://EXAMPLE.com/x"} | 200 | /data/url | "https://example.com/x"

new-missing-reads=2 deleted-found-reads=1
POST        | $bell | 201
GET /$id    |       | 404
GET         |       | 200 | /data | []
GET /$id    |       | 200
DELETE /$id |       | 200
GET /$id    |       | 200
GET /$id    |       | 404

partial-put
POST     | $bell | 201
PUT /$id | {"name": "n", "url": "https://a.test", "events": [], "enabled": false} | 200 | /data         | {"id": "$id", "name": "n", "url": "https://a.test", "events": []}
GET /$id |       | 200 | /data/events  | []
GET /$id |       | 200 | /data/enabled | false

delete-answer=no-content
POST        | $bell | 201
DELETE /$id |       | 204 |       | ""
GET         |       | 200 | /data | []

delete-answer=empty
POST        | $bell | 201
DELETE /$id |       | 200 |       | ""
GET         |       | 200 | /data | []
"#;

#[tokio::test]
async fn quirk_changes_what_later_requests_meet() {
    for conversation in CONVERSATIONS.trim().split("\n\n") {
        let (quirks, lines) = conversation.split_once('\n').unwrap();
        converse(&api_with(quirks), lines).await;
    }
}

#[tokio::test]
async fn missing_or_wrong_token_is_refused_in_the_words_of_the_shape() {
    let [usual, denied] = [
        json!({"message": "Unauthorized"}),
        json!("Authentication error"),
    ];
    for (quirks, place, expected) in [
        ("", "", &usual),
        ("edge-errors=message", "", &usual),
        (
            "edge-errors=documented",
            "/error/message",
            &usual["message"],
        ),
        ("edge-errors=gateway", "/errors/0/message", &denied),
    ] {
        let api = api_with(quirks);
        let create = with_url(&api, "POST");

        for headers in [&[][..], &[("authorization", "Bearer wrong")]] {
            let refused = request(&create, headers, Some(door_bell())).await;

            let refused = refused.unwrap().expect(401);
            assert_eq!(refused.pointer(place), Some(expected));
        }
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
