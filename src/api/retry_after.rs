//! The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date. Pure.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, header};

/// Longest wait that a server is believed to ask for.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an answer asks to wait, at most [`LONGEST`]; nothing for what is neither seconds
/// nor a date.
///
/// A date is compared with the answer's own `Date`, since clocks differ, or else with `now`.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?;
    let wait = match seconds(value) {
        Some(seconds) => Duration::from_secs(seconds),
        None => {
            let then = date(value)?;
            let now = text(headers, header::DATE).and_then(date).unwrap_or(now);
            then.duration_since(now).unwrap_or(Duration::ZERO) // over already
        }
    };
    Some(wait.min(LONGEST))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

fn seconds(value: &str) -> Option<u64> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(u64::MAX)) // the only digits that are no number
}

fn date(value: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(value).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

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

            prop_assert!(wait.is_none_or(|wait| wait <= LONGEST));
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
