//! What a client is made from: where the API is, and who asks.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::HeaderValue;
use reqwest::Url;

use super::url::{InvalidUrl, parse_server_url};

/// Where Cloudflare's API is.
pub const DEFAULT_BASE_URL: &str = "https://api.cloudflare.com/client/v4";
/// How long connecting may take, TLS included.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one request may take, until the last byte of its answer.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How often a call is sent again.
pub const DEFAULT_MAX_RETRIES: u32 = 4;
/// How long one operation may take, all retries and waits included.
pub const DEFAULT_OPERATION_TIMEOUT: Duration = Duration::from_secs(20 * 60);

/// Settings of a [`Client`](super::Client).
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the API is.
    pub base_url: BaseUrl,
    /// API token with the permission *Realtime* or *Realtime Admin*.
    pub token: Secret,
    /// What the client calls itself, in the syntax of the `User-Agent` header.
    pub user_agent: String,
    /// How long connecting may take, TLS included.
    pub connect_timeout: Duration,
    /// How often a call is sent again that failed for a reason that may pass; 0: never. Waiting
    /// for a rate limit does not count, unless it is 0.
    pub max_retries: u32,
    /// Most requests in a second, more than 0; the API's own rate limit is kept all the same.
    pub requests_per_second: Option<f64>,
    /// How long to wait for what.
    pub timing: Timing,
}

/// How long a client waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long one request may take, until the last byte of its answer.
    pub request_timeout: Duration,
    /// Longest wait before a call is sent again for the first time; doubled for each further time.
    pub first_backoff: Duration,
    /// Where the doubling ends.
    pub longest_backoff: Duration,
    /// Wait before a GET that was refused with 403 is sent again; doubled for the second time.
    pub forbidden_backoff: Duration,
    /// Added to the time until the rate limit's next window, which the API tells in whole seconds.
    pub window_margin: Duration,
    /// How long a GET may still take after [`Client::stop`](super::Client::stop).
    pub shutdown_grace: Duration,
    /// Wait before a webhook that should be there is looked for again; doubled for each of the
    /// three further times.
    pub visibility_backoff: Duration,
    /// How long a write waits for others that end about now, to be read back with them, and a
    /// first read for others that begin about now.
    pub batch_window: Duration,
    /// How long one operation may take where
    /// [`Webhooks::within`](super::Webhooks::within) does not say.
    pub operation_timeout: Duration,
    /// Longest wait for another webhook of the same run to give a URL up.
    pub url_wait: Duration,
}

impl Default for Timing {
    /// 60 s; 0.5 s doubled up to 30 s; 1 s after a 403; 1 s of margin; 2 s of grace; 0.5 s
    /// doubled up to 4 s; 10 ms; 20 minutes; 15 s.
    fn default() -> Self {
        Self {
            request_timeout: DEFAULT_TIMEOUT,
            first_backoff: Duration::from_millis(500),
            longest_backoff: Duration::from_secs(30),
            forbidden_backoff: Duration::from_secs(1),
            window_margin: Duration::from_secs(1),
            shutdown_grace: Duration::from_secs(2),
            visibility_backoff: Duration::from_millis(500),
            batch_window: Duration::from_millis(10),
            operation_timeout: DEFAULT_OPERATION_TIMEOUT,
            url_wait: Duration::from_secs(15),
        }
    }
}

impl Config {
    /// Settings with the default timeouts and retries.
    #[must_use]
    pub fn new(base_url: BaseUrl, token: Secret, user_agent: impl Into<String>) -> Self {
        Self {
            base_url,
            token,
            user_agent: user_agent.into(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            max_retries: DEFAULT_MAX_RETRIES,
            requests_per_second: None,
            timing: Timing::default(),
        }
    }
}

/// An API token. `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    token: String,
    /// Value of the `Authorization` header, marked as sensitive.
    bearer: HeaderValue,
}

/// Why a text cannot be an API token; completes the sentence "the token …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// There is nothing in it.
    #[error("must not be empty")]
    Empty,
    /// It cannot be in an HTTP header, or would mean something else there.
    #[error("must not contain white space, control characters or anything outside ASCII")]
    Character,
}

impl Secret {
    /// Takes a token as it is.
    ///
    /// # Errors
    ///
    /// When it cannot be sent in a header. The error does not show it.
    pub fn new(token: impl Into<String>) -> Result<Self, InvalidSecret> {
        let token = token.into();
        if token.is_empty() {
            return Err(InvalidSecret::Empty);
        }
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(InvalidSecret::Character);
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| InvalidSecret::Character)?;
        bearer.set_sensitive(true);
        Ok(Self { token, bearer })
    }

    /// The value of an `Authorization` header, marked as sensitive.
    pub(super) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// A text without the token, should a server have repeated it.
    pub(super) fn mask(&self, text: &str) -> String {
        text.replace(&self.token, REDACTED)
    }
}

const REDACTED: &str = "<redacted>";

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Where the API is: an absolute URL with a path, without the trailing slash.
///
/// `http` is for this machine alone: elsewhere everyone on the way could read the token.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a text cannot be a base URL; completes the sentence "the base URL …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// It is not the URL of a server.
    #[error("{0}, as in {DEFAULT_BASE_URL}")]
    Url(#[from] InvalidUrl),
    /// `http` to another machine.
    #[error(
        "must start with https:// unless the host is this machine (localhost, 127.0.0.1 or [::1]): \
         over http the API token would travel unencrypted"
    )]
    Unencrypted,
    /// It holds a user name or password.
    #[error("must not contain a user name or a password")]
    UserInfo,
    /// It goes on after the path.
    #[error("must not contain a query or a fragment (`?` or `#`)")]
    QueryOrFragment,
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let mut url = parse_server_url(text)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::QueryOrFragment);
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(InvalidBaseUrl::Unencrypted);
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

    /// Whether TLS is used.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }
}

/// Whether the URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    use std::net::IpAddr;

    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
        use InvalidBaseUrl::*;
        let cases = [
            ("api.cloudflare.com/client/v4", Url(InvalidUrl::NotAbsolute)),
            ("https:///client/v4", Url(InvalidUrl::NoHost)),
            ("ftp://api.example", Url(InvalidUrl::Scheme)),
            ("http://api.example", Unencrypted),
            ("http://127.0.0.1.example", Unencrypted),
            ("http://localhost.example", Unencrypted),
            ("http://10.0.0.1", Unencrypted),
            ("https://user@api.example", UserInfo),
            ("https://:pw@api.example", UserInfo),
            ("https://api.example/v4?x=1", QueryOrFragment),
            ("https://api.example/v4#x", QueryOrFragment),
            ("https://api.example\n", Url(InvalidUrl::Character)),
        ];

        for (text, expected) in cases {
            let error = text.parse::<BaseUrl>().unwrap_err();

            assert_eq!(error, expected, "{text:?}");
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

        let shown = format!("{config:?} {:?} {:?}", config.token, config.token.bearer());

        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("<redacted>"), "{shown}");
    }

    #[test]
    fn a_token_that_cannot_be_in_a_header_is_refused_without_showing_it() {
        let cases = [
            ("", InvalidSecret::Empty),
            ("s3cret\n", InvalidSecret::Character),
            ("s3 cret", InvalidSecret::Character),
            ("s3cret\u{7f}", InvalidSecret::Character),
            ("s3crét", InvalidSecret::Character),
        ];

        for (token, expected) in cases {
            let error = Secret::new(token).unwrap_err();

            assert_eq!(error, expected, "{token:?}");
            assert!(!format!("{error} {error:?}").contains("s3"));
        }
    }

    #[test]
    fn a_repeated_token_is_masked() {
        let token = Secret::new("s3cret").unwrap();

        assert_eq!(token.mask("bad token 's3cret'"), "bad token '<redacted>'");
    }
}
