//! What the mock API reads: documents to start from, words for faults and quirks, and requests
//! to its control endpoint and to the API itself.
//!
//! Input: which of them, and the text; requests are parts, each a method, a path and a body.

use std::{str, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use realtimekit::mock_api::{DEFAULT_TOKEN, FaultRule, MockApi, Quirks, Seed};
use tokio::{runtime::Builder, time::timeout};
use tower::ServiceExt;

use super::input::{byte, lines, part};

const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PATCH,
    Method::PUT,
    Method::DELETE,
];
/// Most requests of one input.
const MOST: usize = 16;
/// Most bytes that are read of an answer; a fault may make it larger.
const MOST_BYTES: usize = 1024 * 1024;
/// The longest wait for an answer, by a clock that does not wait.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Checks one input; `false` means that others like it are of no use.
pub fn run(input: &[u8]) -> bool {
    let (kind, rest) = byte(input);
    match (kind % 6, str::from_utf8(rest)) {
        (5, _) => run_async(requests(rest)),
        (_, Err(_)) => return false,
        (0, Ok(text)) => seed(text),
        (1, Ok(text)) => fault_in_words(text),
        (2, Ok(text)) => fault_in_json(text),
        (3, Ok(text)) => quirk(lines(text)),
        (_, Ok(text)) => access(text),
    }
    true
}

fn seed(text: &str) {
    match Seed::from_json(text) {
        Ok(seed) => assert!(seed.first_app().is_some()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn fault_in_words(words: &str) {
    match words.parse::<FaultRule>() {
        Ok(rule) => check(&rule),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn fault_in_json(text: &str) {
    if let Ok(json) = serde_json::from_str(text)
        && let Ok(rule) = FaultRule::from_json(&json)
    {
        check(&rule);
    }
}

fn check(rule: &FaultRule) {
    assert!(rule.times > 0);
    assert!(!rule.to_string().is_empty());
}

/// What a quirk is set to is what it shows, and showing is no other value.
fn quirk([name, value]: [&str; 2]) {
    let mut quirks = Quirks::documented();
    if quirks.set(name, value).is_err() {
        assert_eq!(quirks, Quirks::documented());
        return;
    }
    let mut again = Quirks::documented();
    for switch in Quirks::switches() {
        again
            .set(&switch.name(), &switch.value(&quirks))
            .expect("what is shown can be set");
    }
    assert_eq!(again, quirks);
}

/// Headers decide who may use the control endpoint.
fn access(text: &str) {
    let mut headers = HeaderMap::new();
    for line in text.lines().take(MOST) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    run_async(answer(api(), Method::POST, "/mock/reset", headers, b"{}"));
}

/// Some requests in turn, as a program on this machine makes them.
async fn requests(mut rest: &[u8]) {
    let api = api();
    for _ in 0..MOST {
        if rest.is_empty() {
            return;
        }
        let (method, after) = byte(rest);
        let (path, after) = part(after);
        let (body, after) = part(after);
        rest = after;
        let method = METHODS[usize::from(method) % METHODS.len()].clone();
        let Ok(path) = str::from_utf8(path) else {
            continue;
        };
        // A delivery is a request to elsewhere, of which nothing is to be seen here.
        if !(method == Method::POST && path.contains("deliveries")) {
            answer(api.clone(), method, path, headers(), body).await;
        }
    }
}

fn headers() -> HeaderMap {
    let token = HeaderValue::try_from(format!("Bearer {DEFAULT_TOKEN}")).expect("a token");
    HeaderMap::from_iter([
        (header::HOST, HeaderValue::from_static("localhost")),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::AUTHORIZATION, token),
    ])
}

fn api() -> Router {
    let seed = Seed::from_json(Seed::EXAMPLE).expect("a seed");
    MockApi::builder().seed(seed).router()
}

/// One request, and its answer; nothing for a path that no request line can have.
async fn answer(api: Router, method: Method, path: &str, headers: HeaderMap, body: &[u8]) {
    let request = Request::builder().method(method).uri(path);
    let Ok(mut request) = request.body(Body::from(body.to_vec())) else {
        return;
    };
    *request.headers_mut() = headers;
    if request.uri().path() == "/mock/events" {
        return; // it does not end
    }
    // A fault may make the answer late, or cut it off.
    if let Ok(answered) = timeout(LONGEST, api.oneshot(request)).await {
        let Ok(answer) = answered;
        to_bytes(answer.into_body(), MOST_BYTES).await.ok();
    }
}

fn run_async(future: impl Future<Output = ()>) {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(future);
}
