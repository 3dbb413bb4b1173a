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

/// The current window, or the block that followed it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RateCounter(Option<Period>);

#[derive(Clone, Debug)]
struct Period {
    started: Instant,
    requests: u32,
    is_block: bool,
}

impl RateCounter {
    /// Counts one request; an error says how long requests are still refused.
    pub(crate) fn count(&mut self, limit: &RateLimit, now: Instant) -> Result<(), Duration> {
        let (left, time) = self.left(limit, now);
        let period = self.0.get_or_insert(Period {
            started: now,
            requests: 0,
            is_block: false,
        });
        if period.is_block {
            return Err(time);
        }
        period.requests = period.requests.saturating_add(1);
        if left > 0 {
            return Ok(());
        }
        (period.started, period.is_block) = (now, true);
        Err(limit.block)
    }

    /// Requests left, and the time until there are more.
    pub(crate) fn left(&mut self, limit: &RateLimit, now: Instant) -> (u32, Duration) {
        if let Some(period) = &self.0 {
            let length = if period.is_block {
                limit.block
            } else {
                limit.window
            };
            let time = length.saturating_sub(now.saturating_duration_since(period.started));
            if !time.is_zero() {
                let left = limit.requests.saturating_sub(period.requests);
                return (if period.is_block { 0 } else { left }, time);
            }
        }
        self.0 = None;
        (limit.requests, limit.window)
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
