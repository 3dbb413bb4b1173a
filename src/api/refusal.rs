//! What a failed call was answered with.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// What a failed call was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// Status of the answer. A success, if its body says `"success": false`.
    pub status: StatusCode,
    /// What the API said, or what was there in its place: one line of bounded length.
    pub message: String,
    /// The API's own error code: a number in most answers.
    pub code: Option<String>,
    /// Whether the answer has the form of the API's own errors, not that of some proxy's.
    pub from_api: bool,
    /// How long the API asks to wait before the next call.
    pub retry_after: Option<Duration>,
    /// The `cf-ray` header, which Cloudflare's support asks for.
    pub cf_ray: Option<String>,
}

impl ErrorResponse {
    /// Cloudflare's gateway knows no such path: the base URL or an identifier is wrong.
    pub(super) fn is_about_route(&self) -> bool {
        matches!(self.code.as_deref(), Some("7000" | "7003"))
    }

    /// The message names the app or the account, and no webhook ("no webhooks in this app" is
    /// about webhooks).
    pub(super) fn names_app_or_account(&self) -> bool {
        let message = self.message.to_lowercase();
        let mut words = message.split(|c: char| !c.is_alphanumeric());
        !message.contains("webhook")
            && words.any(|word| {
                matches!(
                    word,
                    "app" | "appid" | "application" | "account" | "organization" | "organisation"
                )
            })
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trailer = [
            ("code", self.code.as_deref()),
            ("cf-ray", self.cf_ray.as_deref()),
        ];
        write!(
            f,
            "{}: {}{}",
            status_line(self.status),
            self.message,
            Trailer(&trailer)
        )
    }
}

/// `404 Not Found`.
pub(super) fn status_line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_str()),
        None => status.as_str().to_owned(),
    }
}

/// ` (code 10000, cf-ray 8c1f-FRA)`: those that there are.
pub(super) struct Trailer<'a>(pub(super) &'a [(&'a str, Option<&'a str>)]);

impl fmt::Display for Trailer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut opening = " (";
        for (name, value) in self.0 {
            if let Some(value) = value {
                write!(f, "{opening}{name} {value}")?;
                opening = ", ";
            }
        }
        f.write_str(if opening == ", " { ")" } else { "" })
    }
}
