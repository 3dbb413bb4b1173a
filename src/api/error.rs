//! Why a request gave no result, and the questions a caller may ask about it.
//!
//! An error says which request failed and what the server said, in one line of bounded length. It
//! never holds the token, a query, or the content of a webhook.

use std::time::{Duration, SystemTime};
use std::{error::Error as _, fmt, iter};

use http::StatusCode;

use super::http::{Call, TransportError};

/// Why a request to the RealtimeKit API gave no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// An identifier cannot be part of a path. Nothing was sent.
    #[error("the {name} {reason}")]
    InvalidId {
        /// Which identifier: "account ID", "app ID" or "webhook ID".
        name: &'static str,
        /// What is wrong with it; completes the sentence "the identifier …".
        reason: String,
    },
    /// The HTTP client cannot be set up, for example without root certificates. Nothing was sent.
    #[error("the HTTP client could not be set up")]
    Setup {
        /// The cause.
        source: TransportError,
    },
    /// The request was never sent: the client was told to stop, or the operation timed out.
    #[error("{call} was not sent: {reason}")]
    NotSent {
        /// The request.
        call: Call,
        /// Why it was not sent.
        reason: RetryStopped,
    },
    /// DNS, connection, TLS or timeout. The API may have acted on the request all the same.
    #[error("{call} got no answer from {origin}{attempts}")]
    NoAnswer {
        /// The request.
        call: Call,
        /// Scheme, host and port that it was sent to.
        origin: String,
        /// What went wrong on the way.
        source: TransportError,
        /// How often it was sent; the rest is about the last time.
        attempts: Box<Attempts>,
    },
    /// The API, or a server in its place, answered that the request failed.
    #[error("{call} failed with {response}{attempts}")]
    Api {
        /// The request.
        call: Call,
        /// The answer.
        response: Box<ErrorResponse>,
        /// How often it was sent; the rest is about the last time.
        attempts: Box<Attempts>,
    },
    /// The answer is a success, but not what the API documents.
    #[error(
        "{call} was answered with {}, but the answer cannot be used: {problem}{}{attempts}",
        status_line(*status),
        details(None, cf_ray.as_ref())
    )]
    Unreadable {
        /// The request.
        call: Call,
        /// Status of the answer.
        status: StatusCode,
        /// What is wrong: names the field at fault, never its value.
        problem: String,
        /// Whether the connection ended, or a timeout expired, before the answer was complete.
        broken_off: bool,
        /// The `cf-ray` header of the answer, which Cloudflare's support asks for.
        cf_ray: Option<String>,
        /// How often it was sent; the rest is about the last time.
        attempts: Box<Attempts>,
    },
    /// The client cannot determine whether a webhook was created.
    #[error("it is not known whether the webhook was created: {why}")]
    Undecided {
        /// What was tried, and why it did not help.
        why: String,
        /// ID of a webhook that may be the one.
        candidate: Option<String>,
        /// How the creation failed.
        source: Box<Error>,
    },
    /// A write succeeded, its answer held only a part of the webhook, and reading the rest failed.
    #[error("{call} succeeded, but webhook {id} could not be read afterwards")]
    NotReadBack {
        /// The write.
        call: Call,
        /// ID of the webhook that was written.
        id: String,
        /// Why it could not be read.
        source: Box<Error>,
    },
}

impl Error {
    /// The same failure, of a request that was to be sent again.
    pub(super) fn not_retried(mut self, reason: RetryStopped) -> Self {
        match &mut self {
            Self::NoAnswer { attempts, .. }
            | Self::Api { attempts, .. }
            | Self::Unreadable { attempts, .. } => attempts.retry_stopped = Some(reason),
            _ => {}
        }
        self
    }

    /// The request that failed, if one was to be sent.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::InvalidId { .. } | Self::Setup { .. } => None,
            Self::NotSent { call, .. }
            | Self::NoAnswer { call, .. }
            | Self::Api { call, .. }
            | Self::Unreadable { call, .. }
            | Self::NotReadBack { call, .. } => Some(call),
            Self::Undecided { source, .. } => source.call(),
        }
    }

    /// How often the request was sent, if it was.
    #[must_use]
    pub fn attempts(&self) -> Option<&Attempts> {
        match self {
            Self::NoAnswer { attempts, .. }
            | Self::Api { attempts, .. }
            | Self::Unreadable { attempts, .. } => Some(attempts),
            _ => None,
        }
    }

    /// Why the request was not sent (again), although it might have succeeded.
    #[must_use]
    pub fn retry_stopped(&self) -> Option<RetryStopped> {
        match self {
            Self::NotSent { reason, .. } => Some(*reason),
            Self::NotReadBack { source, .. } => source.retry_stopped(),
            _ => self.attempts()?.retry_stopped,
        }
    }

    /// Whether the operation's own timeout is the reason, so that another one may succeed.
    pub(super) fn is_operation_timeout(&self) -> bool {
        self.retry_stopped()
            .is_some_and(|reason| reason != RetryStopped::Interrupted)
    }

    /// The answer to a failed request.
    #[must_use]
    pub fn response(&self) -> Option<&ErrorResponse> {
        match self {
            Self::Api { response, .. } => Some(response),
            _ => None,
        }
    }

    /// Status of the answer to a failed request; `None` also when a success could not be read.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(|response| response.status)
    }

    /// The webhook, its app or its account does not exist: the API itself says so.
    ///
    /// A 404 of a proxy, of Cloudflare's edge, or for a path that the API does not have says
    /// nothing about the webhook.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.response()
            .is_some_and(ErrorResponse::is_about_missing_object)
    }

    /// The app or the account does not exist.
    #[must_use]
    pub fn is_app_not_found(&self) -> bool {
        self.response().is_some_and(|response| {
            response.is_about_missing_object() && response.names_app_or_account()
        })
    }

    /// The webhook does not exist, and nothing says that its app or account does not.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.is_not_found() && !self.is_app_not_found()
    }

    /// Another webhook of the app has the URL.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(StatusCode::CONFLICT)
    }

    /// The token is not valid.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// The token, or the account's plan, does not allow the request.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(StatusCode::FORBIDDEN)
    }

    /// The API has no such endpoint, or its answer cannot be read: another endpoint may still work.
    pub(super) fn is_unusable_endpoint(&self) -> bool {
        match self {
            Self::Unreadable { broken_off, .. } => !broken_off,
            _ => match self.status() {
                Some(StatusCode::NOT_FOUND) => !self.is_not_found(),
                status => status == Some(StatusCode::METHOD_NOT_ALLOWED),
            },
        }
    }

    /// Whether time ran out, here or at a server between the client and the API, while the API may
    /// still be executing the request.
    pub(super) fn is_request_timeout(&self) -> bool {
        match self {
            Self::NoAnswer { source, .. } => source.is_timeout(),
            _ => {
                let status = self.status().map(|status| status.as_u16());
                matches!(status, Some(408 | 504 | 522 | 524))
            }
        }
    }

    /// ID of the webhook that a call wrote, although it failed afterwards.
    #[must_use]
    pub fn written_id(&self) -> Option<&str> {
        match self {
            Self::NotReadBack { id, .. } => Some(id),
            _ => None,
        }
    }

    /// This error and its causes, in one line.
    pub(super) fn chain(&self) -> String {
        let causes = iter::successors(self.source(), |&cause| cause.source());
        causes.fold(self.to_string(), |chain, cause| format!("{chain}: {cause}"))
    }

    /// Whether the request is a write that the API may have acted on, at whichever attempt.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        let earlier = self
            .attempts()
            .is_some_and(|all| all.earlier_may_have_acted);
        let last = match self {
            Self::NoAnswer { source, .. } => !source.is_before_sending,
            Self::Api { response, .. } => response.is_server_failure(),
            Self::Unreadable { .. } | Self::Undecided { .. } => true,
            _ => false,
        };
        (earlier || last) && self.call().is_some_and(|call| !call.method.is_safe())
    }
}

/// How often a request was sent, and what became of the attempts before the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How often the request was sent.
    pub count: u32,
    /// Whether the API may have acted on an attempt before the last.
    pub earlier_may_have_acted: bool,
    /// Why it was not sent again, if a retry was due.
    pub retry_stopped: Option<RetryStopped>,
}

impl Attempts {
    /// The first attempt.
    pub(super) const ONE: Self = Self {
        count: 1,
        earlier_may_have_acted: false,
        retry_stopped: None,
    };
}

/// Continues a sentence that says how the last attempt failed; empty for a single attempt.
impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        if self.count > 1 || self.retry_stopped.is_some() {
            write!(f, ", after {} attempt{plural}", self.count)?;
        }
        match self.retry_stopped {
            Some(reason) => write!(f, "; not retried: {reason}"),
            None => Ok(()),
        }
    }
}

/// Why a request is not sent, or not sent again, although it might succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetryStopped {
    /// [`Client::stop`](super::Client::stop) was called.
    #[error("the operation was interrupted")]
    Interrupted,
    /// The rate limit allows the next request only after the operation's timeout.
    #[error(
        "the rate limit allows the next request in {}, after the operation's timeout",
        seconds(*wait)
    )]
    RateLimit {
        /// Time until the next request is allowed.
        wait: Duration,
    },
    /// The next attempt is due only after the operation's timeout.
    #[error("the next attempt is due in {}, after the operation's timeout", seconds(*wait))]
    Backoff {
        /// Time until the next attempt.
        wait: Duration,
    },
    /// The operation's timeout has expired.
    #[error("the operation timed out")]
    Timeout,
}

/// A wait as people read it: `0.5 s`, `12 s`. Rounded up.
pub(super) fn seconds(wait: Duration) -> String {
    let tenths = wait.as_nanos().div_ceil(100_000_000);
    match tenths {
        0..10 => format!("0.{tenths} s"),
        _ => format!("{} s", tenths.div_ceil(10)),
    }
}

/// The answer to a request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// Status. A success, if the body says `"success": false`.
    pub status: StatusCode,
    /// What the API said, or a description of the body: one line of bounded length.
    pub message: String,
    /// The API's own error codes, mostly numbers: the first error's first.
    pub codes: Vec<String>,
    /// Whether the answer has the form of the API's own errors, not that of some proxy's.
    pub from_api: bool,
    /// How long the API asks to wait before the next request.
    pub retry_after: Option<Duration>,
    /// The `Date` header: the server's clock.
    pub date: Option<SystemTime>,
    /// The `cf-ray` header, which Cloudflare's support asks for.
    pub cf_ray: Option<String>,
}

impl ErrorResponse {
    /// Whether one of the error codes is `code`.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }

    /// The server failed, perhaps for a while: 5xx, or 408.
    pub(super) fn is_server_failure(&self) -> bool {
        self.status.is_server_error() || self.status == StatusCode::REQUEST_TIMEOUT
    }

    /// With these codes, Cloudflare's gateway has no such path: the base URL or an identifier is
    /// wrong.
    fn is_about_missing_object(&self) -> bool {
        let is_about_route = self.has_code("7000") || self.has_code("7003");
        self.status == StatusCode::NOT_FOUND && self.from_api && !is_about_route
    }

    /// The message names the app or the account, and no webhook ("no webhooks in this app" is
    /// about webhooks).
    fn names_app_or_account(&self) -> bool {
        let message = self.message.to_lowercase();
        let mut words = message.split(|c: char| !c.is_alphanumeric());
        let names_other = words.any(|word| {
            let is_app = matches!(word, "app" | "appid" | "application");
            is_app || matches!(word, "account" | "organization" | "organisation")
        });
        names_other && !message.contains("webhook")
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes = match self.codes.as_slice() {
            [] => None,
            [code] => Some(format!("code {code}")),
            codes => Some(format!("codes {}", codes.join(", "))),
        };
        let (status, message) = (status_line(self.status), &self.message);
        let details = details(codes, self.cf_ray.as_ref());
        write!(f, "{status}: {message}{details}")
    }
}

/// `404 Not Found`.
fn status_line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_str()),
        None => status.as_str().to_owned(),
    }
}

/// ` (code 10000, cf-ray 8c1f-FRA)`: only what is known.
fn details(codes: Option<String>, cf_ray: Option<&String>) -> String {
    let ray = cf_ray.map(|ray| format!("cf-ray {ray}"));
    let known: Vec<String> = codes.into_iter().chain(ray).collect();
    match known.is_empty() {
        true => String::new(),
        false => format!(" ({})", known.join(", ")),
    }
}

#[cfg(test)]
pub(super) mod examples {
    use http::Method;

    use super::*;

    fn call(method: Method) -> Call {
        let path = "/accounts/a/realtime/kit/b/webhooks".to_owned();
        Call { method, path }
    }

    pub(in crate::api) fn response(status: u16) -> ErrorResponse {
        ErrorResponse {
            status: StatusCode::from_u16(status).unwrap(),
            message: "some words".to_owned(),
            codes: Vec::new(),
            from_api: true,
            retry_after: None,
            date: None,
            cf_ray: None,
        }
    }

    pub(in crate::api) fn refused_with(method: Method, response: ErrorResponse) -> Error {
        let response = Box::new(response);
        Error::Api {
            call: call(method),
            response,
            attempts: Box::new(Attempts::ONE),
        }
    }

    pub(in crate::api) fn refused(method: Method, status: u16) -> Error {
        refused_with(method, response(status))
    }

    pub(in crate::api) fn no_answer(method: Method, before_sending: bool) -> Error {
        Error::NoAnswer {
            call: call(method),
            origin: "https://api.example".to_owned(),
            source: TransportError::for_test("connection refused", before_sending),
            attempts: Box::new(Attempts::ONE),
        }
    }

    pub(in crate::api) fn unreadable(method: Method) -> Error {
        Error::Unreadable {
            call: call(method),
            status: StatusCode::OK,
            problem: "events[2] is a number, expected a string".to_owned(),
            broken_off: false,
            cf_ray: Some("8c1f-FRA".to_owned()),
            attempts: Box::new(Attempts::ONE),
        }
    }

    pub(in crate::api) fn broken_off(method: Method) -> Error {
        let mut error = unreadable(method);
        if let Error::Unreadable { broken_off, .. } = &mut error {
            *broken_off = true;
        }
        error
    }

    pub(in crate::api) fn not_sent(method: Method, reason: RetryStopped) -> Error {
        let call = call(method);
        Error::NotSent { call, reason }
    }
}

#[cfg(test)]
mod tests;
