//! Counts requests against a [`RateLimit`]. Pure: the time is an argument.

use super::quirks::RateLimit;
use std::time::{Duration, Instant};

/// The limit that `Ratelimit` headers tell when none is enforced: what Cloudflare documents.
pub(super) const DOCUMENTED: RateLimit = RateLimit {
    requests: 1200,
    window: Duration::from_secs(300),
    block: Duration::from_secs(300),
};

/// The requests of the current window, and the block if there is one.
#[derive(Debug, Default)]
pub(super) struct RateCounter {
    window: Option<Window>,
    blocked_until: Option<Instant>,
}

#[derive(Debug)]
struct Window {
    started: Instant,
    requests: u32,
}

impl RateCounter {
    /// Counts one request; an error says how long requests are still refused.
    pub(super) fn count(&mut self, limit: &RateLimit, now: Instant) -> Result<(), Duration> {
        self.forget_the_past(limit, now);
        if let Some(end) = self.blocked_until {
            return Err(end - now);
        }
        let window = self.window.get_or_insert(Window {
            started: now,
            requests: 0,
        });
        window.requests = window.requests.saturating_add(1);
        if window.requests > limit.requests {
            self.blocked_until = Some(now + limit.block);
            return Err(limit.block);
        }
        Ok(())
    }

    /// Requests left, and the time until there are more.
    pub(super) fn left(&mut self, limit: &RateLimit, now: Instant) -> (u32, Duration) {
        self.forget_the_past(limit, now);
        match (self.blocked_until, &self.window) {
            (Some(end), _) => (0, end - now),
            (None, None) => (limit.requests, limit.window),
            (None, Some(window)) => (
                limit.requests.saturating_sub(window.requests),
                window.started + limit.window - now,
            ),
        }
    }

    fn forget_the_past(&mut self, limit: &RateLimit, now: Instant) {
        if self.blocked_until.is_some_and(|end| end <= now) {
            *self = Self::default();
        }
        if self.blocked_until.is_none() {
            self.window
                .take_if(|window| window.started + limit.window <= now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit {
        requests: 2,
        window: Duration::from_secs(10),
        block: Duration::from_secs(60),
    };

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn one_request_too_many_blocks_every_request_for_the_whole_block() {
        let start = Instant::now();
        let mut counter = RateCounter::default();
        counter.count(&LIMIT, start).unwrap();
        counter.count(&LIMIT, start).unwrap();

        let refused = counter.count(&LIMIT, start + seconds(1));

        assert_eq!(refused, Err(seconds(60)));
        assert_eq!(
            counter.count(&LIMIT, start + seconds(31)),
            Err(seconds(30)),
            "a refused request does not make the block longer"
        );
        assert_eq!(counter.count(&LIMIT, start + seconds(61)), Ok(()));
    }

    #[test]
    fn a_new_window_has_room_again() {
        let start = Instant::now();
        let mut counter = RateCounter::default();
        counter.count(&LIMIT, start).unwrap();
        counter.count(&LIMIT, start).unwrap();

        let later = counter.count(&LIMIT, start + seconds(10));

        assert_eq!(later, Ok(()));
        assert_eq!(counter.left(&LIMIT, start + seconds(12)), (1, seconds(8)));
    }

    #[test]
    fn what_is_left_goes_down_to_zero_and_then_tells_the_block() {
        let start = Instant::now();
        let mut counter = RateCounter::default();

        assert_eq!(counter.left(&LIMIT, start), (2, seconds(10)));
        counter.count(&LIMIT, start).unwrap();
        assert_eq!(counter.left(&LIMIT, start + seconds(4)), (1, seconds(6)));
        counter.count(&LIMIT, start).unwrap();
        assert_eq!(counter.left(&LIMIT, start + seconds(4)), (0, seconds(6)));
        counter.count(&LIMIT, start + seconds(4)).unwrap_err();
        assert_eq!(counter.left(&LIMIT, start + seconds(5)), (0, seconds(59)));
    }
}
