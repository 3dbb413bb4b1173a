//! A request from its first attempt to its last.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};
use tracing::{debug, warn};

use super::cause::TransportError;
use super::error::{Error, ErrorResponse};
use super::http::{Request, Transport};
use super::rate_limit::{Caller, LONG_WAIT};
use super::response::{self, BodyError, Failure, RawResponse};
use super::retry::{self, Attempts, Next, Retries, RetryStopped, deadline_after, seconds};
use super::{ApiResponse, Client};

impl Client {
    /// Sends a request until it succeeds or retries are exhausted, and reads its answer.
    pub(super) async fn send(&self, request: Request) -> Result<ApiResponse, Error> {
        let transport = self.transport()?;
        let config = &self.shared.config;
        let timeout = config.timing.operation_timeout;
        let deadline = request.deadline.unwrap_or_else(|| deadline_after(timeout));
        let max_retries = if request.is_advisory {
            0
        } else {
            config.max_retries
        };
        let forbidden = &self.shared.is_forbidden;
        let mut retries = Retries::new(
            max_retries,
            config.timing,
            forbidden.load(Ordering::Relaxed),
        );
        let mut attempts = Attempts::ONE;
        let mut failure: Option<Error> = None;
        loop {
            let attempt = self.attempt(&transport, &request, attempts, deadline).await;
            let error = match attempt {
                Ok(Ok(response)) => {
                    forbidden.store(false, Ordering::Relaxed);
                    return Ok(response);
                }
                Ok(Err(error)) if error.retry_stopped().is_some() => return Err(error),
                Ok(Err(error)) => error,
                Err(reason) => {
                    let call = request.call();
                    let unsent = Error::NotSent { call, reason };
                    return Err(failure.map_or(unsent, |error| error.not_retried(reason)));
                }
            };
            let waited = match retries.next(&error, fastrand::f64()) {
                Next::GiveUp => {
                    if error.is_forbidden() && max_retries > 0 {
                        forbidden.store(true, Ordering::Relaxed);
                    }
                    return Err(error);
                }
                Next::RateLimit => Ok(()),
                Next::Backoff(wait) => self.back_off(wait, deadline, &error).await,
            };
            if let Err(reason) = waited {
                return Err(error.not_retried(reason));
            }
            attempts.count += 1;
            attempts.earlier_may_have_acted |= error.outcome_unknown();
            failure = Some(error);
        }
    }

    /// Sends a request once, as soon as the rate limit allows.
    async fn attempt(
        &self,
        transport: &Transport,
        request: &Request,
        attempts: Attempts,
        deadline: Instant,
    ) -> Result<Result<ApiResponse, Error>, RetryStopped> {
        let caller = Caller {
            deadline,
            stop: &self.shared.stop,
            is_read: request.method.is_safe(),
            is_patient: !request.is_advisory,
        };
        let permit = self.shared.rate_limiter.acquire(caller).await?;
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = left.min(self.shared.config.timing.request_timeout);
        let exchange = transport.exchange(request, attempts.count, timeout);
        let result = self.unless_stopped(request, exchange).await;
        Ok(match result {
            Ok(response) => {
                permit.answered(response.status, &response.headers);
                self.read(request, &response, attempts)
            }
            Err(source) => Err(Error::NoAnswer {
                call: request.call(),
                origin: self.shared.config.base_url.origin(),
                attempts: Box::new(Attempts {
                    retry_stopped: if source.is_interrupted() {
                        Some(RetryStopped::Interrupted)
                    } else {
                        (source.is_timeout() && timeout == left).then_some(RetryStopped::Timeout)
                    },
                    ..attempts
                }),
                source,
            }),
        })
    }

    /// Reads an answer.
    pub(super) fn read(
        &self,
        request: &Request,
        raw: &RawResponse,
        attempts: Attempts,
    ) -> Result<ApiResponse, Error> {
        let (call, status) = (request.call(), raw.status);
        let cf_ray = response::cf_ray(&raw.headers);
        let date = retry::date(&raw.headers);
        match response::read(raw) {
            Ok(value) => Ok(ApiResponse {
                call,
                status,
                cf_ray,
                date,
                value,
                attempts,
            }),
            Err(Failure::Error(body)) => Err(Error::Api {
                call,
                response: Box::new(ErrorResponse {
                    status,
                    message: self.quote(&body.message),
                    codes: body.codes.iter().map(|code| self.quote(code)).collect(),
                    from_api: body.from_api,
                    retry_after: retry::retry_after(&raw.headers, SystemTime::now()),
                    date,
                    cf_ray,
                }),
                attempts: Box::new(attempts),
            }),
            Err(Failure::Unreadable(problem)) => Err(Error::Unreadable {
                call,
                status,
                problem: self.quote(&problem),
                broken_off: matches!(raw.body_error, Some(BodyError::BrokenOff(_))),
                cf_ray,
                attempts: Box::new(attempts),
            }),
        }
    }

    /// A write is left to finish; the answer to a read is not waited for after a stop.
    async fn unless_stopped(
        &self,
        request: &Request,
        exchange: impl Future<Output = Result<RawResponse, TransportError>>,
    ) -> Result<RawResponse, TransportError> {
        if !request.method.is_safe() {
            return exchange.await;
        }
        let Request { method, path, .. } = request;
        let grace = self.shared.config.timing.shutdown_grace;
        let stopped = async {
            self.shared.stop.cancelled().await;
            sleep(grace).await;
        };
        tokio::select! {
            biased;
            result = exchange => result,
            () = stopped => {
                warn!(%method, path, "interrupted while waiting for an answer");
                Err(TransportError::interrupted())
            }
        }
    }

    /// Waits before the next attempt; fails at once if that would be too late.
    async fn back_off(
        &self,
        wait: Duration,
        deadline: Instant,
        error: &Error,
    ) -> Result<(), RetryStopped> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left < wait {
            return Err(RetryStopped::Backoff { wait });
        }
        let time = seconds(wait);
        if wait < LONG_WAIT {
            debug!("retrying in {time}: {error}");
        } else {
            warn!("retrying in {time}: {error}");
        }
        tokio::select! {
            biased;
            () = self.shared.stop.cancelled() => {
                warn!("interrupted while waiting to retry: {error}");
                Err(RetryStopped::Interrupted)
            }
            () = sleep(wait) => Ok(()),
        }
    }
}
