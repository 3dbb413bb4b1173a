//! The rate limit: one gate that every request of a client passes, in the order they came.
//!
//! The gate is closed while a 429, or a `Ratelimit` header that leaves no request, says so. It
//! admits no more requests than the API still allows, counting those in flight, and no more than
//! `requests_per_second`. When a window or a block has ended, one request alone finds out what
//! the API allows now.
//!
//! Cloudflare sends `Ratelimit: "default";r=<requests left>;t=<seconds>`, a list as in
//! draft-ietf-httpapi-ratelimit-headers. Only the parameters `r` and `t` are read.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::config::{Config, Timing};
use super::retry::{MAX_WAIT, RetryStopped, backoff, retry_after, seconds};

/// Most requests in flight while the limit is unknown: as many as Terraform makes at once.
const MAX_IN_FLIGHT_UNKNOWN: u32 = 10;
/// Most requests in flight: no server needs more to be busy, and each may be a connection.
const MAX_IN_FLIGHT: u32 = 64;
/// A longer wait is worth a warning.
pub(super) const LONG_WAIT: Duration = Duration::from_secs(1);

/// Shares the rate limit among all requests of a client.
#[derive(Debug)]
pub(super) struct RateLimiter {
    timing: Timing,
    /// Least time between two requests, if the user set one.
    interval: Option<Duration>,
    /// Fair: first come, first served. Whoever holds it waits for the state to admit a request.
    turn: AsyncMutex<()>,
    state: Mutex<State>,
    /// Wakes the holder of `turn` when a request has ended.
    request_ended: Notify,
    /// When the current 429 block ends, for those that wait for `turn`.
    blocked_until: watch::Sender<Option<Instant>>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: u32,
    window: Option<Window>,
    /// 429 answers in a row, of requests that were sent when no block was known.
    blocks: u32,
    last_sent: Option<Instant>,
    /// End of the last wait that was announced.
    announced: Option<Instant>,
}

/// What the API last said about the requests it still allows.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// Requests left, those in flight included.
    left: u32,
    ends: Instant,
    /// Whether it began with a 429: then only its end ends it.
    blocked: bool,
}

/// Permission to send one request. Dropped, it counts as a request without an answer.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limiter: &'a RateLimiter,
    answered: bool,
}

/// Who asks for a permit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) deadline: Instant,
    pub(super) stop: &'a CancellationToken,
    /// Whether the request changes nothing. After a stop, such a request may be how an operation
    /// finds out what it did, so nothing but the API's own word holds it back.
    pub(super) is_read: bool,
    /// Whether to wait for the rate limit, if the deadline leaves time for it.
    pub(super) is_patient: bool,
}

impl Caller<'_> {
    /// Fails if the API allows a request only at a time that the caller does not wait for.
    fn check(&self, until: Instant, now: Instant) -> Result<(), RetryStopped> {
        if now < until && (!self.is_patient || self.deadline <= until) {
            let wait = until.saturating_duration_since(now);
            return Err(RetryStopped::RateLimit { wait });
        }
        Ok(())
    }
}

/// Why no request is admitted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// The API allows none before this time.
    Limit(Instant),
    /// `requests_per_second` allows none before this time.
    Interval(Instant),
    /// A request in flight must end first.
    InFlight,
}

impl RateLimiter {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            timing: config.timing,
            interval: config.requests_per_second.and_then(interval),
            turn: AsyncMutex::new(()),
            state: Mutex::default(),
            request_ended: Notify::new(),
            blocked_until: watch::Sender::new(None),
        }
    }

    /// How long the API refuses every request because of a 429, if it does.
    pub(super) fn blocked_for(&self) -> Option<Duration> {
        let until = (*self.blocked_until.borrow())?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Waits until a request may be sent. Fails at once if that is only after the deadline, and
    /// when the client is told to stop.
    pub(super) async fn acquire(&self, caller: Caller<'_>) -> Result<Permit<'_>, RetryStopped> {
        let after_stop = caller.stop.is_cancelled();
        let _turn = self.turn(caller, after_stop).await?;
        loop {
            let request_ended = self.request_ended.notified();
            let now = Instant::now();
            if caller.deadline <= now {
                return Err(RetryStopped::Timeout);
            }
            let obstacle = match self.try_acquire(now, after_stop && caller.is_read) {
                Ok(permit) => return Ok(permit),
                Err(obstacle) => obstacle,
            };
            if caller.stop.is_cancelled() {
                return Err(RetryStopped::Interrupted);
            }
            let until = match obstacle {
                Obstacle::Limit(until) | Obstacle::Interval(until) => {
                    caller.check(until, now)?;
                    until
                }
                Obstacle::InFlight => caller.deadline,
            };
            self.announce(obstacle, now);
            tokio::select! {
                () = sleep_until(until) => {}
                () = request_ended => {}
                () = caller.stop.cancelled() => {
                    warn!("interrupted while waiting for {obstacle}");
                    return Err(RetryStopped::Interrupted);
                }
            }
        }
    }

    /// Waits for its turn, but not if a block lasts longer than the caller can wait.
    async fn turn(
        &self,
        caller: Caller<'_>,
        after_stop: bool,
    ) -> Result<AsyncMutexGuard<'_, ()>, RetryStopped> {
        let mut blocked_until = self.blocked_until.subscribe();
        let mut turn = pin!(self.turn.lock());
        loop {
            if let Some(until) = *blocked_until.borrow_and_update() {
                caller.check(until, Instant::now())?;
            }
            tokio::select! {
                biased;
                turn = &mut turn => return Ok(turn),
                () = caller.stop.cancelled(), if !after_stop => {
                    return Err(RetryStopped::Interrupted);
                }
                _changed = blocked_until.changed() => {} // the sender lives as long as `self`
                () = sleep_until(caller.deadline) => return Err(RetryStopped::Timeout),
            }
        }
    }

    fn try_acquire(&self, now: Instant, urgent: bool) -> Result<Permit<'_>, Obstacle> {
        let mut state = self.state();
        match state.obstacle(now, self.interval) {
            Some(limit @ Obstacle::Limit(_)) => return Err(limit),
            Some(obstacle) if !urgent => return Err(obstacle),
            _ => {}
        }
        state.in_flight += 1;
        state.last_sent = Some(now);
        Ok(Permit {
            limiter: self,
            answered: false,
        })
    }

    /// Logs what is waited for: a warning for each long wait for the API, however many wait.
    fn announce(&self, obstacle: Obstacle, now: Instant) {
        let until = match obstacle {
            Obstacle::Limit(until) | Obstacle::Interval(until) => until,
            Obstacle::InFlight => return,
        };
        if self.state().announced.replace(until) == Some(until) {
            return;
        }
        let wait = seconds(until.saturating_duration_since(now));
        match obstacle {
            Obstacle::Limit(_) if until > now + LONG_WAIT => warn!("waiting {wait} for {obstacle}"),
            _ => debug!("waiting {wait} for {obstacle}"),
        }
    }

    fn end(&self, update: impl FnOnce(&mut State, Instant)) {
        let now = Instant::now();
        let window = {
            let mut state = self.state();
            state.in_flight -= 1;
            update(&mut state, now);
            state.window
        };
        let blocked = window.filter(|window| window.blocked && now < window.ends);
        let blocked_until = blocked.map(|window| window.ends);
        self.blocked_until.send_if_modified(|known| {
            let is_new = *known != blocked_until;
            *known = blocked_until;
            is_new
        });
        self.request_ended.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is complete before anything in it could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn obstacle(&self, now: Instant, interval: Option<Duration>) -> Option<Obstacle> {
        let max_in_flight = match self.window {
            None => MAX_IN_FLIGHT_UNKNOWN,
            Some(window) if window.ends <= now => 1, // it finds out what is allowed now
            Some(window) if window.left == 0 => return Some(Obstacle::Limit(window.ends)),
            Some(window) => window.left.min(MAX_IN_FLIGHT),
        };
        if self.in_flight >= max_in_flight {
            return Some(Obstacle::InFlight);
        }
        let next = self.last_sent? + interval?;
        (now < next).then_some(Obstacle::Interval(next))
    }

    /// Takes what an answer says about the limit. Answers overtake each other, so of two about
    /// the current window the stricter one counts.
    fn learn(&mut self, told: Option<Window>, now: Instant) {
        let current = self.window.filter(|window| now < window.ends);
        self.window = match (current, told) {
            (Some(block), _) if block.blocked => Some(block),
            (None, told) => told,
            (Some(current), None) => Some(Window {
                left: current.left.saturating_sub(1),
                ..current
            }),
            (Some(current), Some(told)) => Some(Window {
                left: current.left.min(told.left),
                ends: current.ends.min(told.ends),
                blocked: false,
            }),
        };
    }

    /// Takes a 429 that asks for a wait of `asked`. Without one, the wait grows with every block.
    fn block(&mut self, asked: Option<Duration>, timing: &Timing, now: Instant) {
        let current = self
            .window
            .filter(|window| window.blocked && now < window.ends);
        if current.is_none() {
            self.blocks = self.blocks.saturating_add(1);
        }
        let wait = backoff(timing, self.blocks, 1.0).max(asked.unwrap_or_default());
        self.window = Some(Window {
            left: 0,
            ends: current.map_or(now, |current| current.ends).max(now + wait),
            blocked: true,
        });
    }
}

impl Permit<'_> {
    /// Takes what the answer to the request says about the rate limit.
    pub(super) fn answered(mut self, status: StatusCode, headers: &HeaderMap) {
        self.answered = true;
        let timing = &self.limiter.timing;
        let margin = timing.window_margin; // the API rounds to whole seconds
        let told = ratelimit(headers).map(|(left, time)| (left, (time + margin).min(MAX_WAIT)));
        self.limiter.end(|state, now| {
            if status == StatusCode::TOO_MANY_REQUESTS {
                let exhausted = told.filter(|(left, _)| *left == 0).map(|(_, time)| time);
                let asked = retry_after(headers, SystemTime::now()).or(exhausted);
                state.block(asked, timing, now);
            } else {
                state.blocks = 0;
                let told = told.map(|(left, time)| Window {
                    left,
                    ends: now + time,
                    blocked: false,
                });
                state.learn(told, now);
            }
        });
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.answered {
            // It may have been counted. If it was to find out what is allowed, the next one does.
            self.limiter.end(|state, now| match &mut state.window {
                Some(window) if now < window.ends => window.left = window.left.saturating_sub(1),
                _ => {}
            });
        }
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Limit(_) => "the API's rate limit: until then it refuses every request",
            Self::Interval(_) => "the next request that requests_per_second allows",
            Self::InFlight => "the answer to another request",
        })
    }
}

/// Time between two requests; none for what is not a rate.
fn interval(requests_per_second: f64) -> Option<Duration> {
    if requests_per_second <= 0.0 || requests_per_second.is_nan() {
        return None;
    }
    let interval = Duration::try_from_secs_f64(1.0 / requests_per_second);
    Some(interval.unwrap_or(Duration::MAX).min(MAX_WAIT))
}

/// The requests left and the time until that changes: of several items, the one that leaves the
/// fewest.
pub(super) fn ratelimit(headers: &HeaderMap) -> Option<(u32, Duration)> {
    let values = headers.get_all("ratelimit").iter();
    let items = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let limits = items.filter_map(|item| {
        let left = parameter(item, "r")?.try_into().unwrap_or(u32::MAX);
        let time = Duration::from_secs(parameter(item, "t")?).min(MAX_WAIT);
        Some((left, time))
    });
    limits.min_by_key(|(left, _)| *left)
}

/// The value of a parameter of a structured field's item, if it is a whole number.
fn parameter(item: &str, name: &str) -> Option<u64> {
    let parameters = item.split(';').filter_map(|text| text.split_once('='));
    let mut named = parameters.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
    named.next()?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests;
