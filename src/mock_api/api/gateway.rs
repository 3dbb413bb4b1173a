//! What Cloudflare's gateway does in front of RealtimeKit: token and rate limit.

use super::envelope::ApiError;
use crate::mock_api::model::quirks::ErrorShape;
use crate::mock_api::model::rate_limit::DOCUMENTED;
use crate::mock_api::model::store::now;
use crate::mock_api::state::AppState;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use std::time::Duration;
use tokio::time::Instant;

/// Counts a request; the answer is that to a request which does not reach the service.
pub(crate) fn refuse(state: &AppState, headers: &HeaderMap) -> Option<Response> {
    let has_token = state.has_token(headers);
    let mut state = state.lock();
    let quirks = state.quirks;
    if !has_token {
        // The documentation and the gateway have different words.
        let message = match quirks.edge_errors {
            ErrorShape::Gateway => "Authentication error",
            ErrorShape::Documented | ErrorShape::Message => "Unauthorized",
        };
        let error = ApiError::edge(StatusCode::UNAUTHORIZED, 10000, message);
        return Some(error.respond(&quirks));
    }
    let wait = state
        .rate
        .count(&quirks.rate_limit?, Instant::now())
        .err()?;
    let message = "Please wait and consider throttling your request speed";
    let error = ApiError::edge(StatusCode::TOO_MANY_REQUESTS, 971, message);
    let retry_after = [(RETRY_AFTER, whole_seconds(wait).to_string())];
    Some((retry_after, error.respond(&quirks)).into_response())
}

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
