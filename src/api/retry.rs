//! Which failed calls are sent again, and after how long. Pure.
//!
//! | outcome | GET | PUT, PATCH, DELETE | POST |
//! |---|---|---|---|
//! | not connected | again | again | again |
//! | sent, and no answer, or not to its end | again | again | – |
//! | 408, 5xx | again | again | – |
//! | 429 | again | again | again |
//! | 403 | twice | – | – |
//! | anything else | – | – | – |
//!
//! A POST is sent again only if the API cannot have acted on it: whether a webhook was stored
//! is for the caller to find out. PUT, PATCH and DELETE say what shall be, so that twice is as
//! good as once. A certificate that is not trusted stays so, and is not tried again.
//!
//! The wait for a rate limit is not counted, and not decided here: see the budget.

use std::time::Duration;

use http::{Method, StatusCode};

use super::config::Timing;
use super::error::Error;
use super::retry_after;

/// How often a GET that is refused with 403 is sent again: a new token takes seconds to spread.
const FORBIDDEN_RETRIES: u32 = 2;

/// What to do after an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Report it.
    GiveUp,
    /// Send the call again after this time.
    Backoff(Duration),
    /// Send the call again when the rate limit allows it.
    RateLimit,
}

/// The retries of one call.
#[derive(Debug)]
pub(super) struct Retries {
    /// How many there may be.
    most: u32,
    timing: Timing,
    used: u32,
    forbidden: u32,
}

impl Retries {
    pub(super) fn new(most: u32, timing: Timing) -> Self {
        Self {
            most,
            timing,
            used: 0,
            forbidden: 0,
        }
    }

    /// Decides what to do after a failed attempt; `jitter` is a random number from 0 to 1.
    pub(super) fn next(&mut self, error: &Error, jitter: f64) -> Next {
        let remedy = Remedy::of(error);
        if remedy == Remedy::RateLimit && self.most > 0 {
            return Next::RateLimit;
        }
        if self.used == self.most {
            return Next::GiveUp;
        }
        let wait = match remedy {
            Remedy::Backoff => backoff(&self.timing, self.used + 1 - self.forbidden, jitter),
            Remedy::Patience if self.forbidden < FORBIDDEN_RETRIES => {
                self.forbidden += 1;
                self.timing.forbidden_backoff.saturating_mul(self.forbidden)
            }
            _ => return Next::GiveUp,
        };
        self.used += 1;
        let asked = error.response().and_then(|response| response.retry_after);
        Next::Backoff(wait.max(asked.unwrap_or_default()))
    }
}

/// The wait after so many failures: doubled each time, and of each half is left to chance, lest
/// all who failed together come back together.
pub(super) fn backoff(timing: &Timing, failures: u32, jitter: f64) -> Duration {
    let doublings = failures.saturating_sub(1);
    let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
    let wait = timing.first_backoff.saturating_mul(factor);
    let half = wait.min(timing.longest_backoff).min(retry_after::LONGEST) / 2;
    half + half.mul_f64(jitter.clamp(0.0, 1.0))
}

/// What may help a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    Nothing,
    Backoff,
    /// A second or two.
    Patience,
    /// The end of the rate limit.
    RateLimit,
}

impl Remedy {
    fn of(error: &Error) -> Self {
        match error {
            Error::NoAnswer { source, .. } if source.is_lasting() || source.is_interrupted() => {
                Self::Nothing
            }
            Error::NoAnswer { call, source, .. } => {
                Self::backoff_if(source.is_before_sending() || call.method != Method::POST)
            }
            Error::Api { call, response, .. } => match response.status {
                StatusCode::TOO_MANY_REQUESTS => Self::RateLimit,
                StatusCode::FORBIDDEN if call.method == Method::GET => Self::Patience,
                StatusCode::REQUEST_TIMEOUT => Self::backoff_if(call.method != Method::POST),
                status if status.is_server_error() => Self::backoff_if(call.method != Method::POST),
                _ => Self::Nothing,
            },
            Error::Unreadable {
                call, broken_off, ..
            } => Self::backoff_if(*broken_off && call.method != Method::POST),
            _ => Self::Nothing,
        }
    }

    fn backoff_if(condition: bool) -> Self {
        if condition {
            Self::Backoff
        } else {
            Self::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::error::examples::{broken_off, no_answer, refused, unreadable};
    use super::*;

    const NO_JITTER: f64 = 1.0;

    fn retries(most: u32) -> Retries {
        Retries::new(most, Timing::default())
    }

    fn wait(milliseconds: u64) -> Next {
        Next::Backoff(Duration::from_millis(milliseconds))
    }

    fn retry_after(error: Error, seconds: u64) -> Error {
        let Error::Api {
            call,
            mut response,
            attempts,
        } = error
        else {
            panic!("only an answer can ask to wait");
        };
        response.retry_after = Some(Duration::from_secs(seconds));
        Error::Api {
            call,
            response,
            attempts,
        }
    }

    #[test]
    fn a_call_is_sent_again_if_that_may_help_and_cannot_harm() {
        let [get, post, put, patch, delete] = [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ];
        let methods = [&get, &post, &put, &patch, &delete];
        let (again, quick, limit, never) = (wait(500), wait(1000), Next::RateLimit, Next::GiveUp);
        let but_post = [again, never, again, again, again];
        let status = |status: u16| move |method: &Method| refused(method.clone(), status);
        type Failure<'a> = &'a dyn Fn(&Method) -> Error;
        let cases: [(Failure<'_>, [Next; 5]); 23] = [
            (&|method| no_answer(method.clone(), true), [again; 5]),
            (&|method| no_answer(method.clone(), false), but_post),
            (&|method| unreadable(method.clone()), [never; 5]),
            (&|method| broken_off(method.clone()), but_post),
            (&status(200), [never; 5]),
            (&status(301), [never; 5]),
            (&status(307), [never; 5]),
            (&status(400), [never; 5]),
            (&status(401), [never; 5]),
            (&status(403), [quick, never, never, never, never]),
            (&status(404), [never; 5]),
            (&status(405), [never; 5]),
            (&status(408), but_post),
            (&status(409), [never; 5]),
            (&status(413), [never; 5]),
            (&status(422), [never; 5]),
            (&status(425), [never; 5]),
            (&status(429), [limit; 5]),
            (&status(500), but_post),
            (&status(502), but_post),
            (&status(503), but_post),
            (&status(504), but_post),
            (&status(522), but_post),
        ];

        for (error, expected) in cases {
            let decided = methods.map(|method| retries(4).next(&error(method), NO_JITTER));

            assert_eq!(decided, expected, "{}", error(&get));
        }
    }

    #[test]
    fn no_retries_are_none_of_any_kind() {
        for status in [403, 408, 429, 500] {
            let error = refused(Method::GET, status);

            assert_eq!(retries(0).next(&error, NO_JITTER), Next::GiveUp, "{error}");
        }
    }

    #[test]
    fn waits_are_doubled_until_there_are_no_retries_left() {
        let error = refused(Method::GET, 503);
        let mut retries = retries(4);

        let decided = [(); 6].map(|()| retries.next(&error, NO_JITTER));

        let expected = [500, 1000, 2000, 4000].map(wait);
        assert_eq!(decided[..4], expected);
        assert_eq!(decided[4..], [Next::GiveUp, Next::GiveUp]);
    }

    #[test]
    fn a_403_is_tried_again_twice_and_soon() {
        let error = refused(Method::GET, 403);
        let mut retries = retries(4);

        let decided = [(); 3].map(|()| retries.next(&error, NO_JITTER));

        assert_eq!(decided, [wait(1000), wait(2000), Next::GiveUp]);
    }

    #[test]
    fn a_403_uses_up_retries_and_does_not_lengthen_backoff() {
        let (forbidden, unavailable) = (refused(Method::GET, 403), refused(Method::GET, 503));
        let mut retries = retries(2);

        let decided =
            [&forbidden, &unavailable, &unavailable].map(|error| retries.next(error, NO_JITTER));

        assert_eq!(decided, [wait(1000), wait(500), Next::GiveUp]);
    }

    #[test]
    fn waiting_for_the_rate_limit_uses_up_no_retry() {
        let (limited, unavailable) = (refused(Method::PUT, 429), refused(Method::PUT, 503));
        let mut retries = retries(1);

        for _ in 0..100 {
            assert_eq!(retries.next(&limited, NO_JITTER), Next::RateLimit);
        }

        assert_eq!(retries.next(&unavailable, NO_JITTER), wait(500));
        assert_eq!(retries.next(&unavailable, NO_JITTER), Next::GiveUp);
        assert_eq!(retries.next(&limited, NO_JITTER), Next::RateLimit);
    }

    #[test]
    fn retry_after_is_obeyed_in_full_and_never_shortens_a_wait() {
        for (status, seconds, expected) in [(503, 90, 90_000), (503, 0, 500), (403, 7, 7_000)] {
            let error = retry_after(refused(Method::GET, status), seconds);

            assert_eq!(retries(4).next(&error, NO_JITTER), wait(expected));
        }
    }

    #[test]
    fn half_of_a_wait_is_left_to_chance() {
        let timing = Timing::default();
        let cases = [
            (1, 0.0, 250),
            (1, 0.5, 375),
            (1, 1.0, 500),
            (3, 0.0, 1_000),
            (7, 1.0, 30_000),
            (u32::MAX, 0.0, 15_000),
        ];

        for (failures, jitter, expected) in cases {
            let wait = backoff(&timing, failures, jitter);

            assert_eq!(wait, Duration::from_millis(expected), "{failures} {jitter}");
        }
    }

    proptest! {
        #[test]
        fn a_call_is_sent_again_as_often_as_allowed_and_waits_are_bounded(
            most in 0..10_u32,
            statuses in proptest::collection::vec(prop_oneof![Just(403), Just(408), Just(503)], 0..40),
            jitter in any::<f64>().prop_filter("a number", |jitter| !jitter.is_nan()),
        ) {
            let mut retries = retries(most);
            let mut waits = Vec::new();

            for status in statuses {
                if let Next::Backoff(wait) = retries.next(&refused(Method::GET, status), jitter) {
                    waits.push(wait);
                }
            }

            prop_assert!(waits.len() <= most as usize);
            prop_assert!(waits.iter().all(|wait| *wait >= Duration::from_millis(250)));
            prop_assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(30)));
        }
    }
}
