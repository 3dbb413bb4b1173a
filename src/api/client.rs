//! The client, and a request from its first attempt to its last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::cache::WebhookCache;
use super::config::{BaseUrl, Config, Timing};
use super::error::{Error, Failure, FailureKind, RetryStopped, seconds};
use super::http::{Request, Transport};
use super::rate_limit::{LONG_WAIT, Permit, RateLimiter};
use super::response::{read, unreadable};
use super::retry::{Retries, deadline_after};

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
    transport: OnceLock<Result<Transport, String>>,
    pub(super) rate_limiter: RateLimiter,
    pub(super) stop: CancellationToken,
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
        Self {
            shared: Arc::new(Shared {
                rate_limiter: RateLimiter::new(&config, stop.clone()),
                config,
                sends_token,
                transport: OnceLock::new(),
                stop,
                caches: Mutex::default(),
            }),
        }
    }

    /// Ends all waiting for good. A write in progress is left to finish, and a read for a short time.
    /// What needs no wait is still sent, so that an operation can find out what it did.
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
        deadline_after(self.timing().operation_timeout)
    }

    /// What is known of an app.
    pub(super) fn cache(&self, account_id: &str, app_id: &str) -> Arc<WebhookCache> {
        let caches = self.shared.caches.lock();
        let mut caches = caches.unwrap_or_else(PoisonError::into_inner);
        let cache = caches.entry((account_id.to_owned(), app_id.to_owned()));
        Arc::clone(cache.or_default())
    }

    /// Sends a request until it succeeds or retries are exhausted.
    pub(super) async fn send(&self, request: Request) -> Result<Answer, Error> {
        let config = &self.shared.config;
        let new_transport = || Transport::new(config, self.shared.sends_token);
        let transport = self.shared.transport.get_or_init(new_transport).as_ref();
        let transport = transport.map_err(|reason| Error::Setup(reason.clone()))?;
        let max_retries = u32::from(!request.is_advisory) * config.max_retries;
        let mut retries = Retries::new(max_retries, config.timing);
        let mut wait = Duration::ZERO;
        let mut failed = Failure {
            call: request.call.clone(),
            ..Failure::default()
        };
        loop {
            let permit = match self.acquire(wait, &request, &failed).await {
                Ok(permit) => permit,
                Err(reason) => return Err(failed.stopped(reason)),
            };
            let attempts = failed.attempts + 1;
            let result = self.attempt(transport, &request, permit, attempts).await;
            let earlier_may_have_acted = failed.may_have_acted();
            let complete = |last| Failure {
                call: failed.call,
                attempts,
                earlier_may_have_acted,
                ..last
            };
            failed = match result {
                Ok(Answer(value, unread)) => return Ok(Answer(value, complete(unread))),
                Err(last) => complete(last),
            };
            if failed.kind == FailureKind::Timeout && request.deadline <= Instant::now() {
                return Err(failed.stopped(RetryStopped::Timeout));
            }
            match retries.next(&failed, fastrand::f64()) {
                Some(next) => wait = next,
                None => return Err(failed.into()),
            }
        }
    }

    /// Waits until a request may be sent (again); fails at once if that would be too late.
    async fn acquire(
        &self,
        wait: Duration,
        request: &Request,
        failed: &Failure,
    ) -> Result<Permit<'_>, RetryStopped> {
        if !wait.is_zero() {
            let (time, is_in_time) = (seconds(wait), Instant::now() + wait <= request.deadline);
            match wait < LONG_WAIT {
                _ if !is_in_time => {}
                true => debug!("retrying in {time}: {failed}"),
                false => warn!("retrying in {time}: {failed}"),
            }
            self.pause(wait, request.deadline).await?;
        }
        self.shared.rate_limiter.acquire(request).await
    }

    /// Waits; fails at once if that would end after the deadline, and on a stop.
    pub(super) async fn pause(&self, wait: Duration, end: Instant) -> Result<(), RetryStopped> {
        if end < Instant::now() + wait {
            return Err(RetryStopped::Wait(wait));
        }
        tokio::select! {
            biased;
            () = self.shared.stop.cancelled() => Err(RetryStopped::Interrupted),
            () = sleep(wait) => Ok(()),
        }
    }

    /// Sends a request once. The answer to a read is not waited for long after a stop.
    async fn attempt(
        &self,
        transport: &Transport,
        request: &Request,
        permit: Permit<'_>,
        number: u32,
    ) -> Result<Answer, Failure> {
        let (config, stop) = (&self.shared.config, &self.shared.stop);
        let left = request.deadline.saturating_duration_since(Instant::now());
        let stopped = async {
            stop.cancelled().await;
            sleep(config.timing.shutdown_grace).await;
        };
        let timeout = left.min(config.timing.request_timeout);
        let raw = tokio::select! {
            biased;
            result = transport.exchange(request, number, timeout) => result?,
            () = stopped, if request.is_read() => {
                return Err(transport.no_answer(FailureKind::Lost, "it was not waited for"));
            }
        };
        permit.answered(raw.status, &raw.headers);
        let value = read(&raw, &config.token).map_err(|failure| *failure)?;
        Ok(Answer(value, unreadable(&raw)))
    }
}

/// A success: its value, and the failure that it is if that is not as documented.
pub(super) struct Answer(pub(super) Option<Value>, pub(super) Failure);

impl Answer {
    /// Reads the value. An answer to a PUT, PATCH or DELETE may be empty.
    pub(super) fn decode<T>(
        self,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Result<T, Error> {
        let Self(value, unread) = self;
        let result = match value {
            Some(value) => read(&value),
            None if matches!(unread.call.method, Method::GET | Method::POST) => {
                Err("it holds no data".to_owned())
            }
            None => read(&json!({})),
        };
        result.map_err(|message| Failure { message, ..unread }.into())
    }
}
