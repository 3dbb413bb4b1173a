//! The control endpoint and the page's files, over HTTP.

use crate::receiver::Receiver;
use crate::support::{
    JSON, add, client, converse, door_bell, get, held, post, request, send, with_url,
};
use realtimekit::mock_api::{
    DEFAULT_TOKEN, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed, endpoints,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::{IpAddr, UdpSocket};

#[tokio::test]
async fn fault_is_added_shown_met_and_cleared() {
    let api = MockApi::start().unwrap();

    let lines = r#"
POST /mock/faults   | {"fault": "503", "times": 2, "method": "POST"} | 201 |    | "2 × status 503, for POST"
GET                 |       | 200
POST                | $bell | 503
GET /mock/faults    |       | 200 | /0 | "1 × status 503, for POST"
DELETE /mock/faults |       | 204
GET /mock/faults    |       | 200 | /0 | null
POST                | $bell | 201
"#;
    converse(&api, lines).await;
}

#[tokio::test]
async fn wrong_request_is_refused_with_the_reason_and_changes_nothing() {
    let api = MockApi::start().unwrap();

    let lines = r#"
POST /mock/faults      | {"fault": "often"} | 400 | /error | "fault: must be a status from 200 to 599, drop, …"
PATCH /mock/quirks     | {"create-200": true, "unique-url": "x"} | 400 | /error | "the quirk `unique-url` takes true…"
PATCH /mock/quirks     | {"mode": "lively"} | 400 | /error | "`mode` takes documented or live"
POST /mock/webhooks    | {"name": "n", "url": "/hook", "events": []} | 400 | /error | "body: \"url\" must be a valid uri…"
POST /mock/webhooks    | {"account_id": "a", "name": "n", "events": []} | 400 | /error | "\"url\" is required"
POST /mock/webhooks    | {"app_id": 1}      | 400 | /error | "body: invalid type: integer `1`, expected a string…"
POST /mock/webhooks    | {"id": "6b7f7b52-6e4b-4c8e-9f3d-0c2b8d1a4e10", "name": "n", "url": "https://a.test", "events": []} | 400 | /error | "\"id\" is not allowed"
PATCH /mock/webhooks/x | {"enabled": 1}     | 400 | /error | "\"enabled\" must be a boolean"
PATCH /mock/webhooks/x | {"enabled": true}  | 404 | /error | "there is no webhook x"
POST /mock/deliveries  | {"id": 1}          | 400 | /error | "body: unknown field `id`…"
GET /mock/fault        |                    | 404 | /error | "there is no GET /mock/fault; GET /mock/ lists what there is"
POST                   | $bell              | 201
"#;
    converse(&api, lines).await;

    assert_eq!(held(&api).len(), 1);
}

#[tokio::test]
async fn quirks_are_changed_alone_or_by_mode() {
    let api = MockApi::start().unwrap();

    let lines = r#"
GET /mock/state    |                  | 200 | /mode         | "documented"
PATCH /mock/quirks | {"create-200": true, "partial_put": true} | 200 | /7/value      | "true"
GET /mock/quirks   |                  | 200 | /7/documented | false
POST               | $bell            | 200
GET /mock/state    |                  | 200 | /mode         | null
PATCH /mock/quirks | {"mode": "live"} | 200 | /7/value      | "false"
GET /mock/state    |                  | 200 | /mode         | "live"
"#;
    converse(&api, lines).await;
}

#[tokio::test]
async fn log_has_every_request_but_those_to_the_control_endpoint_until_it_is_cleared() {
    let api = MockApi::start().unwrap();

    let list = get(&api, "?page=1").await;
    let create = post(&api, door_bell()).await;
    let mut calls = get(&api, "/mock/calls").await.json();

    assert_ne!(list.header("cf-ray"), create.header("cf-ray"));
    for call in calls.as_array_mut().unwrap() {
        let arrived = call.as_object_mut().unwrap().remove("arrived_at").unwrap();
        assert!(arrived.as_str().unwrap().ends_with('Z'), "{arrived}");
    }
    let kit = format!("/client/v4/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit");
    let path = format!("{kit}/{SAMPLE_APP_ID}/webhooks");
    let expected = json!([
        {
            "number": 1, "method": "GET", "path": path, "query": "page=1", "body": null,
            "user_agent": "mock-api-tests", "authorized": true, "status": 200, "fault": null,
        },
        {
            "number": 2, "method": "POST", "path": path, "query": null, "body": door_bell(),
            "user_agent": "mock-api-tests", "authorized": true, "status": 201, "fault": null,
        },
    ]);
    assert_eq!(calls, expected);
    converse(&api, "DELETE /mock/calls | | 204").await;
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn webhooks_are_added_edited_and_removed_outside_of_the_api() {
    let api = MockApi::start().unwrap();
    let first = add(&api, "https://example.com/bell");

    let lines = r#"
POST /mock/webhooks       | {"name": "x", "url": "https://a.test", "events": [], "app_id": "other"} | 201
POST /mock/webhooks       | {"name": "gong", "url": "https://a.test", "events": []} | 201 | /name          | "gong"
PATCH /mock/webhooks/$id  | {"name": "x"} | 200 | /name          | "x"
DELETE /mock/webhooks/$id |               | 204
DELETE /mock/webhooks/$id |               | 404
GET /mock/state           |               | 200 | /apps/1/app_id | "other"
"#;
    converse(&api, lines).await;

    assert_eq!(held(&api), [first]);
    converse(&api, "DELETE /mock/webhooks | | 204").await;
    assert!(held(&api).is_empty() && api.calls().is_empty());
}

#[tokio::test]
async fn reset_restores_the_initial_state() {
    let seed = Seed::from_json(Seed::EXAMPLE).unwrap();
    let rule = "429:2".parse().unwrap();
    let builder = MockApi::builder().app("account", "app", "in whose place the seed is");
    let api = builder.seed(seed).fault(rule).start().unwrap();
    let before = get(&api, "/mock/state").await.json();
    api.clear_webhooks();
    get(&api, "").await;
    api.change_quirks(|quirks| quirks.create_200 = true);

    converse(&api, "POST /mock/reset | {} | 204").await;

    assert_eq!(get(&api, "/mock/state").await.json(), before);
    assert_eq!(before["apps"][0]["app_id"], SAMPLE_APP_ID);
    assert_eq!(before["apps"][0]["webhooks"].as_array().unwrap().len(), 2);
    assert_eq!(api.faults_left(), 2);
}

#[tokio::test]
async fn delivery_is_sent_and_its_outcome_is_returned_and_remembered() {
    let api = MockApi::start().unwrap();
    let mut receiver = Receiver::accepting().await;

    let lines = r#"
POST /mock/webhooks   | {"name": "n", "url": "URL", "events": ["meeting.ended"]} | 201
POST /mock/deliveries | {"webhook_id": "$id", "event": "meeting.ended"} | 201 | /status | 202
GET /mock/deliveries  |  | 200 | /0/id   | "$id"
GET /mock/deliveries  |  | 200 | /0/body | "thank U!"
"#;
    converse(&api, &lines.replace("URL", &receiver.url())).await;

    receiver.next().await;
}

#[tokio::test]
async fn delivery_to_another_machine_or_to_the_control_endpoint_is_forbidden() {
    let api = MockApi::start().unwrap();

    let lines = r#"
POST /mock/webhooks   | {"name": "remote", "url": "http://192.0.2.7/", "events": ["meeting.ended"]} | 201
POST /mock/deliveries | {"webhook_id": "$id", "event": "meeting.ended"} | 403 | /error  | "`192.0.2.7` has the address 192.0.2.7…"
POST /mock/webhooks   | {"name": "own", "url": "PAGE_URLmock/reset", "events": ["meeting.ended"]} | 201
POST /mock/deliveries | {"webhook_id": "$id", "event": "meeting.ended"} | 201 | /status | 403
"#;
    converse(&api, &lines.replace("PAGE_URL", &api.page_url())).await;

    assert_eq!(held(&api).len(), 2, "nothing was reset");
}

#[tokio::test]
async fn request_of_another_site_is_refused() {
    let api = MockApi::builder().allow_host("mock.test").start().unwrap();
    let own_origin = format!("http://{}", api.address());
    for (line, header, status) in [
        ("POST /mock/faults", ("origin", "https://evil.example"), 403),
        ("POST /mock/faults", ("host", "evil.example"), 403),
        ("POST /mock/faults", ("content-type", "text/plain"), 415),
        ("POST /mock/faults", ("origin", &own_origin), 201),
        ("POST /mock/faults", ("x", "x"), 201),
        (
            "OPTIONS /mock/reset",
            ("origin", "https://evil.example"),
            403,
        ),
        ("GET /mock/state", ("host", "mock.test:80"), 200),
    ] {
        let mut headers = vec![header];
        headers.extend((header.0 != JSON.0).then_some(JSON));
        let body = json!({"fault": "503"});
        let answer = request(&with_url(&api, line), &headers, Some(body)).await;

        let answer = answer.unwrap();
        assert_eq!(answer.status, status, "{line} {header:?}");
        let mut names = answer.headers.keys();
        assert!(names.all(|name| !name.as_str().starts_with("access-control-")));
    }
    assert_eq!(api.faults_left(), 2);
}

#[tokio::test]
async fn page_may_load_only_its_own_files() {
    let api = MockApi::start().unwrap();
    for (path, content_type) in [
        ("", "text/html; charset=utf-8"),
        ("mock/page.js", "text/javascript; charset=utf-8"),
        ("mock/page.css", "text/css; charset=utf-8"),
        ("mock/icon.svg", "image/svg+xml; charset=utf-8"),
    ] {
        let line = format!("GET {}{path}", api.page_url());
        let file = request(&line, &[], None).await.unwrap();

        assert_eq!(file.status, 200, "{path}");
        assert_eq!(file.header("content-type"), content_type);
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        let policy = file.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"));
        assert!(!policy.contains("unsafe") && !policy.contains("http"));
    }
    assert!(api.calls().is_empty());
}

/// An address of this machine that is not a loopback address; found without sending anything.
fn outer_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.7:9").ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[tokio::test]
async fn another_machine_needs_a_token_that_was_chosen() {
    // A machine without a network has no other that could reach it.
    let Some(address) = outer_address() else {
        return;
    };
    let start = |token: &str| {
        let builder = MockApi::builder().listen((address, 0).into());
        builder.token(token).start().unwrap()
    };
    let (known, chosen) = (start(DEFAULT_TOKEN), start("sesame"));

    for (api, token, expected) in [
        (&known, "", 401),
        (&known, DEFAULT_TOKEN, 401),
        (&chosen, "sesame", 200),
    ] {
        let header = ("authorization", &*format!("Bearer {token}"));
        let answer = request(&with_url(api, "GET /mock/state"), &[header], None).await;
        assert_eq!(answer.unwrap().status, expected, "{token}");
    }
}

#[tokio::test]
async fn control_path_refuses_the_methods_that_the_table_does_not_list() {
    let api = MockApi::start().unwrap();
    let listed: BTreeSet<_> = endpoints().map(|(endpoint, _)| endpoint).collect();

    for endpoint in &listed {
        let path = endpoint.split_once(' ').unwrap().1;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let line = format!("{method} {path}");
            if !listed.contains(&*line) {
                let refused = send(&api, &line, None).await.unwrap();
                assert_eq!(refused.status, 405, "{line}");
            }
        }
    }
}

#[test]
fn guide_has_every_control_endpoint_in_its_table() {
    let guide = include_str!("../../examples/guides/testing-your-modules.md.tmpl");
    let rows = guide.lines();
    let rows = rows.filter(|line| line.starts_with("| `") && line.contains(" /mock/"));

    let expected = endpoints().map(|(endpoint, about)| {
        let about = about.replace('{', "`{").replace('}', "}`");
        format!("| `{endpoint}` | {about} |")
    });
    assert!(rows.eq(expected));
}

#[tokio::test]
async fn event_stream_sends_the_state_after_each_change() {
    let api = MockApi::start().unwrap();
    let url = format!("{}mock/events", api.page_url());
    let mut stream = client().get(url).send().await.unwrap();
    let first = next_event(&mut stream).await;

    add(&api, "https://example.com/bell");
    let second = next_event(&mut stream).await;

    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(first["apps"], json!([]));
    assert_eq!(second["apps"][0]["webhooks"][0]["name"], "door bell");
}

async fn next_event(stream: &mut reqwest::Response) -> Value {
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        let chunk = stream.chunk().await.unwrap().unwrap();
        text += std::str::from_utf8(&chunk).unwrap();
    }
    serde_json::from_str(text.trim().strip_prefix("data: ").unwrap()).unwrap()
}
