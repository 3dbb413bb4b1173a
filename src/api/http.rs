//! One request, one answer: the only file that speaks HTTP.
//!
//! Redirects are never followed: the token is for the base URL's origin alone. A server on this
//! machine is never reached by way of a proxy, to which the token would travel unencrypted.

use std::env;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, header};
use reqwest::{Response, Url, redirect};

use super::Call;
use super::cause::TransportError;
use super::config::{BaseUrl, Config};
use super::proxy::Proxy;
use super::response::{BodyError, RawResponse, cf_ray};

/// A request to the API.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Path below the base URL, percent-encoded.
    pub(super) path: String,
    /// What follows the path, percent-encoded, without `?`.
    pub(super) query: Option<String>,
    /// JSON.
    pub(super) body: Option<Bytes>,
    /// Bytes of the answer's body beyond which it is not read.
    pub(super) max_body: usize,
    /// When the operation is to be over that it is a part of, if that is set.
    pub(super) deadline: Option<tokio::time::Instant>,
    /// Whether the answer is for advice only: not worth a retry, nor to wait for the rate limit.
    pub(super) is_advisory: bool,
}

impl Request {
    /// A request without a body, whose answer is not to be large.
    pub(super) fn new(method: Method, path: String) -> Self {
        const MAX_BODY: usize = 1024 * 1024;
        Self {
            method,
            path,
            query: None,
            body: None,
            max_body: MAX_BODY,
            deadline: None,
            is_advisory: false,
        }
    }

    pub(super) fn call(&self) -> Call {
        Call {
            method: self.method.clone(),
            path: self.path.clone(),
        }
    }

    pub(super) fn with_body(self, body: &serde_json::Value) -> Self {
        Self {
            body: Some(body.to_string().into()),
            ..self
        }
    }
}

/// Connections to the API. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    http: reqwest::Client,
    base_url: BaseUrl,
    proxy: Option<Proxy>,
}

impl Transport {
    pub(super) fn new(config: &Config) -> Result<Self, TransportError> {
        let token = (header::AUTHORIZATION, config.token.bearer());
        Self::with_headers(config, HeaderMap::from_iter([token]))
    }

    /// Connections over which the token is not sent.
    pub(super) fn without_token(config: &Config) -> Result<Self, TransportError> {
        Self::with_headers(config, HeaderMap::new())
    }

    fn with_headers(config: &Config, mut headers: HeaderMap) -> Result<Self, TransportError> {
        headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
        let base_url = config.base_url.clone();
        let proxy = Proxy::for_url(&base_url.join(""), |name| {
            env::var_os(name).map(|value| value.to_string_lossy().into_owned())
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
        let Request { method, path, .. } = request;
        log_debug!(%method, path, attempt, "sending a request");
        let start = Instant::now();
        let result = self.try_exchange(request, timeout).await;
        let duration = start.elapsed();
        match &result {
            Ok(answer) => log_answer(request, attempt, duration, answer),
            Err(cause) => log_debug!(%method, path, attempt, ?duration, %cause, "got no answer"),
        }
        result
    }

    async fn try_exchange(
        &self,
        request: &Request,
        timeout: Duration,
    ) -> Result<RawResponse, TransportError> {
        let mut url = self.base_url.join(&request.path);
        url.set_query(request.query.as_deref());
        let method = request.method.clone();
        let mut builder = self.http.request(method, url.clone()).timeout(timeout);
        if let Some(body) = &request.body {
            builder = builder
                .header(header::CONTENT_TYPE, JSON)
                .body(body.clone());
        }
        let response = builder.send().await.map_err(|error| match &self.proxy {
            Some(proxy) => TransportError::from(error).through(proxy),
            None => error.into(),
        })?;
        Ok(received(&url, response, request.max_body).await)
    }
}

/// The answer to what was asked at `url`, read as far as it goes or may go.
pub(super) async fn received(url: &Url, mut response: Response, largest: usize) -> RawResponse {
    let (body, body_error) = read_body(&mut response, largest).await;
    RawResponse {
        status: response.status(),
        redirect: redirect_target(url, &response),
        headers: std::mem::take(response.headers_mut()),
        body,
        body_error,
    }
}

const JSON: &str = "application/json";

fn log_answer(request: &Request, attempt: u32, duration: Duration, answer: &RawResponse) {
    let Request { method, path, .. } = request;
    let status = answer.status.as_u16();
    let cf_ray = cf_ray(&answer.headers);
    log_debug!(%method, path, attempt, status, ?duration, cf_ray, "got an answer");
}

/// Reads a body as far as it goes or may go; and why that is not its end, if it is not.
async fn read_body(response: &mut Response, largest: usize) -> (Bytes, Option<BodyError>) {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > largest => {
                body.extend_from_slice(&chunk[..largest - body.len()]);
                return (body.freeze(), Some(BodyError::TooLarge { bytes: largest }));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body.freeze(), None),
            Err(error) => return (body.freeze(), Some(BodyError::BrokenOff(error.into()))),
        }
    }
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
