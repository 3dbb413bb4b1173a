//! The faults of the matrix, and what is said when one of them is why an operation fails.

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use realtimekit::mock_api::Fault as Injected;

use super::operation::Operation;
use crate::provider::HURRY;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody listens.
    Refused,
    ResetBefore,
    /// After the request was acted upon.
    ResetAfter,
    /// Acted upon at once, answered too late.
    Late,
    /// Acted upon, and answered, too late.
    ActedLate,
    /// 429 with `Retry-After` in seconds.
    LimitSeconds,
    /// 429 with `Retry-After` as an HTTP-date.
    LimitDate,
    /// 429 without `Retry-After`.
    Limit,
    Status(u16),
    Status500After,
    Html404,
    Truncated,
    Html200,
    Html200After,
    Empty200,
    Empty200After,
    Huge,
    HugeAfter,
    WrongTypes,
    WrongTypesAfter,
    MissingFields,
    MissingFieldsAfter,
    /// To another host.
    Redirect,
    Conflict,
    ConflictAfter,
}

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
    /// How long the provider waits for one answer if the fault is to be late.
    ///
    /// An answer that is not must come within it on a busy machine, too; where all are late, that
    /// does not matter.
    pub(super) fn hurry(self, operation: Operation) -> Duration {
        let all_are_late = match self {
            Self::Once => false,
            Self::Always => operation.method() == Method::GET,
            Self::Everywhere => true,
        };
        if all_are_late { HURRY } else { HURRY * 4 }
    }
}

impl Fault {
    pub(super) fn is_late(self) -> bool {
        matches!(self, Self::Late | Self::ActedLate)
    }

    /// As the mock API plays it on an operation; `None` is for the connection.
    pub(super) fn injected(self, reach: Reach, operation: Operation) -> Option<Injected> {
        let status = |code| Injected::status(StatusCode::from_u16(code).unwrap());
        // Between the first time-out and the third, after which it is read what was made.
        let late = reach.hurry(operation) * 2;
        // What a creation looks for is still not there after the last look.
        let later = if operation == Operation::Create {
            late * 2
        } else {
            late
        };
        let ok = StatusCode::OK;
        let body = |item: &str| match operation.is_list() {
            true => Injected::body(ok, format!(r#"{{"success":true,"data":[{item}]}}"#)),
            false => Injected::body(ok, format!(r#"{{"success":true,"data":{item}}}"#)),
        };
        let wait = Duration::from_secs(if reach == Reach::Once { 1 } else { 600 });
        let retry_after = |value: &str| status(429).header("Retry-After", value).unwrap();
        Some(match self {
            Self::Refused => return None,
            Self::ResetBefore => Injected::drop_connection(),
            Self::ResetAfter => Injected::drop_connection().after_storing(),
            Self::Late => Injected::delay(late),
            Self::ActedLate => Injected::delay_before_storing(later),
            Self::LimitSeconds => retry_after(&wait.as_secs().to_string()),
            Self::LimitDate => retry_after(&http_date(SystemTime::now() + wait)),
            Self::Limit => status(429),
            Self::Status(code) => status(code),
            Self::Status500After => status(500).after_storing(),
            Self::Html404 => Injected::html(StatusCode::NOT_FOUND),
            Self::Truncated => Injected::truncate(20),
            Self::Html200 => Injected::html(ok),
            Self::Html200After => Injected::html(ok).after_storing(),
            Self::Empty200 => Injected::empty(ok),
            Self::Empty200After => Injected::empty(ok).after_storing(),
            Self::Huge => Injected::huge_body(64 * 1024 * 1024),
            Self::HugeAfter => Injected::huge_body(64 * 1024 * 1024).after_storing(),
            Self::WrongTypes => body(r#"{"id":7,"name":true}"#),
            Self::WrongTypesAfter => body(r#"{"id":7,"name":true}"#).after_storing(),
            Self::MissingFields => body("{}"),
            Self::MissingFieldsAfter => body("{}").after_storing(),
            Self::Redirect => Injected::redirect("https://elsewhere.example/").unwrap(),
            Self::Conflict => status(409),
            Self::ConflictAfter => status(409).after_storing(),
        })
    }

    /// What happened, and what to do about it.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Refused => &[
                "got no answer from http://127.0.0.1:",
                "refused",
                "Check the connection",
            ],
            Self::ResetBefore | Self::ResetAfter => &[
                "got no answer from http://127.0.0.1:",
                "Check the connection",
            ],
            Self::Late | Self::ActedLate => &["got no answer", "timed out", "Check the connection"],
            Self::LimitSeconds | Self::LimitDate => &[
                "429 Too Many Requests",
                "the next request is due in 60",
                "1,200 requests in 5 minutes",
            ],
            Self::Limit => &["429 Too Many Requests", "1,200 requests in 5 minutes"],
            Self::Status(500) | Self::Status500After => &["500 Internal Server Error", "Try again"],
            Self::Status(502) => &["502 Bad Gateway", "Try again"],
            Self::Status(503) => &["503 Service Unavailable", "Try again"],
            Self::Status(504) => &["504 Gateway Timeout", "Try again"],
            Self::Status(other) => panic!("{other} has no words"),
            Self::Html404 => &[
                "404 Not Found",
                "not an answer of the RealtimeKit API",
                "base_url",
            ],
            Self::Truncated => &["breaks off"],
            Self::Html200 | Self::Html200After => &["it is a page", "base_url"],
            Self::Empty200 | Self::Empty200After => &["it holds no data", "base_url"],
            Self::Huge | Self::HugeAfter => &["is larger than", "MiB"],
            Self::WrongTypes | Self::WrongTypesAfter => &["id is a number, expected a string"],
            Self::MissingFields | Self::MissingFieldsAfter => &["is missing"],
            Self::Redirect => &["307", "https://elsewhere.example/", "follows no redirects"],
            Self::Conflict | Self::ConflictAfter => &["409 Conflict"],
        }
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, not before `time`.
fn http_date(time: SystemTime) -> String {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let rounded_up = time + Duration::from_millis(999);
    time::OffsetDateTime::from(rounded_up)
        .format(format)
        .unwrap()
}
