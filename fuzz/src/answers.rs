//! Answers of the API, or of whoever is in its place: any status, headers and body.
//!
//! Input: to what it is an answer, the status, the headers as a [`part`], one a line with a
//! letter for its name, and the body. A body that starts with `*` is repeated.

use std::{
    error::Error as _,
    iter,
    pin::pin,
    sync::LazyLock,
    task::{Context, Poll, Waker},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use realtimekit::api::{Client, Config, Error, Secret, fuzzing::answered};
use tokio::runtime::{Builder, Runtime};

use super::{
    input::{byte, part},
    memory,
};

const TOKEN: &str = "Sesame";
const HEADERS: [&str; 8] = [
    "retry-after",
    "ratelimit",
    "ratelimit-policy",
    "date",
    "cf-ray",
    "location",
    "content-type",
    "content-length",
];
/// Most characters of an error and its causes, whatever the answer.
const LONGEST_ERROR: usize = 2_048;
/// Where an answer is not read any further.
const LARGEST: usize = 64 * 1024;

/// The client looks at its clock, and never waits for it here.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime")
});

/// Checks one input. Any may lead to a useful one.
pub fn run(input: &[u8]) -> bool {
    let (asked, rest) = byte(input);
    let (low, rest) = byte(rest);
    let (high, rest) = byte(rest);
    let (headers, body) = part(rest);
    let status = u16::from_le_bytes([low, high]);
    let status = StatusCode::from_u16(100 + status % 900).expect("of three digits");
    let told = headers.len();
    let headers = headers_of(headers);
    let mut answer = Response::new(body_of(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;

    let _runtime = RUNTIME.enter();
    let client = client();
    let most = 256 * 1024 + 512 * (told + answer.body().len().min(LARGEST + 1));
    let result = memory::within(most, || now(answered(&client, asked, answer, LARGEST)));

    if let Err(error) = result {
        check(&error);
    }
    if let Some(blocked) = client.blocked_for() {
        assert!(
            blocked <= Duration::from_secs(24 * 60 * 60 + 60),
            "{blocked:?}"
        );
    }
    true
}

fn client() -> Client {
    let base_url = "https://api.example/client/v4".parse().expect("a URL");
    let token = Secret::new(TOKEN).expect("a token");
    Client::new(Config::new(base_url, token, "fuzz"))
}

fn headers_of(text: &[u8]) -> HeaderMap {
    let lines = text.split(|&byte| byte == b'\n');
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_first()?;
        let name = HEADERS[usize::from(*name) % HEADERS.len()];
        Some((
            HeaderName::from_static(name),
            HeaderValue::from_bytes(value).ok()?,
        ))
    });
    let mut map = HeaderMap::new();
    headers.for_each(|(name, value)| {
        map.append(name, value);
    });
    map
}

fn body_of(body: &[u8]) -> Vec<u8> {
    match body.split_first() {
        Some((b'*', repeated)) if !repeated.is_empty() => repeated.repeat(40_000 / repeated.len()),
        _ => body.to_vec(),
    }
}

/// The result of what needs not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the answer is there, and was waited for"),
    }
}

/// An error is short, fit to be shown, and silent about the token; and so is each question to it.
fn check(error: &Error) {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    let mut shown = error.to_string();
    causes.for_each(|cause| shown += &format!(": {cause}"));
    assert!(shown.chars().count() <= LONGEST_ERROR, "{shown}");
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(!format!("{error:?}").contains(TOKEN), "{error:?}");
    let _ = (error.is_gone(), error.is_conflict());
    let _ = (error.written_id(), error.outcome_unknown());
}
