//! Why an operation gave no result, and the questions a caller may ask about it.
//! It is one line of bounded length, without the token, a query, or the content of a webhook.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};

/// Method and path of a request: `GET /accounts/…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Path below the base URL, percent-encoded.
    pub path: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Why an operation gave no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// An identifier cannot be part of a path. Nothing was sent.
    #[error("the {0} {1}")]
    InvalidId(&'static str, String),
    /// The HTTP client cannot be set up, for example without root certificates. Nothing was sent.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(String),
    /// The request was never sent.
    #[error("{0} was not sent: {1}")]
    NotSent(Call, RetryStopped),
    /// The request was sent and failed.
    #[error("{0}")]
    Failed(Box<Failure>),
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
    /// Why the request was not sent (again), although it might have succeeded.
    pub fn retry_stopped(&self) -> Option<RetryStopped> {
        match self {
            Self::NotSent(_, reason) => Some(*reason),
            Self::NotReadBack { source, .. } => source.retry_stopped(),
            Self::Failed(failed) => failed.retry_stopped,
            _ => None,
        }
    }

    /// If the operation's own timeout is the reason: after what time another one may succeed.
    pub(super) fn lacked_time(&self) -> Option<Duration> {
        match self.retry_stopped()? {
            RetryStopped::Wait(wait) => Some(wait),
            RetryStopped::Timeout => Some(Duration::from_secs(1)), // an answer takes time
            RetryStopped::Interrupted => None,
        }
    }

    /// How the request failed, if it was sent.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failed) => Some(failed),
            Self::Undecided { source, .. } => source.failure(),
            _ => None,
        }
    }

    /// Status of the answer, if that says that the request failed.
    pub fn status(&self) -> Option<StatusCode> {
        self.failure().filter(|it| it.is_refusal())?.status
    }

    /// The API itself says that the app or the account does not exist.
    pub fn is_app_not_found(&self) -> bool {
        let failure = self.failure().filter(|it| it.is_about_missing_object());
        failure.is_some_and(Failure::names_app_or_account)
    }

    /// The API itself says that the webhook does not exist. A 404 of a proxy, of Cloudflare's
    /// edge, or for a path that the API does not have says nothing about the webhook.
    pub fn is_gone(&self) -> bool {
        let failure = self.failure().filter(|it| it.is_about_missing_object());
        failure.is_some_and(|it| !it.names_app_or_account())
    }

    /// Another webhook of the app has the URL.
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(StatusCode::CONFLICT)
    }

    /// The API itself refuses the token, so that every request will fail.
    pub fn is_token_refused(&self) -> bool {
        let is_of_api = self.failure().is_some_and(|failure| failure.from_api);
        let status = self.status().map(|status| status.as_u16());
        status == Some(401) || (status == Some(403) && is_of_api)
    }

    /// A success was answered with something else than the API documents.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Failed(failed) if failed.kind == FailureKind::Unreadable)
    }

    /// ID of the webhook that a call wrote, although it failed afterwards.
    pub fn written_id(&self) -> Option<&str> {
        match self {
            Self::NotReadBack { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether the request is a write that the API may have acted on, at whichever attempt.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Failed(failed) => !failed.call.method.is_safe() && failed.may_have_acted(),
            Self::Undecided { .. } => true,
            _ => false,
        }
    }
}

/// A request that was sent, and how it failed the last time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// The request.
    pub call: Call,
    /// How often it was sent.
    pub(super) attempts: u32,
    /// Whether the API may have acted on an attempt before the last.
    pub(super) earlier_may_have_acted: bool,
    /// Why it was not sent again, if a retry was due.
    pub(super) retry_stopped: Option<RetryStopped>,
    pub(super) kind: FailureKind,
    /// Status of the answer, if there was one.
    pub status: Option<StatusCode>,
    /// What the API said, or what is wrong. Without an answer: from whom, and why.
    pub message: String,
    /// The API's own error codes, mostly numbers: the first error's first.
    pub codes: Vec<String>,
    /// Whether the answer has the form of the API's own errors, not that of some proxy's.
    pub from_api: bool,
    /// How long the API asks to wait before the next request.
    pub retry_after: Option<Duration>,
    /// The `Date` header: the server's clock.
    pub(super) date: Option<SystemTime>,
    /// The `cf-ray` header, which Cloudflare's support asks for.
    pub cf_ray: Option<String>,
}

/// What a failure says about its request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The API did not act on it, and never will.
    Refused,
    /// It was not sent. A later attempt may succeed.
    #[default]
    NotConnected,
    /// The API may have acted on it. A later attempt may succeed.
    Lost,
    /// As `Lost`, but the API may still be acting: time ran out, here or at a server on the way,
    /// or the answer breaks off.
    Timeout,
    /// The API may have acted on it, but its answer is not as documented, and would not be later.
    Unreadable,
}

impl Failure {
    /// Whether the API may have acted on the request, at whichever attempt.
    pub(super) fn may_have_acted(&self) -> bool {
        use FailureKind::{NotConnected, Refused};
        self.earlier_may_have_acted || !matches!(self.kind, Refused | NotConnected)
    }

    /// The failure of a request that is not sent (again).
    pub(super) fn stopped(mut self, reason: RetryStopped) -> Error {
        if reason == RetryStopped::Interrupted {
            tracing::warn!("interrupted while waiting to send {}", self.call);
        }
        if self.attempts == 0 {
            return Error::NotSent(self.call, reason);
        }
        self.retry_stopped = Some(reason);
        self.into()
    }

    /// Whether one of the error codes is `code`.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }

    /// Whether there was an answer that says that the request failed.
    fn is_refusal(&self) -> bool {
        let is_success = self.status.is_none_or(|status| status.is_success());
        !is_success || (self.status.is_some() && self.kind == FailureKind::Refused)
    }

    /// With these codes, Cloudflare's gateway has no such path: the base URL or an identifier is
    /// wrong.
    fn is_about_missing_object(&self) -> bool {
        let is_about_route = self.has_code("7000") || self.has_code("7003");
        self.status == Some(StatusCode::NOT_FOUND) && self.from_api && !is_about_route
    }

    /// The message names the app or the account, and no webhook ("no webhooks in this app" is
    /// about webhooks).
    fn names_app_or_account(&self) -> bool {
        const NAMES: &str = "app appid application account organization organisation";
        let message = self.message.to_lowercase();
        let mut words = message.split(|c: char| !c.is_alphanumeric());
        words.any(|word| NAMES.split(' ').any(|name| name == word)) && !message.contains("webhook")
    }
}

impl From<Failure> for Error {
    fn from(failed: Failure) -> Self {
        Self::Failed(Box::new(failed))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.status {
            None => "got no answer from".to_owned(),
            Some(status) if self.is_refusal() => format!("failed with {status}:"),
            Some(status) => format!("was answered with {status}, but the answer cannot be used:"),
        };
        write!(f, "{} {what} {}", self.call, self.message)?;
        let codes = self.codes.iter().map(|code| format!("code {code}"));
        let ray = self.cf_ray.iter().map(|ray| format!("cf-ray {ray}"));
        let details: Vec<String> = codes.chain(ray).collect();
        if !details.is_empty() {
            write!(f, " ({})", details.join(", "))?;
        }
        match self.attempts {
            0 | 1 if self.retry_stopped.is_none() => {}
            1 => f.write_str(", after 1 attempt")?,
            count => write!(f, ", after {count} attempts")?,
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
    /// The rate limit, or a server that asks to wait, allows the next request only after this time.
    #[error("the next request is due in {}, after the operation's timeout", seconds(*.0))]
    Wait(Duration),
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

#[cfg(test)]
pub(super) mod examples {
    use http::Method;

    use super::*;

    fn call(method: Method) -> Call {
        let path = "/accounts/a/realtime/kit/b/webhooks".to_owned();
        Call { method, path }
    }

    fn sent(method: Method, failure: Failure) -> Failure {
        Failure {
            call: call(method),
            attempts: 1,
            ..failure
        }
    }

    pub(in crate::api) fn response(status: u16) -> Failure {
        Failure {
            kind: match status {
                408 | 504 | 522 => FailureKind::Timeout,
                500.. => FailureKind::Lost,
                _ => FailureKind::Refused,
            },
            status: Some(StatusCode::from_u16(status).unwrap()),
            message: "some words".to_owned(),
            from_api: true,
            ..Failure::default()
        }
    }

    pub(in crate::api) fn refused_with(method: Method, failure: Failure) -> Failure {
        sent(method, failure)
    }

    pub(in crate::api) fn refused(method: Method, status: u16) -> Failure {
        refused_with(method, response(status))
    }

    pub(in crate::api) fn no_answer(method: Method, kind: FailureKind) -> Failure {
        let failure = Failure {
            kind,
            message: "https://api.example: connection refused".to_owned(),
            ..Failure::default()
        };
        refused_with(method, failure)
    }

    pub(in crate::api) fn unreadable(method: Method, kind: FailureKind) -> Failure {
        let response = Failure {
            kind,
            message: "events[2] is a number, expected a string".to_owned(),
            cf_ray: Some("8c1f-FRA".to_owned()),
            ..response(200)
        };
        refused_with(method, response)
    }

    pub(in crate::api) fn not_sent(method: Method, reason: RetryStopped) -> Error {
        Error::NotSent(call(method), reason)
    }
}

#[cfg(test)]
mod tests;
