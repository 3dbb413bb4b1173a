//! Counts requests against a [`RateLimit`]. Pure: the time is an argument.

use super::quirks::RateLimit;
use std::time::Duration;
use tokio::time::Instant;

/// Cloudflare's own limit, which `Ratelimit` headers tell, with nothing used, if none is set.
pub(crate) const DOCUMENTED: RateLimit = RateLimit {
    requests: 1200,
    window: Duration::from_secs(300),
    block: Duration::from_secs(300),
};

/// The requests of the current window, and the block if there is one.
#[derive(Debug, Default)]
pub(crate) struct RateCounter {
    window: Option<Window>,
    blocked_at: Option<Instant>,
}

#[derive(Debug)]
struct Window {
    started: Instant,
    requests: u32,
}

impl RateCounter {
    /// Counts one request; an error says how long requests are still refused.
    pub(crate) fn count(&mut self, limit: &RateLimit, now: Instant) -> Result<(), Duration> {
        self.forget_the_past(limit, now);
        if let Some(left) = self.block_left(limit, now) {
            return Err(left);
        }
        let window = self.window.get_or_insert(Window {
            started: now,
            requests: 0,
        });
        window.requests = window.requests.saturating_add(1);
        if window.requests > limit.requests {
            self.blocked_at = Some(now);
            return Err(limit.block);
        }
        Ok(())
    }

    /// Requests left, and the time until there are more.
    pub(crate) fn left(&mut self, limit: &RateLimit, now: Instant) -> (u32, Duration) {
        self.forget_the_past(limit, now);
        match (self.block_left(limit, now), &self.window) {
            (Some(left), _) => (0, left),
            (None, None) => (limit.requests, limit.window),
            (None, Some(window)) => (
                limit.requests.saturating_sub(window.requests),
                left_of(limit.window, window.started, now).unwrap_or_default(),
            ),
        }
    }

    fn block_left(&self, limit: &RateLimit, now: Instant) -> Option<Duration> {
        left_of(limit.block, self.blocked_at?, now)
    }

    /// A window that is over no longer counts, and the end of a block begins anew.
    fn forget_the_past(&mut self, limit: &RateLimit, now: Instant) {
        let over = match (self.blocked_at, &self.window) {
            (Some(_), _) => self.block_left(limit, now).is_none(),
            (None, Some(window)) => left_of(limit.window, window.started, now).is_none(),
            (None, None) => false,
        };
        if over {
            *self = Self::default();
        }
    }
}

/// What is left of a time that began at `start`; `None` once it is over.
fn left_of(time: Duration, start: Instant, now: Instant) -> Option<Duration> {
    let left = time.checked_sub(now.saturating_duration_since(start))?;
    (!left.is_zero()).then_some(left)
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
    fn a_block_may_last_for_ever() {
        let limit = RateLimit {
            requests: 0,
            block: Duration::MAX,
            ..LIMIT
        };
        let start = Instant::now();
        let mut counter = RateCounter::default();

        let refused = counter.count(&limit, start);

        assert_eq!(refused, Err(Duration::MAX));
        assert!(counter.count(&limit, start + seconds(1)).is_err());
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
