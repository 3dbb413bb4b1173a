//! Why a call gave no result, and the questions a caller may ask about it.
//!
//! An error says which call failed and what the server said, in one bounded line. It never
//! holds the token, a query, or what a webhook contains.

use std::{error::Error as _, fmt, iter};

use http::{Method, StatusCode};

use super::attempts::{Attempts, RetryStopped};
use super::cause::TransportError;
use super::refusal::{ErrorResponse, Trailer, status_line};

/// Why a call to the RealtimeKit API gave no result.
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
    /// The HTTP client cannot be made, for lack of root certificates for one. Nothing was sent.
    #[error("the HTTP client could not be set up")]
    Setup {
        /// What stands in the way.
        source: TransportError,
    },
    /// The call was never sent: the client was told to stop, or could not wait any longer.
    #[error("{call} was not sent: {reason}")]
    NotSent {
        /// Which call.
        call: Call,
        /// Why not.
        reason: RetryStopped,
    },
    /// DNS, connection, TLS or a time-out. The API may have acted on the call all the same.
    #[error("{call} got no answer from {origin}{attempts}")]
    NoAnswer {
        /// Which call.
        call: Call,
        /// Scheme, host and port that were called.
        origin: String,
        /// What went wrong on the way.
        source: TransportError,
        /// How often it was sent; the rest is about the last time.
        attempts: Box<Attempts>,
    },
    /// The answer is that the call failed.
    #[error("{call} failed with {response}{attempts}")]
    Api {
        /// Which call.
        call: Call,
        /// What the answer said.
        response: Box<ErrorResponse>,
        /// How often it was sent; the rest is about the last time.
        attempts: Box<Attempts>,
    },
    /// The answer is a success, and not what the API's documentation says it is.
    #[error(
        "{call} was answered with {}, but the answer cannot be used: {problem}{}{attempts}",
        status_line(*status),
        Trailer(&[("cf-ray", cf_ray.as_deref())])
    )]
    Unreadable {
        /// Which call.
        call: Call,
        /// Status of the answer.
        status: StatusCode,
        /// What is wrong, naming the field at fault and not its value.
        problem: String,
        /// Whether the connection ended, or time ran out, before the answer did.
        broken_off: bool,
        /// The `cf-ray` header of the answer, which Cloudflare's support asks for.
        cf_ray: Option<String>,
        /// How often it was sent; the rest is about the last time.
        attempts: Box<Attempts>,
    },
    /// Whether a webhook was created could not be found out.
    #[error("it is not known whether the webhook was created: {why}")]
    Undecided {
        /// What was tried, and what stood in the way.
        why: String,
        /// A webhook that may be the one.
        candidate: Option<String>,
        /// How the creation ended.
        source: Box<Error>,
    },
    /// A write succeeded, its answer held only a part of the webhook, and the rest could not
    /// be read.
    #[error("{call} succeeded, but webhook {id} could not be read afterwards")]
    NotReadBack {
        /// Which call: the write.
        call: Call,
        /// The webhook that was written.
        id: String,
        /// Why it could not be read.
        source: Box<Error>,
    },
}

impl Error {
    /// The same failure of a call that was to be sent again.
    pub(super) fn given_up(mut self, reason: RetryStopped) -> Self {
        if let Some(attempts) = self.attempts_mut() {
            attempts.retry_stopped = Some(reason);
        }
        self
    }

    fn attempts_mut(&mut self) -> Option<&mut Attempts> {
        match self {
            Self::NoAnswer { attempts, .. }
            | Self::Api { attempts, .. }
            | Self::Unreadable { attempts, .. } => Some(attempts),
            _ => None,
        }
    }

    /// The call that failed, if anything was to be sent.
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

    /// How often the call was sent, if it was.
    #[must_use]
    pub fn attempts(&self) -> Option<&Attempts> {
        match self {
            Self::NoAnswer { attempts, .. }
            | Self::Api { attempts, .. }
            | Self::Unreadable { attempts, .. } => Some(attempts),
            _ => None,
        }
    }

    /// What kept the call from being sent (again), although it might have succeeded.
    #[must_use]
    pub fn retry_stopped(&self) -> Option<RetryStopped> {
        match self {
            Self::NotSent { reason, .. } => Some(*reason),
            Self::NotReadBack { source, .. } => source.retry_stopped(),
            _ => self.attempts()?.retry_stopped,
        }
    }

    /// What a failed call was answered with.
    #[must_use]
    pub fn response(&self) -> Option<&ErrorResponse> {
        match self {
            Self::Api { response, .. } => Some(response),
            _ => None,
        }
    }

    /// Status of the answer to a failed call; `None` also when a success could not be used.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(|response| response.status)
    }

    /// The webhook is not there: the API itself says so.
    ///
    /// A 404 of a proxy, of the edge, or for a path that the API does not have says nothing
    /// about the webhook and is no such answer.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.response().is_some_and(|response| {
            response.status == StatusCode::NOT_FOUND
                && response.from_api
                && !response.is_about_route()
        })
    }

    /// Not even the app or the account is there.
    #[must_use]
    pub fn is_app_not_found(&self) -> bool {
        self.is_not_found()
            && self
                .response()
                .is_some_and(ErrorResponse::names_app_or_account)
    }

    /// The webhook is not there, and nothing says that its app or account is not.
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

    /// The token, or the account's plan, does not allow the call.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(StatusCode::FORBIDDEN)
    }

    /// Too many requests were made; see [`ErrorResponse::retry_after`].
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// The failure is the server's, not the call's.
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.status().is_some_and(|status| status.is_server_error())
    }

    /// The webhook that a call wrote, although it failed afterwards.
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

    /// Whether the call is a write that the API may have acted on, at whichever attempt.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        let earlier = self
            .attempts()
            .is_some_and(|all| all.earlier_may_have_acted);
        let last = match self {
            Self::InvalidId { .. }
            | Self::Setup { .. }
            | Self::NotSent { .. }
            | Self::NotReadBack { .. } => false,
            Self::NoAnswer { source, .. } => !source.is_before_sending(),
            Self::Api { response, .. } => {
                response.status.is_server_error() || response.status == StatusCode::REQUEST_TIMEOUT
            }
            Self::Unreadable { .. } | Self::Undecided { .. } => true,
        };
        (earlier || last) && self.call().is_some_and(|call| !call.method.is_safe())
    }
}

/// Which call: `GET /accounts/…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Method of the request.
    pub method: Method,
    /// Path below the base URL, percent-encoded.
    pub path: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

#[cfg(test)]
pub(super) mod examples {
    use super::*;

    fn call(method: Method) -> Call {
        let path = "/accounts/a/realtime/kit/b/webhooks".to_owned();
        Call { method, path }
    }

    pub(in crate::api) fn response(status: u16) -> ErrorResponse {
        ErrorResponse {
            status: StatusCode::from_u16(status).unwrap(),
            message: "some words".to_owned(),
            code: None,
            from_api: true,
            retry_after: None,
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
