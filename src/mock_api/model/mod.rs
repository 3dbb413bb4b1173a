//! What the service holds and how it behaves, without HTTP.

use http::StatusCode;
use serde_json::Value;
use std::time::Duration;

pub(crate) mod faults;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod quirks;
pub(crate) mod rate_limit;
pub(crate) mod seed;
pub(crate) mod store;
pub(crate) mod webhook;

/// The token that the API takes unless the builder names another.
pub const DEFAULT_TOKEN: &str = "mock-token-that-opens-nothing-0123456789";

/// An account to use with the API; any other does as well.
pub const SAMPLE_ACCOUNT_ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

/// An app to use with the API; any other does as well.
pub const SAMPLE_APP_ID: &str = "14a396e7-ca44-4937-bf1f-050a69118543";

/// Path of the API on the server.
pub(crate) const BASE_PATH: &str = "/client/v4";

/// Path of the public key on the server.
pub(crate) const PUBLIC_KEY_PATH: &str = "/.well-known/webhooks.json";

/// A JSON value as the command line has it: a string without its quotes.
pub(crate) fn text_of(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_string())
}

/// The time that a text with a number of seconds says.
fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// Why the mock API refuses a setting or a request to control it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MockError {
    status: StatusCode,
    message: String,
}

impl MockError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message }
    }

    pub(crate) fn invalid(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message.to_string())
    }

    pub(crate) fn no_webhook(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no webhook {id}"))
    }

    /// The status that the control endpoint answers.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}
