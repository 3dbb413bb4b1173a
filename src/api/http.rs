//! HTTP: one request, its answer, and what goes wrong below it.
//!
//! Redirects are never followed: the token is for the base URL's origin alone.

use std::time::{Duration, SystemTime};
use std::{env, error::Error, iter};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::{Response, redirect};
use tokio::time::Instant;

use super::config::{BaseUrl, Config};
use super::error::{Call, Failure, FailureKind};
use super::proxy::{self, Proxy};
use super::tls_errors;

/// A request to the API.
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
        Self {
            call: Call { method, path },
            query: None,
            body: None,
            max_body: 1024 * 1024,
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
    /// Where answers come from: `https://api.example through the proxy …`.
    source: String,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Transport {
    pub(super) fn new(config: &Config, sends_token: bool) -> Result<Self, String> {
        let base_url = config.base_url.clone();
        let url = base_url.join("");
        let variable = |name: &str| Some(env::var_os(name)?.to_string_lossy().into_owned());
        let proxy = Proxy::for_url(&url, variable)?;
        let mut headers = HeaderMap::from_iter([(header::ACCEPT, JSON)]);
        if sends_token {
            let bearer = config.token.bearer().map_err(|error| error.to_string())?;
            headers.insert(header::AUTHORIZATION, bearer);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(&config.user_agent)
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .no_proxy(); // reqwest's own rules differ from Terraform's
        let mut source = base_url.origin();
        if let Some(Proxy { reqwest, shown }) = proxy {
            builder = builder.proxy(reqwest);
            source += &format!(" through the proxy {shown}");
        }
        if url.scheme() == "http" {
            builder = builder.tls_certs_only([]); // the system's need not be there, nor be loaded
        }
        let http = builder.build();
        Ok(Self {
            http: http.map_err(|error| describe(error).1)?,
            base_url,
            source,
        })
    }

    /// Sends a request once; the last byte of the answer must be there in time.
    pub(super) async fn exchange(
        &self,
        request: &Request,
        attempt: u32,
        timeout: Duration,
    ) -> Result<RawResponse, Failure> {
        let Call { method, path } = &request.call;
        tracing::debug!(%method, path, attempt, "sending a request");
        let start = Instant::now();
        let mut url = self.base_url.join(path);
        url.set_query(request.query.as_deref());
        let mut builder = self.http.request(method.clone(), url).timeout(timeout);
        if let Some(body) = request.body.clone() {
            builder = builder.header(header::CONTENT_TYPE, JSON).body(body);
        }
        let result = match builder.send().await {
            Ok(response) => Ok(RawResponse::receive(response, request.max_body).await),
            Err(error) => {
                let (kind, cause) = describe(error);
                Err(self.no_answer(kind, &cause))
            }
        };
        let duration = start.elapsed();
        match &result {
            Ok(answer) => {
                let (status, cf_ray) = (answer.status.as_u16(), answer.cf_ray());
                tracing::debug!(%method, path, attempt, status, ?duration, cf_ray, "got an answer");
            }
            Err(Failure { message: cause, .. }) => {
                tracing::debug!(%method, path, attempt, ?duration, cause, "got no answer")
            }
        }
        result
    }

    /// The failure of a request that got no answer.
    pub(super) fn no_answer(&self, kind: FailureKind, cause: &str) -> Failure {
        Failure {
            kind,
            message: format!("{}: {cause}", self.source),
            ..Failure::default()
        }
    }
}

/// An answer as it was received.
#[derive(Debug, Clone, Default)]
pub(super) struct RawResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Why the body is not complete, if it is not; completes the sentence "the answer …".
    pub(super) cut: Option<(FailureKind, String)>,
}

impl RawResponse {
    /// An answer with at most `max_bytes` of its body.
    pub(super) async fn receive(mut response: Response, max_bytes: usize) -> Self {
        let mut body = BytesMut::new();
        let cut = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > max_bytes => {
                    body.extend_from_slice(&chunk[..max_bytes - body.len()]);
                    let bound = format!("is larger than {} MiB", max_bytes / (1024 * 1024));
                    break Some((FailureKind::Unreadable, bound));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break None,
                Err(error) => {
                    let reason = format!("breaks off: {}", describe(error).1);
                    break Some((FailureKind::Timeout, reason));
                }
            }
        };
        Self {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
            cut,
        }
    }

    /// The `cf-ray` header, if it has the form of one, such as `8c1f0a2b3c4d5e6f-FRA`: a server
    /// may put anything there, even the token.
    pub(super) fn cf_ray(&self) -> Option<String> {
        let ray = header_text(&self.headers, HeaderName::from_static("cf-ray"))?;
        let is_valid = |it: u8| it.is_ascii_hexdigit() || it.is_ascii_uppercase() || it == b'-';
        let is_ray = (1..=24).contains(&ray.len()) && ray.bytes().all(is_valid);
        is_ray.then(|| ray.to_owned())
    }
}

/// The `Date` header (RFC 9110, section 6.6.1): the server's clock.
pub(super) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(header_text(headers, header::DATE)?).ok()
}

pub(super) fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// What went wrong below HTTP: the chain of causes in one line, without any URL.
fn describe(error: reqwest::Error) -> (FailureKind, String) {
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
        let text = tls_errors::describe(cause).unwrap_or_else(|| proxy::describe(cause));
        if texts.last().is_none_or(|last| !last.ends_with(&text)) {
            texts.push(text);
        }
    }
    let kind = match chain().any(tls_errors::is_about_certificate) {
        true => FailureKind::Refused, // it stays untrusted
        false if error.is_connect() || error.is_builder() => FailureKind::NotConnected,
        false if error.is_timeout() => FailureKind::Timeout,
        false => FailureKind::Lost,
    };
    (kind, one_line(&texts.join(": ")))
}

/// One line of printable text of bounded length.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let line = words.join(" ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
