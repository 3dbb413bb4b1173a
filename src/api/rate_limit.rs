//! The rate limit: one gate that every request of a client passes, in the order they came.
//!
//! The gate is closed while a 429, or a `Ratelimit` header that leaves no request, says so. It
//! admits no more requests than the API still allows, counting those in flight, and no more than
//! `requests_per_second`. When a window or a block has ended, one request alone finds out what
//! the API allows now.
//!
//! Cloudflare sends `Ratelimit: "default";r=<requests left>;t=<seconds>`, a list as in
//! draft-ietf-httpapi-ratelimit-headers. Only the parameters `r` and `t` are read.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

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
    state: watch::Sender<State>,
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
struct Obstacle {
    /// When it ends; `None` if a request in flight must end first.
    end: Option<Instant>,
    /// Whether the API refuses every request until then.
    is_limit: bool,
}

impl RateLimiter {
    /// A limiter whose waits end when `stop` is cancelled.
    pub(super) fn new(config: &Config, stop: CancellationToken) -> Self {
        let rate = config.requests_per_second.filter(|rate| *rate > 0.0);
        let interval = rate.map(|rate| Duration::try_from_secs_f64(1.0 / rate));
        Self {
            timing: config.timing,
            interval: interval.map(|interval| interval.unwrap_or(MAX_WAIT).min(MAX_WAIT)),
            stop,
            turn: Mutex::default(),
            state: watch::Sender::default(),
        }
    }

    /// How long the API refuses every request because of a 429, if it does.
    pub(super) fn blocked_for(&self) -> Option<Duration> {
        let now = Instant::now();
        let window = self.state.borrow().current_window(now);
        Some(window.filter(|window| window.blocked)?.ends - now)
    }

    /// Waits until a request may be sent. Fails at once if that is only after its deadline, and
    /// when the client is told to stop.
    pub(super) async fn acquire(&self, request: &Request) -> Result<Permit<'_>, RetryStopped> {
        tokio::select! {
            biased;
            result = self.admit(request) => result,
            () = self.stop.cancelled() => Err(RetryStopped::Interrupted),
            () = sleep_until(request.deadline) => {
                self.obstacle(request)?;
                Err(RetryStopped::Timeout)
            }
        }
    }

    async fn admit(&self, request: &Request) -> Result<Permit<'_>, RetryStopped> {
        let obstacle = self.obstacle(request)?; // no turn is waited for in vain
        if self.stop.is_cancelled() && request.is_read() {
            // It may be how an operation finds out what it did: nothing but the API's own word
            // keeps it back.
            return match obstacle.is_some_and(|obstacle| obstacle.is_limit) {
                true => Err(RetryStopped::Interrupted),
                false => Ok(self.permit()),
            };
        }
        let mut announced = self.turn.lock().await;
        let mut state = self.state.subscribe();
        while let Some(obstacle) = self.obstacle(request)? {
            obstacle.announce(&mut announced);
            tokio::select! {
                _changed = state.changed() => {} // the sender lives as long as `self`
                () = sleep_until(obstacle.end.unwrap_or(request.deadline)) => {}
            }
        }
        Ok(self.permit())
    }

    /// What keeps a request back now; an error if it does until after the deadline.
    fn obstacle(&self, request: &Request) -> Result<Option<Obstacle>, RetryStopped> {
        let now = Instant::now();
        let obstacle = self.state.borrow().obstacle(now, self.interval);
        match obstacle.and_then(|obstacle| obstacle.end) {
            Some(end) if request.is_advisory || request.deadline <= end => {
                Err(RetryStopped::Wait(end - now))
            }
            _ if request.deadline <= now => Err(RetryStopped::Timeout),
            _ => Ok(obstacle),
        }
    }

    fn permit(&self) -> Permit<'_> {
        self.state.send_modify(|state| {
            state.in_flight += 1;
            state.last_sent = Some(Instant::now());
        });
        Permit {
            limiter: self,
            answered: false,
        }
    }
}

impl State {
    fn current_window(&self, now: Instant) -> Option<Window> {
        self.window.filter(|window| now < window.ends)
    }

    fn obstacle(&self, now: Instant, interval: Option<Duration>) -> Option<Obstacle> {
        let obstacle = |end, is_limit| Some(Obstacle { end, is_limit });
        let max_in_flight = match self.window {
            None => MAX_IN_FLIGHT_UNKNOWN,
            Some(window) if window.ends <= now => 1, // it finds out what is allowed now
            Some(window) if window.left == 0 => return obstacle(Some(window.ends), true),
            Some(window) => window.left.min(MAX_IN_FLIGHT),
        };
        if self.in_flight >= max_in_flight {
            return obstacle(None, false);
        }
        let next = self.last_sent? + interval?;
        (now < next).then_some(obstacle(Some(next), false))?
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
        self.blocks = self.blocks.saturating_add(current.is_none().into());
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
        let (timing, now) = (&self.limiter.timing, Instant::now());
        let told = ratelimit(headers).map(|(left, time)| Window {
            left,
            ends: now + (time + timing.window_margin).min(MAX_WAIT), // sent in whole seconds
            blocked: false,
        });
        self.limiter.state.send_modify(|state| {
            if status == StatusCode::TOO_MANY_REQUESTS {
                let exhausted = told.filter(|window| window.left == 0);
                let exhausted = exhausted.map(|window| window.ends - now);
                let asked = retry_after(headers, SystemTime::now()).or(exhausted);
                state.block(asked, timing, now);
            } else {
                state.blocks = 0;
                state.learn(told, now);
            }
        });
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        self.limiter.state.send_modify(|state| {
            state.in_flight -= 1;
            // Without an answer it may have been counted. If it was to find out what is allowed,
            // the next one does.
            if !self.answered && state.current_window(now).is_some() {
                state.learn(None, now);
            }
        });
    }
}

impl Obstacle {
    /// Logs what is waited for: a warning for each long wait for the API, however many wait.
    fn announce(self, announced: &mut Option<Instant>) {
        let Some(end) = self.end.filter(|end| announced.replace(*end) != Some(*end)) else {
            return;
        };
        let wait = end.saturating_duration_since(Instant::now());
        let time = seconds(wait);
        if self.is_limit && wait > LONG_WAIT {
            warn!("waiting {time} for the API's rate limit: until then it refuses every request");
        } else {
            debug!("waiting {time} for the rate limit");
        }
    }
}

/// The requests left and the time until that changes: of several items, the one that leaves the
/// fewest.
pub(super) fn ratelimit(headers: &HeaderMap) -> Option<(u32, Duration)> {
    let values = headers.get_all("ratelimit").iter();
    let items = values.filter_map(|value| value.to_str().ok());
    let limits = items.flat_map(|value| value.split(',')).filter_map(|item| {
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
