//! Which failed requests are sent again, when, and how often. Pure.
//!
//! | outcome | GET | PUT, PATCH, DELETE | POST |
//! |---|---|---|---|
//! | not connected | retry | retry | retry |
//! | sent, but no complete answer | retry | retry | – |
//! | 408, 5xx | retry | retry | – |
//! | 429 | when the rate limit allows | same | same |
//! | 403 | twice | – | – |
//! | anything else | – | – | – |
//!
//! A POST is sent again only if the API cannot have acted on it: `create.rs` finds out whether a
//! webhook was stored. Waiting for the rate limit does not count as a retry.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, StatusCode, header};
use tokio::time::Instant;

use super::config::Timing;
use super::error::{Failure, FailureKind};
use super::http::{date, header_text};

/// Longest wait that a server is believed to ask for.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a GET answered with 403 is sent again: a new token takes seconds to spread.
const FORBIDDEN_RETRIES: u32 = 2;

/// The instant this time from now, in the range of every clock.
pub(super) fn deadline_after(time: Duration) -> Instant {
    const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    Instant::now() + time.min(FOREVER)
}

/// The `Retry-After` header (RFC 9110, section 10.2.3) as a time, at most [`MAX_WAIT`]. A date is
/// compared with the answer's own `Date`, since clocks differ, or else with `now`.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = header_text(headers, header::RETRY_AFTER)?;
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(value.parse().unwrap_or(u64::MAX)) // fails for too many digits only
    } else {
        let then = httpdate::parse_http_date(value).ok()?;
        let now = date(headers).unwrap_or(now);
        then.duration_since(now).unwrap_or_default() // zero if it has passed
    };
    Some(wait.min(MAX_WAIT))
}

/// The retries of one request.
pub(super) struct Retries {
    timing: Timing,
    max: u32,
    backoffs: u32,
    forbidden: u32,
}

impl Retries {
    /// At most `max` retries.
    pub(super) fn new(max: u32, timing: Timing) -> Self {
        Self {
            timing,
            max,
            backoffs: 0,
            forbidden: 0,
        }
    }

    /// How long to wait before a failed request is sent again; `None` if it is not. After a 429
    /// the rate limiter waits. `jitter` is a random number from 0 to 1.
    pub(super) fn next(&mut self, failed: &Failure, jitter: f64) -> Option<Duration> {
        use FailureKind::{Lost, NotConnected, Timeout};

        let is_idempotent = failed.call.method != Method::POST;
        let status = failed.status;
        if status == Some(StatusCode::TOO_MANY_REQUESTS) {
            return (self.max > 0).then_some(Duration::ZERO);
        }
        if self.backoffs + self.forbidden == self.max {
            return None;
        }
        let wait = match failed.kind {
            _ if status == Some(StatusCode::FORBIDDEN) => {
                if failed.call.method != Method::GET || self.forbidden == FORBIDDEN_RETRIES {
                    return None;
                }
                self.forbidden += 1;
                let first = self.timing.first_backoff;
                first.saturating_mul(2 * self.forbidden)
            }
            kind if kind == NotConnected || (is_idempotent && matches!(kind, Lost | Timeout)) => {
                self.backoffs += 1;
                backoff(&self.timing, self.backoffs, jitter)
            }
            _ => return None,
        };
        Some(wait.max(failed.retry_after.unwrap_or_default()))
    }
}

/// The wait after so many failures: doubled each time, and half of it random, so that requests
/// that failed together are not sent again together.
pub(super) fn backoff(timing: &Timing, failures: u32, jitter: f64) -> Duration {
    let factor = 2_u32.saturating_pow(failures.saturating_sub(1));
    let wait = timing.first_backoff.saturating_mul(factor);
    let half = wait.min(timing.longest_backoff).min(MAX_WAIT) / 2;
    half + half.mul_f64(jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::super::error::examples::{no_answer, refused, unreadable};
    use super::FailureKind::{Lost, NotConnected, Refused, Timeout, Unreadable};
    use super::*;

    const NO_JITTER: f64 = 1.0;

    fn retries(most: u32) -> Retries {
        Retries::new(most, Timing::default())
    }

    fn wait(milliseconds: u64) -> Option<Duration> {
        Some(Duration::from_millis(milliseconds))
    }

    fn asking_to_wait(mut failed: Failure, seconds: u64) -> Failure {
        failed.retry_after = Some(Duration::from_secs(seconds));
        failed
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
        let (again, quick, limit, never) = (wait(500), wait(1000), wait(0), None);
        let but_post = [again, never, again, again, again];
        let status = |status: u16| move |method: &Method| refused(method.clone(), status);
        type Failed<'a> = &'a dyn Fn(&Method) -> Failure;
        let cases: [(Failed<'_>, [Option<Duration>; 5]); 25] = [
            (
                &|method| no_answer(method.clone(), NotConnected),
                [again; 5],
            ),
            (&|method| no_answer(method.clone(), Lost), but_post),
            (&|method| no_answer(method.clone(), Timeout), but_post),
            (&|method| no_answer(method.clone(), Refused), [never; 5]),
            (&|method| unreadable(method.clone(), Unreadable), [never; 5]),
            (&|method| unreadable(method.clone(), Timeout), but_post),
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

            assert_eq!(retries(0).next(&error, NO_JITTER), None, "{error}");
        }
    }

    #[test]
    fn waits_are_doubled_until_there_are_no_retries_left() {
        let error = refused(Method::GET, 503);
        let mut retries = retries(4);

        let decided = [(); 6].map(|()| retries.next(&error, NO_JITTER));

        let expected = [500, 1000, 2000, 4000].map(wait);
        assert_eq!(decided[..4], expected);
        assert_eq!(decided[4..], [None, None]);
    }

    #[test]
    fn a_403_is_tried_again_twice_and_soon() {
        let error = refused(Method::GET, 403);
        let mut retries = retries(4);

        let decided = [(); 3].map(|()| retries.next(&error, NO_JITTER));

        assert_eq!(decided, [wait(1000), wait(2000), None]);
    }

    #[test]
    fn a_403_uses_up_retries_and_does_not_lengthen_backoff() {
        let (forbidden, unavailable) = (refused(Method::GET, 403), refused(Method::GET, 503));
        let mut retries = retries(2);

        let decided =
            [&forbidden, &unavailable, &unavailable].map(|error| retries.next(error, NO_JITTER));

        assert_eq!(decided, [wait(1000), wait(500), None]);
    }

    #[test]
    fn waiting_for_the_rate_limit_uses_up_no_retry() {
        let (limited, unavailable) = (refused(Method::PUT, 429), refused(Method::PUT, 503));
        let mut retries = retries(1);

        for _ in 0..100 {
            assert_eq!(retries.next(&limited, NO_JITTER), wait(0));
        }

        assert_eq!(retries.next(&unavailable, NO_JITTER), wait(500));
        assert_eq!(retries.next(&unavailable, NO_JITTER), None);
        assert_eq!(retries.next(&limited, NO_JITTER), wait(0));
    }

    #[test]
    fn retry_after_is_obeyed_in_full_and_never_shortens_a_wait() {
        for (status, seconds, expected) in [(503, 90, 90_000), (503, 0, 500), (403, 7, 7_000)] {
            let error = asking_to_wait(refused(Method::GET, status), seconds);

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
                if let Some(wait) = retries.next(&refused(Method::GET, status), jitter) {
                    waits.push(wait);
                }
            }

            prop_assert!(waits.len() <= most as usize);
            prop_assert!(waits.iter().all(|wait| *wait >= Duration::from_millis(250)));
            prop_assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(30)));
        }
    }

    /// 1994-11-06 08:49:37, the example of RFC 9110.
    const NOW: Duration = Duration::from_secs(784_111_777);

    fn wait_of(value: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        retry_after(&headers, SystemTime::UNIX_EPOCH + NOW)
    }

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("86400", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("1994-11-06T08:50:37Z", None),
            ("Sun, 06 Nov 1994 25:50:37 GMT", None),
        ];

        for (value, expected) in cases {
            let expected = expected.map(Duration::from_secs);

            assert_eq!(wait_of(value, None), expected, "{value:?}");
        }
    }

    #[test]
    fn a_date_is_compared_with_the_answers_own_date() {
        let value = "Sun, 06 Nov 1994 08:50:37 GMT";
        let cases = [
            (Some("Sun, 06 Nov 1994 08:50:07 GMT"), 30),
            (Some("Sun, 06 Nov 1994 09:00:00 GMT"), 0),
            (Some("no date"), 60),
            (None, 60),
        ];

        for (date, expected) in cases {
            let expected = Some(Duration::from_secs(expected));

            assert_eq!(wait_of(value, date), expected, "{date:?}");
        }
    }

    #[test]
    fn an_answer_that_asks_for_nothing_says_nothing() {
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }

    proptest! {
        #[test]
        fn any_value_is_read_without_a_panic_and_bounded(
            value in any_value(),
            date in any_value(),
            now in any::<u32>(),
        ) {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, value), (header::DATE, date)]);
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now.into());

            let wait = retry_after(&headers, now);

            prop_assert!(wait.is_none_or(|wait| wait <= MAX_WAIT));
        }
    }

    fn any_value() -> impl Strategy<Value = HeaderValue> {
        let bytes = proptest::collection::vec(any::<u8>(), 0..40);
        let date = "(Sun|Mon|Sunday), ?[0-9]{1,2}[ -](Nov|Feb|xyz)[ -][0-9]{2,5} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT";
        prop_oneof![
            bytes.prop_filter_map("a header", |bytes| HeaderValue::from_bytes(&bytes).ok()),
            "[0-9 ]{0,30}".prop_filter_map("a header", |text| HeaderValue::try_from(text).ok()),
            date.prop_filter_map("a header", |text| HeaderValue::try_from(text).ok()),
        ]
    }
}
