//! What goes wrong below HTTP, in words.

use std::error::Error;
use std::iter;

use super::proxy::{InvalidProxy, Proxy};
use super::response::one_line;
use super::tls_errors;

/// What went wrong below HTTP: the chain of causes in one line, without any URL.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub struct TransportError {
    text: String,
    timeout: bool,
    before_sending: bool,
    lasting: bool,
    interrupted: bool,
}

impl TransportError {
    /// The answer was not waited for any longer, since the client was told to stop.
    pub(super) fn interrupted() -> Self {
        Self {
            text: "its answer was not waited for".to_owned(),
            timeout: false,
            before_sending: false,
            lasting: false,
            interrupted: true,
        }
    }

    /// Whether time ran out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.timeout
    }

    /// Whether it failed before a byte of the request was sent: the API cannot have acted.
    #[must_use]
    pub fn is_before_sending(&self) -> bool {
        self.before_sending
    }

    /// Whether trying again cannot help: the server's certificate is not trusted.
    pub(super) fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// Whether the client was told to stop.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// The same failure of a request that was sent through a proxy.
    pub(super) fn through(self, proxy: &Proxy) -> Self {
        Self {
            text: proxy.describe_failure(&self.text),
            ..self
        }
    }

    #[cfg(test)]
    pub(super) fn for_test(text: &str, before_sending: bool) -> Self {
        Self {
            text: text.to_owned(),
            before_sending,
            interrupted: false,
            ..Self::interrupted()
        }
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        Self {
            timeout: error.is_timeout(),
            before_sending: error.is_connect() || error.is_builder(),
            lasting: chain(&error).any(tls_errors::is_about_certificate),
            interrupted: false,
            text: one_line(&causes(&error)),
        }
    }
}

impl From<InvalidProxy> for TransportError {
    fn from(error: InvalidProxy) -> Self {
        Self {
            text: error.to_string(),
            timeout: false,
            before_sending: true,
            lasting: true,
            interrupted: false,
        }
    }
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let outermost: &(dyn Error + 'static) = error;
    iter::successors(Some(outermost), |&cause| cause.source())
}

/// All causes but those that only say "something below failed", from the outermost inwards.
fn causes(error: &reqwest::Error) -> String {
    let mut telling = Vec::<String>::new();
    for cause in chain(error) {
        let wraps = cause.is::<reqwest::Error>() || cause.is::<hyper_util::client::legacy::Error>();
        if wraps && cause.source().is_some() {
            continue;
        }
        let cause = tls_errors::describe(cause).unwrap_or_else(|| cause.to_string());
        if telling.last().is_none_or(|last| !last.ends_with(&cause)) {
            telling.push(cause);
        }
    }
    telling.join(": ")
}
