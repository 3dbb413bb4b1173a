//! What goes wrong below HTTP, in words.

use std::iter;

use super::text;

/// What went wrong below HTTP: the chain of causes in one line, without any URL.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub struct Cause {
    text: String,
    timeout: bool,
    before_sending: bool,
}

impl Cause {
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

    #[cfg(test)]
    pub(super) fn for_test(text: &str, before_sending: bool) -> Self {
        Self {
            text: text.to_owned(),
            timeout: false,
            before_sending,
        }
    }
}

impl From<reqwest::Error> for Cause {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        Self {
            timeout: error.is_timeout(),
            before_sending: error.is_connect() || error.is_builder(),
            text: text::one_line(&causes(&error)),
        }
    }
}

/// All causes but those that only say "something below failed", from the outermost inwards.
fn causes(error: &reqwest::Error) -> String {
    let outermost: &(dyn std::error::Error + 'static) = error;
    let mut telling = Vec::<String>::new();
    for cause in iter::successors(Some(outermost), |&cause| cause.source()) {
        let wraps = cause.is::<reqwest::Error>() || cause.is::<hyper_util::client::legacy::Error>();
        if wraps && cause.source().is_some() {
            continue;
        }
        let cause = cause.to_string();
        if telling.last().is_none_or(|last| !last.ends_with(&cause)) {
            telling.push(cause);
        }
    }
    telling.join(": ")
}
