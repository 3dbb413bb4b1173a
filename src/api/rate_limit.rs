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
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use tokio::sync::{Mutex, MutexGuard, Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::config::{Config, Timing};
use super::error::{RetryStopped, seconds};
use super::http::Request;
use super::retry::{MAX_WAIT, backoff, retry_after};

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
    stop: CancellationToken,
    /// First come, first served: the task that holds it is admitted next. Holds the end of the
    /// last wait that was announced.
    turn: Mutex<Option<Instant>>,
    /// All that wait are woken when [`State::limit`] changes.
    state: watch::Sender<State>,
    /// Wakes the holder of `turn`.
    request_ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    in_flight: u32,
    window: Option<Window>,
    /// 429 answers in a row, of requests that were sent when no block was known.
    blocks: u32,
    last_sent: Option<Instant>,
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
    /// A limiter whose waits end when `stop` is cancelled.
    pub(super) fn new(config: &Config, stop: CancellationToken) -> Self {
        Self {
            timing: config.timing,
            interval: config.requests_per_second.and_then(interval),
            stop,
            turn: Mutex::default(),
            state: watch::Sender::default(),
            request_ended: Notify::new(),
        }
    }

    /// How long the API refuses every request because of a 429, if it does.
    pub(super) fn blocked_for(&self) -> Option<Duration> {
        let now = Instant::now();
        let window = self.state.borrow().current_window(now);
        let block = window.filter(|window| window.blocked)?;
        Some(block.ends.duration_since(now))
    }

    /// Waits until a request may be sent. Fails at once if that is only after its deadline, and
    /// when the client is told to stop.
    pub(super) async fn acquire(&self, request: &Request) -> Result<Permit<'_>, RetryStopped> {
        let after_stop = self.stop.is_cancelled();
        let mut state = self.state.subscribe();
        let mut next = pin!(self.turn.lock());
        let mut turn: Option<MutexGuard<'_, Option<Instant>>> = None;
        loop {
            let now = Instant::now();
            if request.deadline <= now {
                return Err(RetryStopped::Timeout);
            }
            let obstacle = state.borrow_and_update().obstacle(now, self.interval);
            // After a stop, a read may be how an operation finds out what it did: nothing but the
            // API's own word keeps it back.
            let is_urgent = after_stop && request.is_read();
            let obstacle = obstacle.filter(|it| !is_urgent || matches!(it, Obstacle::Limit(_)));
            let mut until = request.deadline;
            if let Some(Obstacle::Limit(end) | Obstacle::Interval(end)) = obstacle {
                if request.is_advisory || request.deadline <= end {
                    let wait = end.duration_since(now);
                    return Err(RetryStopped::RateLimit { wait });
                }
                until = end;
            }
            if let Some(announced) = &mut turn {
                let Some(obstacle) = obstacle else {
                    return Ok(self.admit(now));
                };
                if after_stop {
                    return Err(RetryStopped::Interrupted);
                }
                obstacle.announce(announced, now);
            }
            tokio::select! {
                biased;
                guard = &mut next, if turn.is_none() => turn = Some(guard),
                () = self.stop.cancelled(), if !after_stop => {
                    if let (Some(_), Some(obstacle)) = (turn, obstacle) {
                        warn!("interrupted while waiting for {obstacle}");
                    }
                    return Err(RetryStopped::Interrupted);
                }
                () = self.request_ended.notified(), if turn.is_some() => {}
                _changed = state.changed() => {} // the sender lives as long as `self`
                () = sleep_until(until) => {}
            }
        }
    }

    fn admit(&self, now: Instant) -> Permit<'_> {
        self.state.send_if_modified(|state| {
            state.in_flight += 1;
            state.last_sent = Some(now);
            false
        });
        Permit {
            limiter: self,
            answered: false,
        }
    }

    fn end(&self, update: impl FnOnce(&mut State, Instant)) {
        self.state.send_if_modified(|state| {
            let limit = state.limit();
            state.in_flight -= 1;
            update(state, Instant::now());
            state.limit() != limit
        });
        self.request_ended.notify_one();
    }
}

impl State {
    fn current_window(&self, now: Instant) -> Option<Window> {
        self.window.filter(|window| now < window.ends)
    }

    /// The end of a window in which the API allows no further request.
    fn limit(&self) -> Option<Instant> {
        let exhausted = self.window.filter(|window| window.left == 0)?;
        Some(exhausted.ends)
    }

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
        self.window = match (self.current_window(now), told) {
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
        let current = self.current_window(now).filter(|window| window.blocked);
        if current.is_none() {
            self.blocks = self.blocks.saturating_add(1);
        }
        let wait = backoff(timing, self.blocks, 1.0).max(asked.unwrap_or_default());
        self.window = Some(Window {
            left: 0,
            ends: current.map_or(now, |block| block.ends).max(now + wait),
            blocked: true,
        });
    }
}

impl Permit<'_> {
    /// Takes what the answer to the request says about the rate limit.
    pub(super) fn answered(mut self, status: StatusCode, headers: &HeaderMap) {
        self.answered = true;
        let timing = &self.limiter.timing;
        self.limiter.end(|state, now| {
            let told = ratelimit(headers).map(|(left, time)| Window {
                left,
                ends: now + (time + timing.window_margin).min(MAX_WAIT), // sent in whole seconds
                blocked: false,
            });
            if status == StatusCode::TOO_MANY_REQUESTS {
                let exhausted = told.filter(|window| window.left == 0);
                let exhausted = exhausted.map(|window| window.ends - now);
                let asked = retry_after(headers, SystemTime::now()).or(exhausted);
                return state.block(asked, timing, now);
            }
            state.blocks = 0;
            state.learn(told, now);
        });
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        // It may have been counted. If it was to find out what is allowed, the next one does.
        self.limiter.end(|state, now| {
            if state.current_window(now).is_some() {
                state.learn(None, now);
            }
        });
    }
}

impl Obstacle {
    /// Logs what is waited for: a warning for each long wait for the API, however many wait.
    fn announce(self, announced: &mut Option<Instant>, now: Instant) {
        let (Self::Limit(until) | Self::Interval(until)) = self else {
            return;
        };
        if announced.replace(until) == Some(until) {
            return;
        }
        let wait = seconds(until.duration_since(now));
        match self {
            Self::Limit(_) if until > now + LONG_WAIT => warn!("waiting {wait} for {self}"),
            _ => log_debug!("waiting {wait} for {self}"),
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
