//! How often a call was sent, and what kept it from being sent again. Pure.

use std::fmt;
use std::time::Duration;

/// What became of a call over all its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How often the call was sent.
    pub count: u32,
    /// Whether the API may have acted on one before the last.
    pub earlier_may_have_acted: bool,
    /// What kept it from being sent again, if it would have been.
    pub retry_stopped: Option<RetryStopped>,
}

impl Attempts {
    /// The only attempt so far.
    pub(super) const ONE: Self = Self {
        count: 1,
        earlier_may_have_acted: false,
        retry_stopped: None,
    };
}

/// Continues a sentence that says how the last attempt failed; says nothing of a single one.
impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.count, self.retry_stopped) {
            (1, None) => return Ok(()),
            (1, _) => write!(f, ", after 1 attempt")?,
            (count, _) => write!(f, ", after {count} attempts")?,
        }
        match self.retry_stopped {
            Some(reason) => write!(f, "; not tried again: {reason}"),
            None => Ok(()),
        }
    }
}

/// Why a call is not sent, or not sent again, although it might succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetryStopped {
    /// [`Client::stop`](super::Client::stop) was called.
    #[error("the operation was interrupted")]
    Interrupted,
    /// The rate limit allows the next request only after the operation's time-out.
    #[error(
        "the rate limit allows no request for another {}, which the operation's time-out does \
         not leave",
        seconds(*wait)
    )]
    RateLimit {
        /// How long it allows none.
        wait: Duration,
    },
    /// The next attempt would come after the operation's time-out.
    #[error(
        "that would have to wait for {}, which the operation's time-out does not leave",
        seconds(*wait)
    )]
    Backoff {
        /// How long to wait for it.
        wait: Duration,
    },
    /// The operation's time-out is over.
    #[error("the operation's time-out is over")]
    TimeOut,
}

/// A wait as people read it: `0.5 s`, `12 s`. Rounded up.
pub(super) fn seconds(wait: Duration) -> String {
    let tenths = wait.as_nanos().div_ceil(100_000_000);
    match tenths {
        0..10 => format!("0.{tenths} s"),
        _ => format!("{} s", tenths.div_ceil(10)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_continue_a_sentence_about_the_last_one() {
        let wait = Duration::from_millis(119_001);
        let cases = [
            (1, None, ""),
            (5, None, ", after 5 attempts"),
            (
                1,
                Some(RetryStopped::Interrupted),
                ", after 1 attempt; not tried again: the operation was interrupted",
            ),
            (
                2,
                Some(RetryStopped::Backoff { wait }),
                ", after 2 attempts; not tried again: that would have to wait for 120 s, which \
                 the operation's time-out does not leave",
            ),
        ];

        for (count, retry_stopped, expected) in cases {
            let attempts = Attempts {
                count,
                retry_stopped,
                ..Attempts::ONE
            };

            assert_eq!(attempts.to_string(), expected);
        }
    }

    #[test]
    fn a_wait_is_rounded_up_to_what_people_care_for() {
        let cases = [
            (0, "0.0 s"),
            (1, "0.1 s"),
            (500, "0.5 s"),
            (901, "1 s"),
            (1_001, "2 s"),
            (300_000, "300 s"),
        ];

        for (milliseconds, expected) in cases {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), expected);
        }
        assert!(seconds(Duration::MAX).ends_with(" s"));
    }
}
