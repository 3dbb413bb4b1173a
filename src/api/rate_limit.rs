//! The rate limit: one gate that every request of a client passes, in the order they came.
//!
//! The gate is closed while a 429, or a header `Ratelimit: "default";r=<requests left>;t=<seconds>`
//! that leaves no request, says so. It admits no more requests than the API still allows, counting
//! those in flight, and no more than `requests_per_second`. When a window or a block has ended, one
//! request alone finds out what the API allows now.

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
    /// First come, first served: the task that holds it is admitted next.
    turn: Mutex<()>,
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

impl RateLimiter {
    /// A limiter whose waits end when `stop` is canceled.
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
        let window = self.state.borrow().window?;
        (window.blocked && now < window.ends).then(|| window.ends - now)
    }

    /// Waits until a request may be sent. Fails at once if that is too late, and on a stop.
    pub(super) async fn acquire(&self, request: &Request) -> Result<Permit<'_>, RetryStopped> {
        tokio::select! {
            biased;
            result = self.admit(request) => result,
            () = self.stop.cancelled() => Err(RetryStopped::Interrupted),
            () = sleep_until(request.deadline) => {
                self.obstacle(request).and(Err(RetryStopped::Timeout))
            }
        }
    }

    async fn admit(&self, request: &Request) -> Result<Permit<'_>, RetryStopped> {
        let obstacle = self.obstacle(request)?; // before a wait for a turn that cannot help
        if self.stop.is_cancelled() && request.is_read() {
            // An operation may find out what it did: nothing but the API's own word keeps it back.
            return match obstacle {
                Some((_, true)) => Err(RetryStopped::Interrupted),
                _ => Ok(self.permit()),
            };
        }
        let _turn = self.turn.lock().await;
        let mut state = self.state.subscribe();
        let mut announced = None;
        while let Some((end, is_limit)) = self.obstacle(request)? {
            let wait = end.saturating_duration_since(Instant::now());
            let time = seconds(wait);
            if is_limit && wait > LONG_WAIT && announced != Some(end) {
                warn!("waiting {time} for the API's rate limit: it refuses every request");
                announced = Some(end);
            }
            debug!("waiting at most {time} to send {}", request.call);
            tokio::select! {
                _changed = state.changed() => {} // the sender lives as long as `self`
                () = sleep_until(end) => {}
            }
        }
        Ok(self.permit())
    }

    /// Until when a request is kept back, and whether by the API's limit; an error if too long.
    fn obstacle(&self, request: &Request) -> Result<Option<(Instant, bool)>, RetryStopped> {
        let now = Instant::now();
        let state = self.state.borrow();
        let exhausted = state.window.filter(|window| window.left == 0);
        let limit = exhausted.map(|window| window.ends).filter(|end| now < *end);
        let max_in_flight = match state.window {
            None => MAX_IN_FLIGHT_UNKNOWN,
            Some(window) if window.ends <= now => 1, // it finds out what is allowed now
            Some(window) => window.left.min(MAX_IN_FLIGHT),
        };
        let spaced = state.last_sent.zip(self.interval);
        let spaced = spaced.map(|(last, interval)| last + interval);
        match limit.or(spaced.filter(|end| now < *end)) {
            Some(end) if request.is_advisory || request.deadline <= end => {
                Err(RetryStopped::Wait(end - now))
            }
            _ if request.deadline <= now => Err(RetryStopped::Timeout),
            None if state.in_flight >= max_in_flight => Ok(Some((request.deadline, false))),
            end => Ok(end.map(|end| (end, limit.is_some()))),
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
    /// Answers overtake each other, so of two about the current window the stricter one counts.
    fn learn(&mut self, told: Option<Window>, now: Instant) {
        let current = self.window.filter(|window| now < window.ends);
        self.window = match (current, told) {
            (None, told) => told,
            (Some(current), None) => Some(Window {
                left: current.left.saturating_sub(1),
                ..current
            }),
            (Some(current), Some(told)) => Some(match (current.blocked, told.blocked) {
                (true, false) => current,
                (false, true) => told,
                (blocked, _) => Window {
                    left: current.left.min(told.left),
                    ends: match blocked {
                        true => current.ends.max(told.ends),
                        false => current.ends.min(told.ends),
                    },
                    blocked,
                },
            }),
        };
    }
}

impl Permit<'_> {
    /// Takes what the answer to the request says about the rate limit.
    pub(super) fn answered(mut self, status: StatusCode, headers: &HeaderMap) {
        self.answered = true;
        let RateLimiter { timing, state, .. } = self.limiter;
        let now = Instant::now();
        let told = ratelimit(headers).map(|(left, time)| Window {
            left,
            ends: now + (time + timing.window_margin).min(MAX_WAIT), // sent in whole seconds
            blocked: false,
        });
        state.send_modify(|state| {
            if status != StatusCode::TOO_MANY_REQUESTS {
                state.blocks = 0;
                return state.learn(told, now);
            }
            let is_known = state.window.is_some_and(|it| it.blocked && now < it.ends);
            state.blocks = state.blocks.saturating_add(u32::from(!is_known));
            let exhausted = told.filter(|window| window.left == 0);
            let asked = retry_after(headers, SystemTime::now());
            let asked = asked.or(exhausted.map(|window| window.ends - now));
            // Without a wait that is asked for, it grows with every block.
            let wait = backoff(timing, state.blocks, 1.0).max(asked.unwrap_or_default());
            let block = Window {
                left: 0,
                ends: now + wait,
                blocked: true,
            };
            state.learn(Some(block), now);
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
            if !self.answered && state.window.is_some_and(|window| now < window.ends) {
                state.learn(None, now);
            }
        });
    }
}

/// The requests left and the time until that changes: of the item that leaves the fewest.
fn ratelimit(headers: &HeaderMap) -> Option<(u32, Duration)> {
    let values = headers.get_all("ratelimit").iter();
    let items = values.filter_map(|value| value.to_str().ok());
    let limits = items.flat_map(|value| value.split(',')).filter_map(|item| {
        let parameter = |name: &str| {
            let mut known = item.split(';').filter_map(|text| text.split_once('='));
            let (_, value) = known.find(|(it, _)| it.trim().eq_ignore_ascii_case(name))?;
            value.trim().parse::<u64>().ok()
        };
        let left = parameter("r")?.try_into().unwrap_or(u32::MAX);
        Some((left, Duration::from_secs(parameter("t")?).min(MAX_WAIT)))
    });
    limits.min_by_key(|(left, _)| *left)
}

#[cfg(test)]
mod tests;
