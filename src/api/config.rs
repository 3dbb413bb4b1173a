//! What a client is made from: where the API is, and who asks.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::header::{HeaderValue, InvalidHeaderValue};
use reqwest::Url;

use super::url::{is_loopback, parse_server_url};

/// Where Cloudflare's API is.
pub const DEFAULT_BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// Settings of a [`Client`](super::Client).
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the API is.
    pub base_url: BaseUrl,
    /// API token with the permission *Realtime* or *Realtime Admin*.
    pub token: Secret,
    /// What the client calls itself, in the syntax of the `User-Agent` header.
    pub user_agent: String,
    /// How often a failed call is retried. Waiting for a rate limit does not count, unless it is 0.
    pub max_retries: u32,
    /// Most requests in a second, more than 0; the API's own rate limit is kept all the same.
    pub requests_per_second: Option<f64>,
    /// How long to wait for what.
    pub timing: Timing,
}

impl Config {
    /// Settings with the default timeouts and four retries.
    #[must_use]
    pub fn new(base_url: BaseUrl, token: Secret, user_agent: impl Into<String>) -> Self {
        Self {
            base_url,
            token,
            user_agent: user_agent.into(),
            max_retries: 4,
            requests_per_second: None,
            timing: Timing::default(),
        }
    }
}

/// How long a client waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long one request may take, until the last byte of its answer.
    pub request_timeout: Duration,
    /// Longest wait before the first retry, twice that after a 403; doubled for each further one.
    pub first_backoff: Duration,
    /// Where the doubling ends.
    pub longest_backoff: Duration,
    /// Added to the time until the rate limit's next window, which the API tells in whole seconds.
    pub window_margin: Duration,
    /// How long a GET may still take after [`Client::stop`](super::Client::stop).
    pub shutdown_grace: Duration,
    /// Wait before a webhook that should be there is looked for again; doubled each time.
    pub visibility_backoff: Duration,
    /// How long calls wait for others that begin or end about now, to share a list with them.
    pub batch_window: Duration,
    /// How long an operation may take if [`Webhooks::within`](super::Webhooks::within) does not say.
    pub operation_timeout: Duration,
    /// Longest wait for another webhook of the same run to give a URL up.
    pub url_wait: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(60),
            first_backoff: Duration::from_millis(500),
            longest_backoff: Duration::from_secs(30),
            window_margin: Duration::from_secs(1),
            shutdown_grace: Duration::from_secs(2),
            visibility_backoff: Duration::from_millis(500),
            batch_window: Duration::from_millis(10),
            operation_timeout: Duration::from_secs(20 * 60),
            url_wait: Duration::from_secs(15),
        }
    }
}

/// An API token. `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a token as it is. The error says what is wrong with it: "the token …".
    pub fn new(token: impl Into<String>) -> Result<Self, &'static str> {
        let token = token.into();
        let is_fit = !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic());
        let problem = "must not contain white space, control characters or anything outside ASCII";
        is_fit.then_some(Self(token)).ok_or(problem)
    }

    /// The value of the `Authorization` header, marked as sensitive.
    pub(super) fn bearer(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", self.0))?;
        bearer.set_sensitive(true);
        Ok(bearer)
    }

    /// A text without the token, should a server have repeated it.
    pub(super) fn mask(&self, text: &str) -> String {
        text.replace(&self.0, REDACTED)
    }
}

const REDACTED: &str = "<redacted>";

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Where the API is: an absolute URL with a path. `http` is for this machine alone: elsewhere
/// everyone on the way could read the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl FromStr for BaseUrl {
    type Err = &'static str; // completes the sentence "the URL …"

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut url = parse_server_url(text)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must not contain a query or a fragment (`?` or `#`)");
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(
                "must start with https:// unless the host is this machine (localhost, 127.0.0.1 or \
                 [::1]): what is sent over http can be read and changed on the way",
            );
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl BaseUrl {
    /// The URL of an absolute path below this one.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url
    }

    /// The same server without a path, and the path.
    pub(super) fn split(&self) -> (Self, String) {
        let mut root = self.0.clone();
        root.set_path("");
        (Self(root), self.0.path().to_owned())
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_absolute_and_keeps_its_path() {
        let cases = [
            (DEFAULT_BASE_URL, DEFAULT_BASE_URL),
            ("https://api.example/v4/", "https://api.example/v4"),
            ("https://api.example", "https://api.example"),
            ("HTTPS://API.example:443//", "https://api.example"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://api.localhost/x", "http://api.localhost/x"),
            ("http://127.8.0.1:1/v4", "http://127.8.0.1:1/v4"),
            ("http://[::1]:8080/v4", "http://[::1]:8080/v4"),
        ];

        for (text, expected) in cases {
            let url: BaseUrl = text.parse().unwrap();

            assert_eq!(url.to_string(), expected);
        }
    }

    #[test]
    fn a_base_url_that_would_lose_the_token_or_the_path_is_refused() {
        const UNENCRYPTED: &str = "must start with https:// unless";
        const USER: &str = "must not contain a user name";
        const QUERY: &str = "must not contain a query";
        let cases = [
            ("api.cloudflare.com/client/v4", "must be absolute"),
            ("https:///client/v4", "must name a host"),
            ("ftp://api.example", "must start with https:// or http://"),
            ("http://api.example", UNENCRYPTED),
            ("http://127.0.0.1.example", UNENCRYPTED),
            ("http://localhost.example", UNENCRYPTED),
            ("http://10.0.0.1", UNENCRYPTED),
            ("https://user@api.example", USER),
            ("https://:pw@api.example", USER),
            ("https://api.example/v4?x=1", QUERY),
            ("https://api.example/v4#x", QUERY),
            ("https://api.example\n", "must not contain white space"),
        ];

        for (text, expected) in cases {
            let error = text.parse::<BaseUrl>().unwrap_err().to_string();

            assert!(error.starts_with(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_path_is_joined_below_the_base_url_as_it_is() {
        let cases = [
            ("https://api.example", "https://api.example/a%20b/c"),
            ("https://api.example/v4/", "https://api.example/v4/a%20b/c"),
        ];

        for (base_url, expected) in cases {
            let base_url: BaseUrl = base_url.parse().unwrap();

            assert_eq!(base_url.join("/a%20b/c").as_str(), expected);
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let config = Config::new(
            DEFAULT_BASE_URL.parse().unwrap(),
            Secret::new("s3cret").unwrap(),
            "test",
        );

        let shown = format!(
            "{config:?} {:?} {:?}",
            config.token,
            config.token.bearer().unwrap()
        );

        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("<redacted>"), "{shown}");
    }

    #[test]
    fn a_token_that_cannot_be_in_a_header_is_refused_without_showing_it() {
        let cases = [
            ("", "must not contain"),
            ("s3cret\n", "must not contain"),
            ("s3 cret", "must not contain"),
            ("s3cret\u{7f}", "must not contain"),
            ("s3crét", "must not contain"),
        ];

        for (token, expected) in cases {
            let error = Secret::new(token).unwrap_err();

            assert!(error.to_string().starts_with(expected), "{token:?}");
            assert!(!format!("{error} {error:?}").contains("s3"));
        }
    }

    #[test]
    fn a_repeated_token_is_masked() {
        let token = Secret::new("s3cret").unwrap();

        assert_eq!(token.mask("bad token 's3cret'"), "bad token '<redacted>'");
    }
}
