//! What Cloudflare's gateway does in front of RealtimeKit: token, rate limit, permission.

use super::envelope::ApiError;
use crate::mock_api::model::quirks::{ErrorShape, Quirks, RetryAfter};
use crate::mock_api::model::rate_limit::DOCUMENTED;
use crate::mock_api::model::store::now;
use crate::mock_api::state::AppState;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Counts a request; the answer is that to a request which does not reach the service.
pub(crate) fn refuse(state: &AppState, headers: &HeaderMap) -> Option<Response> {
    let has_token = state.has_token(headers);
    let mut state = state.lock();
    let quirks = state.quirks.clone();
    if !has_token {
        // The documentation and the gateway have different words.
        let message = match quirks.edge_errors {
            ErrorShape::Gateway => "Authentication error",
            ErrorShape::Documented | ErrorShape::Message => "Unauthorized",
        };
        let error = ApiError::edge(StatusCode::UNAUTHORIZED, 10000, message);
        return Some(error.respond(&quirks));
    }
    if let Some(limit) = quirks.rate_limit
        && let Err(wait) = state.rate.count(&limit, Instant::now())
    {
        return Some(too_many_requests(&quirks, wait));
    }
    state.admitted = state.admitted.saturating_add(1);
    (state.admitted <= quirks.forbidden_calls).then(|| {
        let message = "Unauthorized to access requested resource";
        ApiError::edge(StatusCode::FORBIDDEN, 9109, message).respond(&quirks)
    })
}

fn too_many_requests(quirks: &Quirks, wait: Duration) -> Response {
    let message = "Please wait and consider throttling your request speed";
    let error = ApiError::edge(StatusCode::TOO_MANY_REQUESTS, 971, message);
    let retry_after = match quirks.retry_after {
        RetryAfter::Seconds => Some(whole_seconds(wait).to_string()),
        RetryAfter::HttpDate => {
            let rounded_up = SystemTime::from(now()) + Duration::from_nanos(999_999_999);
            let end = rounded_up + wait.min(LONGEST_DATED_WAIT);
            Some(httpdate::fmt_http_date(end))
        }
        RetryAfter::Missing => None,
    };
    let retry_after = retry_after.map(|value| [(RETRY_AFTER, value)]);
    (retry_after, error.respond(quirks)).into_response()
}

/// A century: an HTTP-date ends with the year 9999.
const LONGEST_DATED_WAIT: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// `Ratelimit` and `Ratelimit-Policy`, if the API sends them.
pub(crate) fn rate_limit_headers(state: &AppState) -> Option<[(&'static str, String); 2]> {
    let mut state = state.lock();
    let limit = state.quirks.rate_limit.unwrap_or(DOCUMENTED);
    let (left, time) = match state.quirks.rate_limit {
        Some(limit) => state.rate.left(&limit, Instant::now()),
        None => (limit.requests, limit.window),
    };
    let current = format!("\"default\";r={left};t={}", whole_seconds(time));
    let window = limit.window.as_secs();
    let policy = format!("\"burst\";q={};w={window}", limit.requests);
    let headers = [("ratelimit", current), ("ratelimit-policy", policy)];
    state.quirks.ratelimit_headers.then_some(headers)
}

/// The `Date` of an answer: like times of creation, by a clock that tests may pause.
pub(crate) fn date() -> String {
    httpdate::fmt_http_date(now().into())
}

/// Rounded up, so that a client that waits this long has waited long enough.
fn whole_seconds(duration: Duration) -> u64 {
    let started = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(started)
}
