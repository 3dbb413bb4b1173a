//! The client, and a request from its first attempt to its last.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::cache::WebhookCache;
use super::config::{BaseUrl, Config, Timing};
use super::error::{Attempts, Error, RetryStopped, seconds};
use super::http::{BodyError, Call, RawResponse, Request, Transport, TransportError, one_line};
use super::rate_limit::{LONG_WAIT, Permit, RateLimiter};
use super::response::{self, Failure};
use super::retry::{Retries, deadline_after};
use super::url::mask_urls;

/// A client of the API. Cheap to clone; clones share connections, rate limit and lists.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
}

/// What clones of a client share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    sends_token: bool,
    /// Set up by the first request: loading root certificates takes a while.
    transport: OnceLock<Result<Transport, TransportError>>,
    pub(super) rate_limiter: RateLimiter,
    pub(super) stop: CancellationToken,
    /// Whether the last answers were 403, even after the time that a new token takes to spread.
    is_forbidden: AtomicBool,
    /// What is known of each app, by account and app.
    caches: Mutex<HashMap<(String, String), Arc<WebhookCache>>>,
}

impl Client {
    /// A client that has not connected yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::with(config, true, CancellationToken::new())
    }

    /// A client of another server, to which the token is not sent; stopped with this one.
    pub(super) fn without_token(&self, base_url: BaseUrl) -> Self {
        let config = Config {
            base_url,
            ..self.shared.config.clone()
        };
        Self::with(config, false, self.shared.stop.clone())
    }

    fn with(config: Config, sends_token: bool, stop: CancellationToken) -> Self {
        let shared = Shared {
            rate_limiter: RateLimiter::new(&config, stop.clone()),
            config,
            sends_token,
            transport: OnceLock::new(),
            stop,
            is_forbidden: AtomicBool::new(false),
            caches: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Ends all waiting for good: for retries and for the rate limit. A write in progress is left
    /// to finish, and a read for a short time. What needs no wait is still sent, so that an
    /// operation can find out what it did.
    pub fn stop(&self) {
        self.shared.stop.cancel();
    }

    /// How long the client waits for what.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        &self.shared.config.timing
    }

    /// How long the API's rate limit blocks every request, if it does.
    #[must_use]
    pub fn blocked_for(&self) -> Option<Duration> {
        self.shared.rate_limiter.blocked_for()
    }

    /// When an operation that begins now is to end at the latest.
    pub(super) fn default_deadline(&self) -> Instant {
        deadline_after(self.shared.config.timing.operation_timeout)
    }

    /// What is known of an app.
    pub(super) fn cache(&self, account_id: &str, app_id: &str) -> Arc<WebhookCache> {
        let caches = self.shared.caches.lock();
        let mut caches = caches.unwrap_or_else(PoisonError::into_inner);
        let cache = caches.entry((account_id.to_owned(), app_id.to_owned()));
        Arc::clone(cache.or_default())
    }

    /// Sends a request until it succeeds or retries are exhausted, and reads its answer.
    pub(super) async fn send(&self, request: Request) -> Result<ApiResponse, Error> {
        let shared = &*self.shared;
        let (config, is_forbidden) = (&shared.config, &shared.is_forbidden);
        let new_transport = || Transport::new(config, shared.sends_token);
        let transport = match shared.transport.get_or_init(new_transport) {
            Ok(transport) => transport,
            Err(source) => {
                let source = source.clone();
                return Err(Error::Setup { source });
            }
        };
        let max_retries = match request.is_advisory {
            true => 0,
            false => config.max_retries,
        };
        let forbidden_is_final = is_forbidden.load(Ordering::Relaxed);
        let mut retries = Retries::new(max_retries, config.timing, forbidden_is_final);
        let mut attempts = Attempts::ONE;
        let permit = self.shared.rate_limiter.acquire(&request).await;
        let mut permit = permit.map_err(|reason| Error::NotSent {
            call: request.call.clone(),
            reason,
        })?;
        loop {
            let error = match self.attempt(transport, &request, permit, attempts).await {
                Ok(response) => {
                    is_forbidden.store(false, Ordering::Relaxed);
                    return Ok(response);
                }
                Err(error) if error.retry_stopped().is_some() => return Err(error),
                Err(error) => error,
            };
            let Some(wait) = retries.next(&error, fastrand::f64()) else {
                if error.is_forbidden() && max_retries > 0 && request.call.method.is_safe() {
                    is_forbidden.store(true, Ordering::Relaxed);
                }
                return Err(error);
            };
            permit = match self.wait_to_retry(wait, &request, &error).await {
                Ok(permit) => permit,
                Err(reason) => return Err(error.not_retried(reason)),
            };
            attempts.count += 1;
            attempts.earlier_may_have_acted |= error.outcome_unknown();
        }
    }

    /// Sends a request once. A write is left to finish; the answer to a read is not waited for
    /// long after a stop.
    async fn attempt(
        &self,
        transport: &Transport,
        request: &Request,
        permit: Permit<'_>,
        attempts: Attempts,
    ) -> Result<ApiResponse, Error> {
        let Shared { config, stop, .. } = &*self.shared;
        let left = request.deadline.saturating_duration_since(Instant::now());
        let timeout = left.min(config.timing.request_timeout);
        let stopped = async {
            stop.cancelled().await;
            sleep(config.timing.shutdown_grace).await;
        };
        let result = tokio::select! {
            biased;
            result = transport.exchange(request, attempts.count, timeout) => result,
            () = stopped, if request.is_read() => {
                let Call { method, path } = &request.call;
                warn!(%method, path, "interrupted while waiting for an answer");
                Err(TransportError::interrupted())
            }
        };
        let source = match result {
            Ok(response) => {
                permit.answered(response.status, &response.headers);
                return self.read(&request.call, &response, attempts);
            }
            Err(source) => source,
        };
        let retry_stopped = if source.is_interrupted {
            Some(RetryStopped::Interrupted)
        } else {
            (source.is_timeout() && timeout == left).then_some(RetryStopped::Timeout)
        };
        Err(Error::NoAnswer {
            call: request.call.clone(),
            origin: config.base_url.origin(),
            source,
            attempts: Box::new(Attempts {
                retry_stopped,
                ..attempts
            }),
        })
    }

    /// Waits before the next attempt; fails at once if that would be too late.
    async fn wait_to_retry(
        &self,
        wait: Duration,
        request: &Request,
        error: &Error,
    ) -> Result<Permit<'_>, RetryStopped> {
        if !wait.is_zero() {
            let left = request.deadline.saturating_duration_since(Instant::now());
            if left < wait {
                return Err(RetryStopped::Backoff { wait });
            }
            let time = seconds(wait);
            if wait < LONG_WAIT {
                tracing::debug!("retrying in {time}: {error}");
            } else {
                warn!("retrying in {time}: {error}");
            }
            tokio::select! {
                biased;
                () = self.shared.stop.cancelled() => {
                    warn!("interrupted while waiting to retry: {error}");
                    return Err(RetryStopped::Interrupted);
                }
                () = sleep(wait) => {}
            }
        }
        self.shared.rate_limiter.acquire(request).await
    }

    /// Reads an answer.
    pub(super) fn read(
        &self,
        call: &Call,
        raw: &RawResponse,
        attempts: Attempts,
    ) -> Result<ApiResponse, Error> {
        let response = |value| ApiResponse {
            call: call.clone(),
            status: raw.status,
            cf_ray: raw.cf_ray(),
            date: raw.date(),
            value,
            attempts,
        };
        match response::read(raw) {
            Ok(value) => Ok(response(value)),
            Err(Failure::Error(mut error)) => {
                error.message = self.quote(&error.message);
                for code in &mut error.codes {
                    *code = self.quote(code);
                }
                Err(Error::Api {
                    call: call.clone(),
                    response: Box::new(error),
                    attempts: Box::new(attempts),
                })
            }
            Err(Failure::Unreadable(problem)) => {
                let broken_off = matches!(raw.body_error, Some(BodyError::BrokenOff(_)));
                Err(response(None).unreadable(self.quote(&problem), broken_off))
            }
        }
    }

    /// A text of a server, fit to be shown: even one that repeats the token or a webhook's URL.
    fn quote(&self, text: &str) -> String {
        one_line(&mask_urls(&self.shared.config.token.mask(text)))
    }
}

/// The answer to a request that succeeded.
#[derive(Debug)]
pub(super) struct ApiResponse {
    pub(super) call: Call,
    status: StatusCode,
    cf_ray: Option<String>,
    pub(super) date: Option<SystemTime>,
    /// `None` if the body is empty.
    pub(super) value: Option<Value>,
    attempts: Attempts,
}

impl ApiResponse {
    /// Reads the value of the answer. The error of `read` says what is wrong, without any value.
    pub(super) fn decode<T>(
        self,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Result<T, Error> {
        let result = match &self.value {
            Some(value) => read(value),
            None => Err("it holds no data".to_owned()),
        };
        result.map_err(|problem| self.unreadable(problem, false))
    }

    fn unreadable(self, problem: String, broken_off: bool) -> Error {
        Error::Unreadable {
            call: self.call,
            status: self.status,
            problem,
            broken_off,
            cf_ray: self.cf_ray,
            attempts: Box::new(self.attempts),
        }
    }
}
