//! How many requests the rate limit still allows, and when. Pure: the time is an argument.
//!
//! The budget of one client, so of one process, follows what every answer says:
//!
//! 1. while there is room, requests are sent as they come; those under way count as spent;
//! 2. once little is left, it is spread over the rest of the window;
//! 3. when nothing is left, the next window is waited for;
//! 4. after a 429 nothing is sent as long as the API says, or else for a growing time, and then
//!    one request alone, until an answer shows that the block is over.
//!
//! As long as no answer tells a limit, few requests are under way at once, so that few can find
//! out together that it is exceeded.

use std::time::Duration;

use tokio::time::Instant;

use super::config::Timing;
use super::rate_limit::RateLimit;
use super::{retry, retry_after};

/// Most requests under way while the limit is unknown: as many as Terraform makes at once.
const MOST_UNINFORMED: u32 = 10;
/// Most requests under way: no server needs more to be busy, and each may be a connection.
const MOST: u32 = 64;
/// One in so many requests of a window is little.
const LITTLE: u32 = 10;
/// What is little where the size of the window is not known.
const LITTLE_OF_UNKNOWN: u32 = 10;

/// What is known of the rate limit, and what was sent.
#[derive(Debug)]
pub(super) struct Budget {
    timing: Timing,
    /// Least time between two requests, if the user set one.
    interval: Option<Duration>,
    under_way: u32,
    last_sent: Option<Instant>,
    window: Option<Window>,
    block: Option<Block>,
}

/// A window of the rate limit: what is left was true for all requests that are not under way.
#[derive(Debug)]
struct Window {
    left: u32,
    ends: Instant,
    quota: Option<u32>,
}

/// The time after a 429.
#[derive(Debug)]
struct Block {
    until: Instant,
    /// 429s to requests that were sent when the last block seemed to be over.
    rounds: u32,
    /// Whether the request is under way that shows whether it is over.
    probed: bool,
}

/// Whether a request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Now.
    Send,
    /// Not before this time.
    Wait(Wait),
    /// When a request under way is answered, or at this time.
    WaitForAnswer(Option<Instant>),
}

/// A wait of known length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) until: Instant,
    pub(super) reason: Reason,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A 429 forbids any request.
    Blocked,
    /// Nothing is left of the window.
    Spent,
    /// Little is left of the window, which ends then.
    Scarce {
        /// When the window ends.
        ends: Instant,
    },
    /// The user set a cap.
    Capped,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Sent {
    is_probe: bool,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// No answer; it may have been counted.
    Lost,
    /// An answer, with the limit if it tells one.
    Answered(Option<RateLimit>),
    /// Refused with 429, with what the answer says of when to come back.
    Refused(Option<RateLimit>, Option<Duration>),
}

impl Budget {
    /// A budget of which nothing is known yet.
    pub(super) fn new(timing: Timing, requests_per_second: Option<f64>) -> Self {
        Self {
            timing,
            interval: requests_per_second.and_then(interval),
            under_way: 0,
            last_sent: None,
            window: None,
            block: None,
        }
    }

    /// Whether a request may be sent now.
    pub(super) fn decide(&self, now: Instant) -> Decision {
        let window = self.window.as_ref().filter(|window| now < window.ends);
        let obstacles = [
            self.block(now),
            window.and_then(|window| self.limit(window, now)),
            self.crowd(window),
            self.cap(now),
        ];
        let first = obstacles.into_iter().flatten().next();
        first.unwrap_or(Decision::Send)
    }

    /// As [`decide`](Self::decide), but only for what the API itself has said: no prudence of
    /// ours and no cap.
    pub(super) fn decide_urgent(&self, now: Instant) -> Decision {
        match self.decide(now) {
            Decision::Wait(wait) if matches!(wait.reason, Reason::Blocked | Reason::Spent) => {
                Decision::Wait(wait)
            }
            _ => Decision::Send,
        }
    }

    /// When the block ends that a 429 began, if it is not over.
    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        let block = self.block.as_ref()?;
        (now < block.until).then_some(block.until)
    }

    /// Notes that a request is sent.
    pub(super) fn send(&mut self, now: Instant) -> Sent {
        self.under_way += 1;
        self.last_sent = Some(now);
        let block = self.block.as_mut();
        let probe = block.filter(|block| block.until <= now && !block.probed);
        let is_probe = probe.is_some();
        if let Some(block) = probe {
            block.probed = true;
        }
        Sent { is_probe }
    }

    /// Notes what became of a request.
    pub(super) fn finish(&mut self, sent: Sent, outcome: Outcome, now: Instant) {
        self.under_way -= 1;
        if let (true, Some(block)) = (sent.is_probe, &mut self.block) {
            block.probed = false;
        }
        match outcome {
            Outcome::Lost => self.spend_one(),
            Outcome::Answered(limit) => {
                if sent.is_probe && self.blocked_until(now).is_none() {
                    self.block = None;
                }
                match limit {
                    Some(limit) => self.learn(limit, now),
                    None => self.spend_one(),
                }
            }
            Outcome::Refused(limit, retry_after) => {
                let told = limit.filter(|limit| limit.left == 0);
                let told = told.map(|limit| self.with_margin(limit.time));
                self.refuse(&sent, retry_after.or(told).unwrap_or_default(), now);
            }
        }
    }

    fn block(&self, now: Instant) -> Option<Decision> {
        let block = self.block.as_ref()?;
        let (until, reason) = (block.until, Reason::Blocked);
        if now < until {
            return Some(Decision::Wait(Wait { until, reason }));
        }
        block.probed.then_some(Decision::WaitForAnswer(None))
    }

    fn limit(&self, window: &Window, now: Instant) -> Option<Decision> {
        let ends = window.ends;
        if window.left == 0 {
            let (until, reason) = (ends, Reason::Spent);
            return Some(Decision::Wait(Wait { until, reason }));
        }
        let room = window.left.saturating_sub(self.under_way);
        if room == 0 {
            return Some(Decision::WaitForAnswer(Some(ends)));
        }
        let little = window.quota.map_or(LITTLE_OF_UNKNOWN, |all| all / LITTLE);
        let last_sent = self.last_sent.filter(|_| room <= little)?;
        let share = ends.saturating_duration_since(last_sent) / room.saturating_add(1);
        let (until, reason) = (last_sent + share, Reason::Scarce { ends });
        (now < until).then_some(Decision::Wait(Wait { until, reason }))
    }

    fn crowd(&self, window: Option<&Window>) -> Option<Decision> {
        let most = window.map_or(MOST_UNINFORMED, |_| MOST);
        (self.under_way >= most).then_some(Decision::WaitForAnswer(None))
    }

    fn cap(&self, now: Instant) -> Option<Decision> {
        let (until, reason) = (self.last_sent? + self.interval?, Reason::Capped);
        (now < until).then_some(Decision::Wait(Wait { until, reason }))
    }

    /// Takes what an answer says of the window. Answers overtake each other: of two about one
    /// window the one that leaves less is the later, and one about a window before is ignored.
    fn learn(&mut self, limit: RateLimit, now: Instant) {
        let told = Window {
            left: limit.left,
            ends: now + self.with_margin(limit.time),
            quota: limit.quota,
        };
        let known = self.window.take().filter(|known| now < known.ends);
        self.window = Some(match known {
            None => told,
            Some(known) if known.ends + limit.window / 2 < told.ends => told,
            Some(known) if told.ends + limit.window / 2 < known.ends => known,
            Some(known) => Window {
                left: known.left.min(told.left),
                ends: known.ends.min(told.ends),
                quota: told.quota,
            },
        });
    }

    /// The API tells whole seconds, and does not say how they are rounded.
    fn with_margin(&self, time: Duration) -> Duration {
        let margin = self.timing.window_margin;
        time.saturating_add(margin).min(retry_after::LONGEST)
    }

    fn spend_one(&mut self) {
        if let Some(window) = &mut self.window {
            window.left = window.left.saturating_sub(1);
        }
    }

    /// A 429 to a request that was sent before the block was known only makes the block longer.
    fn refuse(&mut self, sent: &Sent, asked: Duration, now: Instant) {
        let (rounds, until) = match &self.block {
            None => (1, now),
            Some(block) if sent.is_probe => (block.rounds.saturating_add(1), block.until),
            Some(block) => (block.rounds, block.until),
        };
        let probed = self.block.as_ref().is_some_and(|block| block.probed);
        let wait = retry::backoff(&self.timing, rounds, 1.0).max(asked);
        self.window = None;
        self.block = Some(Block {
            until: until.max(now + wait),
            rounds,
            probed,
        });
    }
}

/// Time between two requests; none for what is no rate.
fn interval(requests_per_second: f64) -> Option<Duration> {
    if requests_per_second <= 0.0 || requests_per_second.is_nan() {
        return None;
    }
    let interval = Duration::try_from_secs_f64(1.0 / requests_per_second);
    Some(interval.unwrap_or(Duration::MAX).min(retry_after::LONGEST))
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
