//! Lets requests go when the [`Budget`] has room for them, in the order in which they came.
//!
//! One request at a time has its turn and looks at the budget; the others wait for their turn.
//! So a thousand waiting requests are woken one by one, and one of them says what all wait for.

use std::mem::{Discriminant, discriminant};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, Notify, watch};
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::attempts::{RetryStopped, seconds};
use super::budget::{Budget, Decision, Outcome, Reason, Sent, Wait};
use super::config::Config;
use super::rate_limit::rate_limit;
use super::response::Answer;
use super::retry_after::retry_after;
use super::stop::Stop;

/// A wait beyond this is worth a warning.
pub(super) const LONG_WAIT: Duration = Duration::from_secs(1);

/// A cap of the user's own is told of this seldom: it is no news.
const A_WHILE: Duration = Duration::from_secs(60 * 60);

/// Shares one [`Budget`] among all requests of a client.
#[derive(Debug)]
pub(super) struct Limiter {
    budget: Mutex<Budget>,
    /// Fair: first come, first served.
    turn: AsyncMutex<()>,
    /// Wakes the one that has its turn, when a request was answered.
    answered: Notify,
    /// Until when a 429 blocks, for those that wait for their turn.
    blocked: watch::Sender<Option<Instant>>,
    warned: Mutex<Option<Warned>>,
}

/// What the last warning was about, and until when it need not be repeated.
type Warned = (Discriminant<Reason>, Instant);

/// Leave to send one request. Dropped, it counts as a request without an answer.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limiter: &'a Limiter,
    sent: Option<Sent>,
}

/// Who asks for a permit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) deadline: Instant,
    pub(super) stop: &'a Stop,
    /// Whether it changes nothing: after a stop such a request may be how an operation finds out
    /// what it did, and is kept back by nothing but the API's own word.
    pub(super) is_read: bool,
}

impl Limiter {
    pub(super) fn new(config: &Config) -> Self {
        let budget = Budget::new(config.timing, config.requests_per_second);
        Self {
            budget: Mutex::new(budget),
            turn: AsyncMutex::new(()),
            answered: Notify::new(),
            blocked: watch::Sender::new(None),
            warned: Mutex::new(None),
        }
    }

    /// How long the API will refuse every request, if it does.
    pub(super) fn blocked_for(&self) -> Option<Duration> {
        let until = (*self.blocked.borrow())?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Waits until a request may be sent. A wait that ends after the deadline, and one after
    /// the client was told to stop, fails at once.
    pub(super) async fn acquire(&self, caller: Caller<'_>) -> Result<Permit<'_>, RetryStopped> {
        let is_late = caller.stop.is_stopped();
        let _turn = self.turn(caller.deadline).await?;
        if caller.stop.is_stopped() && !is_late {
            return Err(RetryStopped::Interrupted); // while it waited for its turn
        }
        loop {
            let answered = self.answered.notified();
            let now = Instant::now();
            if caller.deadline <= now {
                return Err(RetryStopped::TimeOut);
            }
            let decision = match self.try_send(now, is_late && caller.is_read) {
                Ok(permit) => return Ok(permit),
                Err(decision) => decision,
            };
            let until = end_of(decision, now, caller.deadline)?;
            if caller.stop.is_stopped() {
                return Err(RetryStopped::Interrupted);
            }
            self.announce(decision, now);
            tokio::select! {
                () = sleep_until(until) => {}
                () = answered => {}
                () = caller.stop.stopped() => {
                    warn!("interrupted while waiting for {}", what(decision));
                    return Err(RetryStopped::Interrupted);
                }
            }
        }
    }

    /// Waits for its turn, but not if a block lasts longer than it can wait.
    async fn turn(&self, deadline: Instant) -> Result<AsyncMutexGuard<'_, ()>, RetryStopped> {
        let mut blocked = self.blocked.subscribe();
        let turn = self.turn.lock();
        tokio::pin!(turn);
        loop {
            let until = *blocked.borrow_and_update();
            check(until, Instant::now(), deadline)?;
            tokio::select! {
                biased;
                turn = &mut turn => return Ok(turn),
                _changed = blocked.changed() => {} // the sender lives as long as `self`
                () = sleep_until(deadline) => return Err(RetryStopped::TimeOut),
            }
        }
    }

    fn try_send(&self, now: Instant, is_urgent: bool) -> Result<Permit<'_>, Decision> {
        let mut budget = self.budget();
        let decision = match is_urgent {
            true => budget.decide_urgent(now),
            false => budget.decide(now),
        };
        match decision {
            Decision::Send => Ok(Permit {
                limiter: self,
                sent: Some(budget.send(now)),
            }),
            _ => Err(decision),
        }
    }

    fn finish(&self, sent: Sent, outcome: Outcome) {
        let now = Instant::now();
        let blocked_until = {
            let mut budget = self.budget();
            budget.finish(sent, outcome, now);
            budget.blocked_until(now)
        };
        self.blocked.send_if_modified(|known| {
            let is_news = *known != blocked_until;
            *known = blocked_until;
            is_news
        });
        self.answered.notify_one();
    }

    /// Says what is waited for: once for each block, and once for each window.
    fn announce(&self, decision: Decision, now: Instant) {
        let Decision::Wait(wait) = decision else {
            return;
        };
        let time = wait.until.saturating_duration_since(now);
        if time < LONG_WAIT {
            log_debug!(wait = ?time, "waiting for {}", what(decision));
            return;
        }
        let about = discriminant(&wait.reason);
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_some_and(|(known, until)| known == about && now < until) {
            return;
        }
        *warned = Some((about, repeat_after(&wait)));
        warn!(wait = ?time, "waiting {} for {}", seconds(time), what(decision));
    }

    /// No code that holds the lock leaves the budget half changed, so poison means nothing.
    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Takes what the answer to the request says of the rate limit.
    pub(super) fn answered(mut self, answer: &Answer) {
        let limit = rate_limit(&answer.headers);
        let outcome = match answer.status {
            StatusCode::TOO_MANY_REQUESTS => {
                Outcome::Refused(limit, retry_after(&answer.headers, SystemTime::now()))
            }
            _ => Outcome::Answered(limit),
        };
        if let Some(sent) = self.sent.take() {
            self.limiter.finish(sent, outcome);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(sent) = self.sent.take() {
            self.limiter.finish(sent, Outcome::Lost);
        }
    }
}

/// When to look again; or that the wait is too long.
fn end_of(decision: Decision, now: Instant, deadline: Instant) -> Result<Instant, RetryStopped> {
    match decision {
        Decision::Send => Ok(now),
        Decision::Wait(wait) => {
            check(Some(wait.until), now, deadline)?;
            Ok(wait.until)
        }
        Decision::WaitForAnswer(at) => Ok(at.map_or(deadline, |at| at.min(deadline))),
    }
}

fn check(until: Option<Instant>, now: Instant, deadline: Instant) -> Result<(), RetryStopped> {
    match until {
        Some(until) if deadline <= until => Err(RetryStopped::RateLimit {
            wait: until.saturating_duration_since(now),
        }),
        _ => Ok(()),
    }
}

fn what(decision: Decision) -> &'static str {
    match decision {
        Decision::Send | Decision::WaitForAnswer(_) => "the answer to another request",
        Decision::Wait(wait) => match wait.reason {
            Reason::Blocked => {
                "the API's rate limit, which is exceeded: until then it refuses every request"
            }
            Reason::Spent => "the API's rate limit, which is used up",
            Reason::Scarce { .. } => {
                "the API's rate limit, which is nearly used up: the requests that are left are \
                 spread over the time until it allows more"
            }
            Reason::Capped => "the next request that `requests_per_second` allows",
        },
    }
}

/// Until when a warning says all that there is to say.
fn repeat_after(wait: &Wait) -> Instant {
    match wait.reason {
        Reason::Blocked | Reason::Spent => wait.until,
        Reason::Scarce { ends } => ends,
        Reason::Capped => wait.until + A_WHILE,
    }
}

#[cfg(test)]
mod tests;
