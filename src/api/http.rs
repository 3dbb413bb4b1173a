//! HTTP: one request, its answer, and what goes wrong below it.
//!
//! Redirects are never followed: the token is for the base URL's origin alone. A server on this
//! machine is never reached by way of a proxy, to which the token would travel unencrypted.

use std::time::{Duration, SystemTime};
use std::{env, error::Error, fmt, iter};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::{Response, Url, redirect};
use tokio::time::Instant;

use super::config::{BaseUrl, Config};
use super::proxy::Proxy;
use super::tls_errors;

/// Method and path of a request: `GET /accounts/…`.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A request to the API.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) call: Call,
    /// What follows the path, percent-encoded, without `?`.
    pub(super) query: Option<String>,
    /// JSON.
    pub(super) body: Option<Bytes>,
    /// Bytes of the answer's body beyond which it is not read.
    pub(super) max_body: usize,
    /// End of the operation that the request belongs to, retries and waits included.
    pub(super) deadline: Instant,
    /// Whether the answer is for advice only: not worth a retry, nor to wait for the rate limit.
    pub(super) is_advisory: bool,
}

impl Request {
    /// A request without a body, whose answer is not large.
    pub(super) fn new(method: Method, path: String, deadline: Instant) -> Self {
        const MAX_BODY: usize = 1024 * 1024;
        Self {
            call: Call { method, path },
            query: None,
            body: None,
            max_body: MAX_BODY,
            deadline,
            is_advisory: false,
        }
    }

    pub(super) fn with_body(self, body: &serde_json::Value) -> Self {
        let body = Some(body.to_string().into());
        Self { body, ..self }
    }

    /// Whether it changes nothing.
    pub(super) fn is_read(&self) -> bool {
        self.call.method.is_safe()
    }
}

/// Connections to the API.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    base_url: BaseUrl,
    proxy: Option<Proxy>,
}

const JSON: &str = "application/json";

impl Transport {
    pub(super) fn new(config: &Config, sends_token: bool) -> Result<Self, TransportError> {
        let json = HeaderValue::from_static(JSON);
        let mut headers = HeaderMap::from_iter([(header::ACCEPT, json)]);
        if sends_token {
            headers.insert(header::AUTHORIZATION, config.token.bearer());
        }
        let base_url = config.base_url.clone();
        let variable =
            |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let proxy = Proxy::for_url(&base_url.join(""), variable);
        let proxy = proxy.map_err(|text| TransportError {
            text,
            is_before_sending: true,
            is_lasting: true,
            ..TransportError::default()
        })?;
        let mut builder = reqwest::Client::builder()
            .user_agent(&config.user_agent)
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .connect_timeout(config.connect_timeout)
            .no_proxy(); // reqwest's own rules differ from Terraform's
        if let Some(proxy) = &proxy {
            builder = builder.proxy(proxy.to_reqwest()?);
        }
        if !base_url.is_encrypted() {
            builder = builder.tls_certs_only([]); // the system's need not be there, nor be loaded
        }
        Ok(Self {
            http: builder.build()?,
            base_url,
            proxy,
        })
    }

    /// Sends a request once; the last byte of the answer must be there in time.
    pub(super) async fn exchange(
        &self,
        request: &Request,
        attempt: u32,
        timeout: Duration,
    ) -> Result<RawResponse, TransportError> {
        let Call { method, path } = &request.call;
        log_debug!(%method, path, attempt, "sending a request");
        let start = Instant::now();
        let mut url = self.base_url.join(path);
        url.set_query(request.query.as_deref());
        let mut builder = self.http.request(method.clone(), url.clone());
        if let Some(body) = request.body.clone() {
            builder = builder.header(header::CONTENT_TYPE, JSON).body(body);
        }
        let result = builder.timeout(timeout).send().await;
        let result = match result.map_err(TransportError::from) {
            Ok(response) => Ok(RawResponse::receive(&url, response, request.max_body).await),
            Err(error) => Err(match &self.proxy {
                Some(proxy) => TransportError {
                    text: proxy.describe_failure(&error.text),
                    ..error
                },
                None => error,
            }),
        };
        let duration = start.elapsed();
        match &result {
            Ok(answer) => {
                let (status, cf_ray) = (answer.status.as_u16(), answer.cf_ray());
                log_debug!(%method, path, attempt, status, ?duration, cf_ray, "got an answer");
            }
            Err(cause) => log_debug!(%method, path, attempt, ?duration, %cause, "got no answer"),
        }
        result
    }
}

/// An answer as it was received.
#[derive(Debug, Clone)]
pub(super) struct RawResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Why the body is not complete, if it is not.
    pub(super) body_error: Option<BodyError>,
    /// Target of a redirect, without anything confidential.
    pub(super) redirect: Option<String>,
}

/// Why a body was not read to its end; completes the sentence "the answer …".
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum BodyError {
    #[error("is larger than {} MiB", max_bytes / (1024 * 1024))]
    TooLarge { max_bytes: usize },
    /// The connection ended, or a timeout expired.
    #[error("breaks off: {0}")]
    BrokenOff(TransportError),
}

impl RawResponse {
    /// The answer to a request for `url`, with at most `max_bytes` of its body.
    pub(super) async fn receive(url: &Url, mut response: Response, max_bytes: usize) -> Self {
        let mut body = BytesMut::new();
        let body_error = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > max_bytes => {
                    body.extend_from_slice(&chunk[..max_bytes - body.len()]);
                    break Some(BodyError::TooLarge { max_bytes });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break None,
                Err(error) => break Some(BodyError::BrokenOff(error.into())),
            }
        };
        Self {
            status: response.status(),
            redirect: redirect_target(url, &response),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
            body_error,
        }
    }

    /// The `Date` header (RFC 9110, section 6.6.1): the server's clock.
    pub(super) fn date(&self) -> Option<SystemTime> {
        date(&self.headers)
    }

    /// The `cf-ray` header, if it has the form of one, such as `8c1f0a2b3c4d5e6f-FRA`: a server
    /// may put anything there, even the token.
    pub(super) fn cf_ray(&self) -> Option<String> {
        const MAX_PART: usize = 16;
        let ray = header_text(&self.headers, HeaderName::from_static("cf-ray"))?;
        let (number, place) = ray.split_once('-').unwrap_or((ray, "NONE"));
        let is_ray = [number, place]
            .iter()
            .all(|part| (1..=MAX_PART).contains(&part.len()))
            && number.bytes().all(|byte| byte.is_ascii_hexdigit())
            && place.bytes().all(|byte| byte.is_ascii_uppercase());
        is_ray.then(|| ray.to_owned())
    }
}

pub(super) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(header_text(headers, header::DATE)?).ok()
}

pub(super) fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// Where a redirect leads, without user name, password, query and fragment.
fn redirect_target(asked: &Url, response: &Response) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let mut target = asked.join(location).ok()?;
    // Only a URL without a host has no user name to remove.
    let _ = target.set_username("");
    let _ = target.set_password(None);
    target.set_query(None);
    target.set_fragment(None);
    Some(target.into())
}

/// What went wrong below HTTP: the chain of causes in one line, without any URL.
#[derive(Debug, Clone, Default, thiserror::Error)]
#[error("{text}")]
pub struct TransportError {
    text: String,
    is_timeout: bool,
    /// No byte of the request was sent: the API cannot have acted.
    pub(super) is_before_sending: bool,
    /// Trying again cannot help, as when the server's certificate is not trusted.
    pub(super) is_lasting: bool,
    /// The client was told to stop.
    pub(super) is_interrupted: bool,
}

impl TransportError {
    /// The answer was not waited for any longer, since the client was told to stop.
    pub(super) fn interrupted() -> Self {
        Self {
            text: "its answer was not waited for".to_owned(),
            is_interrupted: true,
            ..Self::default()
        }
    }

    /// Whether time ran out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.is_timeout
    }

    #[cfg(test)]
    pub(super) fn for_test(text: &str, is_before_sending: bool) -> Self {
        Self {
            text: text.to_owned(),
            is_before_sending,
            ..Self::default()
        }
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let outermost: &(dyn Error + 'static) = &error;
        let chain = || iter::successors(Some(outermost), |&cause| cause.source());
        let mut texts = Vec::<String>::new();
        for cause in chain() {
            // These only say that something below them failed.
            let is_wrapper =
                cause.is::<reqwest::Error>() || cause.is::<hyper_util::client::legacy::Error>();
            if is_wrapper && cause.source().is_some() {
                continue;
            }
            let text = tls_errors::describe(cause).unwrap_or_else(|| cause.to_string());
            if texts.last().is_none_or(|last| !last.ends_with(&text)) {
                texts.push(text);
            }
        }
        Self {
            text: one_line(&texts.join(": ")),
            is_timeout: error.is_timeout(),
            is_before_sending: error.is_connect() || error.is_builder(),
            is_lasting: chain().any(tls_errors::is_about_certificate),
            is_interrupted: false,
        }
    }
}

/// One line of printable text of bounded length.
pub(super) fn one_line(text: &str) -> String {
    const MAX_CHARACTERS: usize = 300;
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
