//! What an answer says about the rate limit. Pure.
//!
//! Cloudflare sends `Ratelimit: "default";r=<left>;t=<seconds>` and
//! `Ratelimit-Policy: "burst";q=<quota>;w=<window>`, lists of structured fields as in
//! draft-ietf-httpapi-ratelimit-headers. Only their parameters are looked at: the names of the
//! two headers need not agree.

use std::time::Duration;

use http::HeaderMap;

use super::retry_after;

/// How many more requests are allowed for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RateLimit {
    /// Requests left in the current window.
    pub(super) left: u32,
    /// Time until the current window ends.
    pub(super) time: Duration,
    /// Requests allowed in a whole window, if the answer says.
    pub(super) quota: Option<u32>,
    /// Length of a window; what is known of it, if the answer does not say.
    pub(super) window: Duration,
}

/// The rate limit that an answer tells: of several, the one that leaves the fewest requests.
pub(super) fn rate_limit(headers: &HeaderMap) -> Option<RateLimit> {
    let policy = least(headers, "ratelimit-policy", 'q');
    let window = policy.as_ref().and_then(|(_, policy)| policy.get('w'));
    let window = window.map(bounded);
    let (left, limit) = least(headers, "ratelimit", 'r')?;
    let time = limit.get('t').map(bounded).or(window)?;
    Some(RateLimit {
        left: saturated(left),
        time,
        quota: policy.map(|(quota, _)| saturated(quota)),
        window: window.unwrap_or(time),
    })
}

/// The item of a list whose parameter of this name is the least, and that parameter.
fn least(headers: &HeaderMap, header: &str, name: char) -> Option<(u64, Item)> {
    let items = items(headers, header).into_iter();
    items
        .filter_map(|item| Some((item.get(name)?, item)))
        .min_by_key(|(value, _)| *value)
}

/// The parameters of one item of a list.
struct Item(Vec<(char, u64)>);

impl Item {
    fn get(&self, name: char) -> Option<u64> {
        let parameter = self.0.iter().find(|(known, _)| *known == name);
        parameter.map(|(_, value)| *value)
    }
}

fn items(headers: &HeaderMap, header: &str) -> Vec<Item> {
    headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| Item(item.split(';').filter_map(parameter).collect()))
        .collect()
}

/// A parameter whose name is one letter and whose value is a whole number.
fn parameter(text: &str) -> Option<(char, u64)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim().parse::<char>().ok()?;
    Some((name.to_ascii_lowercase(), value.trim().parse().ok()?))
}

fn bounded(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(retry_after::LONGEST)
}

fn saturated(requests: u64) -> u32 {
    requests.try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn told_by(limit: &str, policy: &str) -> Option<(u32, u64, Option<u32>, u64)> {
        let mut headers = HeaderMap::new();
        for (name, value) in [("ratelimit", limit), ("ratelimit-policy", policy)] {
            if !value.is_empty() {
                headers.append(name, value.parse().unwrap());
            }
        }
        let limit = rate_limit(&headers)?;
        let (time, window) = (limit.time.as_secs(), limit.window.as_secs());
        Some((limit.left, time, limit.quota, window))
    }

    #[test]
    fn the_headers_of_cloudflare_are_read_leniently() {
        let policy = r#""burst";q=1200;w=300"#;
        let cases = [
            (
                r#""default";r=50;t=30"#,
                policy,
                Some((50, 30, Some(1200), 300)),
            ),
            (
                r#""default"; R = 50 ; T = 30 ;x"#,
                policy,
                Some((50, 30, Some(1200), 300)),
            ),
            (r#""default";r=50;t=30"#, "", Some((50, 30, None, 30))),
            (
                r#""default";r=50"#,
                policy,
                Some((50, 300, Some(1200), 300)),
            ),
            (r#""default";r=50"#, "", None),
            ("r=0;t=0", "q=10", Some((0, 0, Some(10), 0))),
            (
                r#""a";r=50;t=30, "b";r=7;t=9"#,
                policy,
                Some((7, 9, Some(1200), 300)),
            ),
            (
                r#""a";t=30, "b";r=7;t=9"#,
                policy,
                Some((7, 9, Some(1200), 300)),
            ),
            (
                "r=5;t=1",
                r#""a";q=100;w=60, "b";q=10;w=1"#,
                Some((5, 1, Some(10), 1)),
            ),
            (
                "r=99999999999;t=99999999999",
                "",
                Some((u32::MAX, 86_400, None, 86_400)),
            ),
            ("", policy, None),
            ("r=-1;t=3", policy, None),
            ("r=1.5;t=3", policy, None),
            ("50", policy, None),
            (";;,,==;r", policy, None),
        ];

        for (limit, policy, expected) in cases {
            assert_eq!(told_by(limit, policy), expected, "{limit} {policy}");
        }
    }

    proptest! {
        #[test]
        fn any_value_is_read_without_a_panic_and_bounded(
            limit in "([a-z\",;= ]|[rtqw]=[0-9]{0,25}|.){0,20}",
            policy in "([a-z\",;= ]|[rtqw]=[0-9]{0,25}|.){0,20}",
        ) {
            let value = |text: &str| HeaderValue::from_bytes(text.as_bytes());
            let (Ok(limit), Ok(policy)) = (value(&limit), value(&policy)) else {
                return Ok(());
            };
            let mut headers = HeaderMap::new();
            headers.insert("ratelimit", limit);
            headers.insert("ratelimit-policy", policy);

            let told = rate_limit(&headers);

            let longest = retry_after::LONGEST;
            prop_assert!(told.is_none_or(|told| told.time <= longest && told.window <= longest));
        }
    }
}
