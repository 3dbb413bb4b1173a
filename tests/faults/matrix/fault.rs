//! The faults of the matrix, and the words of an error that one of them causes.

use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;
use realtimekit::mock_api::Fault as Injected;
use tokio::time;

use super::operation::Operation;
use crate::provider::TIMING;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The port is closed.
    Refused,
    Reset,
    /// Acted upon at once, answered too late.
    Late,
    /// Acted upon, and answered, too late.
    ActedLate,
    /// 429 with `Retry-After` in seconds.
    LimitSeconds,
    /// 429 with `Retry-After` as an HTTP-date.
    LimitDate,
    /// An error in the API's form.
    Status(u16),
    /// A page.
    Html(u16),
    Truncated,
    /// 200 without a body.
    Empty,
    Huge,
    WrongTypes,
    MissingFields,
    /// To another host.
    Redirect,
    /// After the request was acted upon.
    After(&'static Fault),
}

/// 429 without `Retry-After`.
pub(super) const LIMIT: Fault = Fault::Status(429);
pub(super) const CONFLICT: Fault = Fault::Status(409);

/// How long a fault stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// One request.
    Once,
    /// Every request with the method of the operation.
    Always,
    /// Every request.
    Everywhere,
}

impl Reach {
    pub(super) const ALL: [Self; 3] = [Self::Once, Self::Always, Self::Everywhere];
}

impl Fault {
    /// As the mock API plays it on an operation; it plays all but refused connections.
    pub(super) fn injected(self, reach: Reach, operation: Operation) -> Injected {
        let status = |code| Injected::status(StatusCode::from_u16(code).unwrap());
        let retry_after = |value: &str| status(429).header("Retry-After", value).unwrap();
        let (start, end) = if operation.is_list() {
            ("[", "]")
        } else {
            ("", "")
        };
        let body = |element: &str| {
            let body = format!(r#"{{"success":true,"data":{start}{element}{end}}}"#);
            Injected::body(StatusCode::OK, body)
        };
        let wait = Duration::from_secs(if reach == Reach::Once { 1 } else { 605 });
        // After the first of three attempts and before the end of the last.
        let late = TIMING.request_timeout * 2;
        match self {
            Self::Refused => panic!("the mock API is not there"),
            Self::Reset => Injected::drop_connection(),
            Self::Late => Injected::delay(late),
            // What a creation looks for is not there at the last look either.
            Self::ActedLate if operation == Operation::Create => {
                Injected::delay_before_storing(late * 2)
            }
            Self::ActedLate => Injected::delay_before_storing(late),
            Self::LimitSeconds => retry_after(&wait.as_secs().to_string()),
            Self::LimitDate => retry_after(&httpdate::fmt_http_date(paused_now() + wait)),
            Self::Status(code) => status(code),
            Self::Html(code) => Injected::html(StatusCode::from_u16(code).unwrap()),
            Self::Truncated => Injected::truncate(20),
            Self::Empty => Injected::empty(StatusCode::OK),
            Self::Huge => Injected::huge_body(64 * 1024 * 1024),
            Self::WrongTypes => body(r#"{"id":7,"name":true}"#),
            Self::MissingFields => body("{}"),
            Self::Redirect => Injected::empty(StatusCode::TEMPORARY_REDIRECT)
                .header("location", "https://elsewhere.example/")
                .unwrap(),
            Self::After(fault) => fault.injected(reach, operation).after_storing(),
        }
    }

    /// What happened, and what to do about it.
    pub(super) fn words(self) -> &'static [&'static str] {
        const NO_ANSWER: &str = "got no answer from http://127.0.0.1:";
        const CHECK: &str = "Check the connection";
        const LIMIT: &str = "1,200 requests in 5 minutes";
        match self {
            Self::Refused => &[NO_ANSWER, "refused", CHECK],
            Self::Reset => &[NO_ANSWER, CHECK],
            Self::Late | Self::ActedLate => &[NO_ANSWER, "timed out", CHECK],
            Self::LimitSeconds | Self::LimitDate => &["the next request is due in 60", "Try again"],
            Self::Status(409) => &["409 Conflict"],
            Self::Status(429) => &["429 Too Many Requests", LIMIT],
            Self::Status(500) => &["500 Internal Server Error", "Try again"],
            Self::Status(502) => &["502 Bad Gateway", "Try again"],
            Self::Status(503) => &["503 Service Unavailable", "Try again"],
            Self::Status(504) => &["504 Gateway Timeout", "Try again"],
            Self::Html(404) => &[
                "404 Not Found",
                "not an answer of the RealtimeKit API",
                "base_url",
            ],
            Self::Html(_) => &["it is a page", "base_url"],
            Self::Status(other) => panic!("{other} has no words"),
            Self::Truncated => &["breaks off"],
            Self::Empty => &["it holds no data", "base_url"],
            Self::Huge => &["is larger than", "MiB"],
            Self::WrongTypes => &["id is a number, expected a string"],
            Self::MissingFields => &["is missing"],
            Self::Redirect => &["307", "https://elsewhere.example/", "follows no redirects"],
            Self::After(fault) => fault.words(),
        }
    }
}

/// The time by the paused clock, as the mock API tells it.
fn paused_now() -> SystemTime {
    let (paused, real) = (time::Instant::now().into_std(), Instant::now());
    let now = SystemTime::now() + paused.saturating_duration_since(real);
    now - real.saturating_duration_since(paused)
}
