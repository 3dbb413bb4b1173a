//! A call from its first attempt to its last.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::warn;

use super::attempts::{Attempts, RetryStopped, seconds};
use super::cause::TransportError;
use super::error::{Call, Error};
use super::http::{Request, Transport};
use super::limiter::{Caller, LONG_WAIT};
use super::response::Answer;
use super::retry::{Next, Retries};
use super::{Client, Success, deadline};

impl Client {
    /// Sends a request, as often as it takes and may be, and reads what its answer says.
    pub(super) async fn send(&self, request: Request) -> Result<Success, Error> {
        let transport = self.transport()?;
        let config = &self.shared.config;
        let timeout = config.timing.operation_timeout;
        let deadline = request.deadline.unwrap_or_else(|| deadline::after(timeout));
        let mut retries = Retries::new(config.max_retries, config.timing);
        let mut attempts = Attempts::ONE;
        let mut failure = None;
        loop {
            let attempt = self.attempt(&transport, &request, attempts, deadline).await;
            let error = match attempt {
                Ok(Ok(success)) => return Ok(success),
                Ok(Err(error)) => error,
                Err(reason) => return Err(unsent(failure, &request, reason)),
            };
            let waited = match retries.next(&error, fastrand::f64()) {
                Next::GiveUp => return Err(error),
                Next::RateLimit => Ok(()),
                Next::Backoff(wait) => self.back_off(wait, deadline, &error).await,
            };
            if let Err(reason) = waited {
                return Err(error.given_up(reason));
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
    ) -> Result<Result<Success, Error>, RetryStopped> {
        let caller = Caller {
            deadline,
            stop: &self.shared.stop,
            is_read: request.method.is_safe(),
        };
        let permit = self.shared.limiter.acquire(caller).await?;
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = left.min(self.shared.config.timing.request_timeout);
        let exchange = transport.exchange(request, attempts.count, timeout);
        let result = self.unless_stopped(request, exchange).await;
        let call = call(request);
        Ok(match result {
            Ok(answer) => {
                permit.answered(&answer);
                self.read(call, &answer, attempts)
            }
            Err(source) => Err(Error::NoAnswer {
                call,
                origin: self.shared.config.base_url.origin(),
                attempts: Box::new(Attempts {
                    retry_stopped: source.is_interrupted().then_some(RetryStopped::Interrupted),
                    ..attempts
                }),
                source,
            }),
        })
    }

    /// What changes something is left to be answered; nothing else is waited for after a stop.
    async fn unless_stopped(
        &self,
        request: &Request,
        exchange: impl Future<Output = Result<Answer, TransportError>>,
    ) -> Result<Answer, TransportError> {
        if !request.method.is_safe() {
            return exchange.await;
        }
        let Call { method, path } = call(request);
        tokio::select! {
            biased;
            result = exchange => result,
            () = self.shared.stop.stopped_for(self.shared.config.timing.shutdown_grace) => {
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
            log_debug!("trying again in {time}: {error}");
        } else {
            warn!("trying again in {time}: {error}");
        }
        tokio::select! {
            biased;
            () = self.shared.stop.stopped() => {
                warn!("interrupted while waiting to try again: {error}");
                Err(RetryStopped::Interrupted)
            }
            () = sleep(wait) => Ok(()),
        }
    }
}

fn call(request: &Request) -> Call {
    Call {
        method: request.method.clone(),
        path: request.path.clone(),
    }
}

/// The last failure of a call that cannot be sent again; or that it was never sent.
fn unsent(failure: Option<Error>, request: &Request, reason: RetryStopped) -> Error {
    match failure {
        Some(error) => error.given_up(reason),
        None => Error::NotSent {
            call: call(request),
            reason,
        },
    }
}
