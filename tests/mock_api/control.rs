//! The control endpoint and the page's files, over HTTP.

use crate::receiver::Receiver;
use crate::support::{Answer, door_bell, get, held, post, seed};
use realtimekit::mock_api::{DEFAULT_TOKEN, MockApi, SAMPLE_APP_ID, Seed, endpoints};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::{IpAddr, UdpSocket};

/// Sends a request with these headers to a path of the server.
async fn send(
    api: &MockApi,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}{path}", api.page_url());
    let mut request = client.request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.body(body.to_string());
    }
    let response = request.send().await.unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");

async fn read(api: &MockApi, path: &str) -> Value {
    send(api, Method::GET, path, &[], None).await.expect(200)
}

async fn write(api: &MockApi, method: Method, path: &str, body: Value) -> Answer {
    send(api, method, path, &[JSON], Some(body)).await
}

async fn delete(api: &MockApi, path: &str) -> StatusCode {
    send(api, Method::DELETE, path, &[], None).await.status
}

#[tokio::test]
async fn fault_is_added_shown_met_and_cleared() {
    let api = MockApi::start().unwrap();

    let rule = json!({"fault": "503", "times": 2, "method": "POST"});
    let added = write(&api, Method::POST, "mock/faults", rule)
        .await
        .expect(201);
    let statuses = [
        get(&api, "").await.status,
        post(&api, door_bell()).await.status,
    ];

    let left = json!([{"about": "status 503", "requests": "POST", "times": 1}]);
    assert_eq!(added["times"], 2);
    assert_eq!(statuses.map(|status| status.as_u16()), [200, 503]);
    assert_eq!(read(&api, "mock/faults").await, left);
    assert_eq!(delete(&api, "mock/faults").await, 204);
    assert_eq!(api.faults_left(), 0);
}

#[tokio::test]
async fn wrong_request_is_refused_with_the_reason_and_changes_nothing() {
    let api = MockApi::start().unwrap();
    let fault = json!({"fault": "often"});
    let quirks = json!({"create-200": true, "unique-url": "perhaps"});

    let fault = write(&api, Method::POST, "mock/faults", fault)
        .await
        .expect(400);
    let quirks = write(&api, Method::PATCH, "mock/quirks", quirks)
        .await
        .expect(400);
    let order = write(&api, Method::POST, "mock/deliveries", json!({"id": 1}))
        .await
        .expect(400);
    let path = send(&api, Method::GET, "mock/fault", &[], None)
        .await
        .expect(404);

    let error = |answer: &Value| answer["error"].as_str().unwrap().to_owned();
    assert!(error(&fault).starts_with("fault: must be a status from 200 to 599"));
    assert_eq!(
        error(&quirks),
        "the quirk `unique-url` takes true|false, not `perhaps`"
    );
    assert!(error(&order).starts_with("body: unknown field `id`"));
    assert_eq!(
        error(&path),
        "there is no GET /mock/fault; GET /mock/ lists what there is"
    );
    assert_eq!(post(&api, door_bell()).await.status, 201);
}

#[tokio::test]
async fn quirks_are_changed_alone_or_by_mode() {
    let api = MockApi::start().unwrap();
    let change = async |changes| write(&api, Method::PATCH, "mock/quirks", changes).await;

    let changes = json!({"create-200": true, "put_omits": "url,events"});
    let quirks = change(changes).await.expect(200);
    let created = post(&api, door_bell()).await;
    let mixed = json!({"mode": "live", "unique-url": false});
    change(mixed).await.expect(200);
    let state = read(&api, "mock/state").await;
    change(json!({"mode": "live"})).await.expect(200);
    change(json!({"mode": "lively"})).await.expect(400);

    let mut quirks = quirks.as_array().unwrap().iter();
    let create = quirks.find(|quirk| quirk["name"] == "create-200").unwrap();
    assert_eq!(create["value"], "true");
    assert_eq!(create["documented"], false);
    assert_eq!(created.status, 200);
    assert_eq!(state["mode"], Value::Null);
    assert_eq!(read(&api, "mock/state").await["mode"], "live");
}

#[tokio::test]
async fn calls_are_read_and_cleared_without_becoming_calls() {
    let api = MockApi::start().unwrap();
    post(&api, door_bell()).await;

    let calls = read(&api, "mock/calls").await;

    assert_eq!(calls.as_array().unwrap().len(), 1);
    assert_eq!(calls[0]["method"], "POST");
    assert_eq!(calls[0]["status"], 201);
    assert_eq!(calls[0]["body"], door_bell());
    assert_eq!(calls[0]["authorized"], true);
    assert!(!calls.to_string().contains(&api.token()));
    assert_eq!(delete(&api, "mock/calls").await, 204);
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn webhooks_are_added_edited_and_removed_outside_of_the_api() {
    let api = MockApi::start().unwrap();
    let id = seed(&api).id;
    let new = json!({"name": "gong", "url": "https://example.com/gong", "events": []});

    let added = write(&api, Method::POST, "mock/webhooks", new)
        .await
        .expect(201);
    let path = format!("mock/webhooks/{id}");
    let edited = write(&api, Method::PATCH, &path, json!({"name": "x"}))
        .await
        .expect(200);

    assert_eq!(edited["name"], "x");
    assert_eq!(held(&api).len(), 2);
    assert_eq!(held(&api)[1].id, added["id"]);
    assert_eq!(delete(&api, &path).await, 204);
    assert_eq!(delete(&api, &path).await, 404);
    assert_eq!(delete(&api, "mock/webhooks").await, 204);
    assert!(held(&api).is_empty() && api.calls().is_empty());
}

#[tokio::test]
async fn reset_restores_the_initial_state() {
    let seed = Seed::from_json(Seed::EXAMPLE).unwrap();
    let rule = "429:2".parse().unwrap();
    let api = MockApi::builder().seed(seed).fault(rule).start().unwrap();
    let before = read(&api, "mock/state").await;
    api.clear_webhooks();
    get(&api, "").await;
    api.change_quirks(|quirks| quirks.create_200 = true);

    let reset = write(&api, Method::POST, "mock/reset", json!({})).await;

    assert_eq!(reset.status, 204);
    assert_eq!(read(&api, "mock/state").await, before);
    assert_eq!(before["apps"][0]["app_id"], SAMPLE_APP_ID);
    assert_eq!(before["apps"][0]["webhooks"].as_array().unwrap().len(), 2);
    assert_eq!(api.faults_left(), 2);
}

/// Orders a sample for a webhook with this URL.
async fn deliver(api: &MockApi, url: &str) -> Answer {
    let webhook = seed(api);
    let edited = api.edit_webhook(&webhook.id, |webhook| webhook.url = url.to_owned());
    let order = json!({"webhook_id": edited.unwrap().id, "event": "meeting.started"});
    write(api, Method::POST, "mock/deliveries", order).await
}

#[tokio::test]
async fn delivery_is_sent_and_its_outcome_is_returned() {
    let api = MockApi::start().unwrap();
    let mut receiver = Receiver::accepting().await;

    let sent = deliver(&api, &receiver.url()).await.expect(201);

    assert_eq!(receiver.next().await.header("rtk-uuid"), sent["id"]);
    assert_eq!(sent["delivered"], true);
    assert_eq!(sent["status"], 202);
    assert_eq!(sent["body"], "thank U!");
    assert_eq!(read(&api, "mock/deliveries").await, json!([sent]));
}

#[tokio::test]
async fn delivery_to_another_machine_or_to_the_control_endpoint_is_forbidden() {
    let api = MockApi::start().unwrap();

    let remote = deliver(&api, "http://192.0.2.7/").await.expect(403);
    let reset = format!("{}mock/reset", api.page_url());
    let own = deliver(&api, &reset).await.expect(201);

    let error = remote["error"].as_str().unwrap();
    assert!(
        error.starts_with("`192.0.2.7` has the address 192.0.2.7"),
        "{error}"
    );
    assert_eq!(own["status"], 403);
    assert_eq!(held(&api).len(), 2);
}

#[tokio::test]
async fn request_of_another_site_is_refused() {
    let api = MockApi::start().unwrap();
    let own_host = api.address().to_string();
    let own_origin = format!("http://{own_host}");
    let plain = ("content-type", "text/plain");
    let cases: [(&[(&str, &str)], u16); 7] = [
        (&[JSON, ("origin", "https://evil.example")], 403),
        (&[JSON, ("origin", "null")], 403),
        (&[JSON, ("host", "evil.example")], 403),
        (&[JSON, ("sec-fetch-site", "cross-site")], 403),
        (&[plain, ("host", &own_host)], 415),
        (&[JSON, ("origin", &own_origin)], 201),
        (&[JSON], 201),
    ];

    for (headers, expected) in cases {
        let rule = json!({"fault": "503"});
        let answer = send(&api, Method::POST, "mock/faults", headers, Some(rule)).await;

        assert_eq!(answer.status, expected, "{headers:?}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    assert_eq!(api.faults_left(), 2);

    let preflight = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let answer = send(&api, Method::OPTIONS, "mock/reset", &preflight, None).await;
    assert_eq!(answer.status, 403);
    let mut names = answer.headers.keys();
    assert!(names.all(|name| !name.as_str().starts_with("access-control-")));
    let api = MockApi::builder().allow_host("mock.test").start().unwrap();
    let host = ("host", "mock.test:80");
    let allowed = send(&api, Method::GET, "mock/state", &[host], None).await;
    assert_eq!(allowed.status, 200);
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
        let file = send(&api, Method::GET, path, &[], None).await;

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
    let mut statuses = Vec::new();

    for (api, token) in [
        (&known, None),
        (&known, Some(DEFAULT_TOKEN)),
        (&chosen, Some("sesame")),
    ] {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers = bearer
            .iter()
            .map(|bearer| ("authorization", bearer.as_str()));
        let headers: Vec<_> = headers.collect();
        let answer = send(api, Method::GET, "mock/state", &headers, None).await;
        statuses.push(answer.status.as_u16());
    }

    assert_eq!(statuses, [401, 401, 200]);
}

#[tokio::test]
async fn control_path_refuses_the_methods_that_the_table_does_not_list() {
    let api = MockApi::start().unwrap();
    let listed: BTreeSet<_> = endpoints().map(|(endpoint, _)| endpoint).collect();

    for path in listed
        .iter()
        .map(|endpoint| endpoint.split_once(' ').unwrap().1)
    {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if !listed.contains(&*format!("{method} {path}")) {
                let method: Method = method.parse().unwrap();
                let refused = send(&api, method.clone(), &path[1..], &[JSON], None).await;
                assert_eq!(refused.status, 405, "{method} {path}");
            }
        }
    }
}

#[test]
fn guide_has_every_control_endpoint_in_its_table() {
    let guide = include_str!("../../examples/guides/testing-your-modules.md.tmpl");
    let rows = guide
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains(" /mock/"));
    let documented: Vec<String> = rows.map(str::to_owned).collect();

    let expected: Vec<String> = endpoints()
        .map(|(endpoint, about)| {
            format!(
                "| `{endpoint}` | {} |",
                about.replace('{', "`{").replace('}', "}`")
            )
        })
        .collect();
    assert_eq!(documented, expected);
}

#[tokio::test]
async fn event_stream_sends_the_state_after_each_change() {
    let api = MockApi::start().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}mock/events", api.page_url());
    let mut stream = client.get(url).send().await.unwrap();
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
