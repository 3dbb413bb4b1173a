//! The control endpoint and the page's files, over HTTP.

use crate::receiver::Receiver;
use crate::support::{self, Answer, JSON, columns, converse, door_bell, get, held, post, seed};
use realtimekit::mock_api::{
    DEFAULT_TOKEN, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed, endpoints,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::{IpAddr, UdpSocket};

/// Sends a request with these headers to a path of the server.
async fn send(api: &MockApi, line: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
    let page = api.page_url();
    let origin = page.trim_end_matches('/');
    let answer = support::request(origin, line, headers, body).await;
    answer.unwrap()
}

async fn read(api: &MockApi, path: &str) -> Value {
    let line = format!("GET {path}");
    send(api, &line, &[], None).await.expect(200)
}

async fn write(api: &MockApi, line: &str, body: Value) -> Answer {
    send(api, line, &[JSON], Some(body)).await
}

#[tokio::test]
async fn fault_is_added_shown_met_and_cleared() {
    let api = MockApi::start().unwrap();

    let lines = r#"
POST /mock/faults   | {"fault": "503", "times": 2, "method": "POST"} | 201 |  | "2 × status 503, for POST"
GET                 |      | 200
POST                | BELL | 503
GET /mock/faults    |      | 200 | /0 | "1 × status 503, for POST"
DELETE /mock/faults |      | 204
GET /mock/faults    |      | 200 | /0 | null
POST                | BELL | 201
"#;
    converse(&api, lines).await;
}

#[tokio::test]
async fn wrong_request_is_refused_with_the_reason_and_changes_nothing() {
    let api = MockApi::start().unwrap();

    let lines = r#"
POST /mock/faults      | {"fault": "often"}    | 400 | /error | "fault: must be a status from 200 to 599, drop, …"
PATCH /mock/quirks     | {"create-200": true, "unique-url": "x"} | 400 | /error | "the quirk `unique-url` takes true…"
PATCH /mock/quirks     | {"mode": "lively"}    | 400 | /error | "`mode` takes documented or live"
POST /mock/webhooks    | {"name": "n", "url": "/hook", "events": []} | 400 | /error | "body: \"url\" must be a valid uri…"
POST /mock/webhooks    | {"account_id": "a", "name": "n", "events": []} | 400 | /error | "\"url\" is required"
POST /mock/webhooks    | {"app_id": 1}         | 400 | /error | "body: invalid type: integer `1`, expected a string…"
POST /mock/webhooks    | {"id": "6b7f7b52-6e4b-4c8e-9f3d-0c2b8d1a4e10", "name": "n", "url": "https://a.test", "events": []} | 400 | /error | "\"id\" is not allowed"
PATCH /mock/webhooks/x | {"enabled": 1}        | 400 | /error | "\"enabled\" must be a boolean"
PATCH /mock/webhooks/x | {"enabled": true}     | 404 | /error | "there is no webhook x"
POST /mock/deliveries  | {"id": 1}             | 400 | /error | "body: unknown field `id`…"
GET /mock/fault        |                       | 404 | /error | "there is no GET /mock/fault; GET /mock/ lists what there is"
POST                   | BELL                  | 201
"#;
    converse(&api, lines).await;

    assert_eq!(held(&api).len(), 1);
}

#[tokio::test]
async fn quirks_are_changed_alone_or_by_mode() {
    let api = MockApi::start().unwrap();

    let lines = r#"
GET /mock/state    |                     | 200 | /mode | "documented"
PATCH /mock/quirks | {"create-200": true, "partial_put": true} | 200 | /7/value | "true"
GET /mock/quirks   |                     | 200 | /7/documented | false
POST               | BELL                | 200
GET /mock/state    |                     | 200 | /mode | null
PATCH /mock/quirks | {"mode": "live"}    | 200 | /7/value | "false"
GET /mock/state    |                     | 200 | /mode | "live"
"#;
    converse(&api, lines).await;
}

#[tokio::test]
async fn log_has_every_request_but_those_to_the_control_endpoint_until_it_is_cleared() {
    let api = MockApi::start().unwrap();

    let list = get(&api, "?page=1").await;
    let create = post(&api, door_bell()).await;
    let mut calls = read(&api, "/mock/calls").await;

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
    let first = seed(&api);

    let lines = r#"
POST /mock/webhooks      | {"name": "x", "url": "https://a.test", "events": [], "app_id": "other"} | 201
POST /mock/webhooks      | {"name": "gong", "url": "https://a.test", "events": []} | 201 | /name | "gong"
PATCH /mock/webhooks/ID  | {"name": "x"} | 200 | /name | "x"
DELETE /mock/webhooks/ID |               | 204
DELETE /mock/webhooks/ID |               | 404
GET /mock/state          |               | 200 | /apps/1/app_id | "other"
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
    let api = MockApi::builder().seed(seed).fault(rule).start().unwrap();
    let before = read(&api, "/mock/state").await;
    api.clear_webhooks();
    get(&api, "").await;
    api.change_quirks(|quirks| quirks.create_200 = true);

    let reset = write(&api, "POST /mock/reset", json!({})).await;

    assert_eq!(reset.status, 204);
    assert_eq!(read(&api, "/mock/state").await, before);
    assert_eq!(before["apps"][0]["app_id"], SAMPLE_APP_ID);
    assert_eq!(before["apps"][0]["webhooks"].as_array().unwrap().len(), 2);
    assert_eq!(api.faults_left(), 2);
}

/// Orders a sample for a webhook with this URL.
async fn deliver(api: &MockApi, url: &str) -> Answer {
    let webhook = support::add(api, url);
    let order = json!({"webhook_id": webhook.id, "event": "meeting.started"});
    write(api, "POST /mock/deliveries", order).await
}

#[tokio::test]
async fn delivery_is_sent_and_its_outcome_is_returned_and_remembered() {
    let api = MockApi::start().unwrap();
    let mut receiver = Receiver::accepting().await;

    let sent = deliver(&api, &receiver.url()).await.expect(201);

    assert_eq!(receiver.next().await.header("rtk-uuid"), sent["id"]);
    let outcome = [&sent["delivered"], &sent["status"], &sent["body"]];
    assert_eq!(json!(outcome), json!([true, 202, "thank U!"]));
    assert_eq!(read(&api, "/mock/deliveries").await, json!([sent]));
}

#[tokio::test]
async fn delivery_to_another_machine_or_to_the_control_endpoint_is_forbidden() {
    let api = MockApi::start().unwrap();

    let remote = deliver(&api, "http://192.0.2.7/").await.expect(403);
    let reset = format!("{}mock/reset", api.page_url());
    let own = deliver(&api, &reset).await.expect(201);

    let error = remote["error"].as_str().unwrap();
    assert!(error.starts_with("`192.0.2.7` has the address 192.0.2.7"));
    assert_eq!(own["status"], 403);
    assert_eq!(held(&api).len(), 2);
}

#[tokio::test]
async fn request_of_another_site_is_refused() {
    let api = MockApi::builder().allow_host("mock.test").start().unwrap();
    let own_origin = format!("http://{}", api.address());
    let cases = format!(
        "POST /mock/faults | origin: https://evil.example | 403\n\
         POST /mock/faults | host: evil.example | 403\n\
         POST /mock/faults | content-type: text/plain | 415\n\
         POST /mock/faults | origin: {own_origin} | 201\n\
         POST /mock/faults | x: x | 201\n\
         OPTIONS /mock/reset | origin: https://evil.example | 403\n\
         GET /mock/state | host: mock.test:80 | 200"
    );

    for case in cases.lines() {
        let [line, header, status] = &columns(case);
        let header = header.split_once(": ").unwrap();
        let mut headers = vec![header];
        headers.extend((header.0 != JSON.0).then_some(JSON));
        let answer = send(&api, line, &headers, Some(json!({"fault": "503"}))).await;

        assert_eq!(answer.status.as_str(), *status, "{case}");
        let mut names = answer.headers.keys();
        assert!(names.all(|name| !name.as_str().starts_with("access-control-")));
    }
    assert_eq!(api.faults_left(), 2);
}

#[tokio::test]
async fn page_may_load_only_its_own_files() {
    let api = MockApi::start().unwrap();
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/mock/page.js", "text/javascript; charset=utf-8"),
        ("/mock/page.css", "text/css; charset=utf-8"),
        ("/mock/icon.svg", "image/svg+xml; charset=utf-8"),
    ] {
        let file = send(&api, &format!("GET {path}"), &[], None).await;

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
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", &*bearer)];
        let answer = send(api, "GET /mock/state", &headers, None).await;
        assert_eq!(answer.status, expected, "{token}");
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
                let refused = send(&api, &line, &[JSON], None).await;
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
    let mut stream = support::client().get(url).send().await.unwrap();
    let first = next_event(&mut stream).await;

    seed(&api);
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
