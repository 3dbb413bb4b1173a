//! What Cloudflare's gateway does in front of RealtimeKit: token, rate limit, permission.

use super::envelope::ApiError;
use crate::mock_api::model::quirks::{ErrorShape, RetryAfter};
use crate::mock_api::model::rate_limit::DOCUMENTED;
use crate::mock_api::model::store::now;
use crate::mock_api::state::MockState;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;
use tokio::time::Instant;

const HTTP_DATE: &[FormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// Checks whether a request reaches the service, and counts it.
pub(crate) fn admit(state: &mut MockState, headers: &HeaderMap) -> Result<(), ApiError> {
    if !state.has_token(headers) {
        // The documentation and the gateway have different words.
        let message = match state.quirks.edge_errors {
            ErrorShape::Gateway => "Authentication error",
            ErrorShape::Documented | ErrorShape::Message => "Unauthorized",
        };
        return Err(ApiError::edge(StatusCode::UNAUTHORIZED, 10000, message));
    }
    if let Some(limit) = state.quirks.rate_limit {
        let counted = state.rate.count(&limit, Instant::now());
        counted.map_err(|wait| too_many_requests(state.quirks.retry_after, wait))?;
    }
    state.admitted = state.admitted.saturating_add(1);
    if state.admitted <= state.quirks.forbidden_calls {
        let message = "Unauthorized to access requested resource";
        return Err(ApiError::edge(StatusCode::FORBIDDEN, 9109, message));
    }
    Ok(())
}

fn too_many_requests(retry_after: RetryAfter, wait: Duration) -> ApiError {
    let message = "Please wait and consider throttling your request speed";
    let retry_after = match retry_after {
        RetryAfter::Seconds => Some(whole_seconds(wait).to_string()),
        RetryAfter::HttpDate => http_date_in(wait),
        RetryAfter::Missing => None,
    };
    ApiError {
        retry_after: retry_after.and_then(|value| value.try_into().ok()),
        ..ApiError::edge(StatusCode::TOO_MANY_REQUESTS, 971, message)
    }
}

/// `Ratelimit` and `Ratelimit-Policy`, if the API sends them.
pub(crate) fn rate_limit_headers(state: &mut MockState) -> Vec<(HeaderName, HeaderValue)> {
    if !state.quirks.ratelimit_headers {
        return Vec::new();
    }
    let limit = state.quirks.rate_limit.unwrap_or(DOCUMENTED);
    let (left, time) = match state.quirks.rate_limit {
        Some(limit) => state.rate.left(&limit, Instant::now()),
        None => (limit.requests, limit.window),
    };
    let current = format!("\"default\";r={left};t={}", whole_seconds(time));
    let window = limit.window.as_secs();
    let policy = format!("\"burst\";q={};w={window}", limit.requests);
    [("ratelimit", current), ("ratelimit-policy", policy)]
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::from_static(name), value.try_into().ok()?)))
        .collect()
}

/// Rounded up, so that a client that waits this long has waited long enough.
fn whole_seconds(duration: Duration) -> u64 {
    let started = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(started)
}

/// The first whole second that is not before the end of `wait`; `None` if it is out of range.
fn http_date_in(wait: Duration) -> Option<String> {
    let round_up = time::Duration::nanoseconds(999_999_999);
    let end = now().checked_add(wait.try_into().ok()?)?;
    http_date(end.checked_add(round_up)?)
}

fn http_date(time: OffsetDateTime) -> Option<String> {
    time.format(HTTP_DATE).ok()
}

/// The `Date` of an answer: like times of creation, by a clock that tests may pause.
pub(crate) fn date() -> Option<HeaderValue> {
    http_date(now())?.try_into().ok()
}
