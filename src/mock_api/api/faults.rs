//! Answers requests that meet a fault.

use super::envelope::{self, ApiError};
use crate::mock_api::model::faults::{Effect, Fault};
use crate::mock_api::state::AppState;
use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use std::io;

/// The pieces in which a huge body is sent.
static FILLER: [u8; 64 * 1024] = [b'x'; 64 * 1024];

const HUGE_START: &[u8] = br#"{"success":true,"data":""#;
const HUGE_END: &[u8] = br#""}"#;

/// Answers a request with its fault. `act` is the API's own answer; it changes the store when it
/// is awaited, which happens at most once.
pub(crate) async fn respond_with_fault(
    fault: Fault,
    act: impl Future<Output = Response>,
    state: &AppState,
) -> Response {
    if let Effect::DelayRequest(delay) = fault.effect {
        tokio::time::sleep(delay).await;
    }
    let answer = match (fault.stores, &fault.effect) {
        (true, _) | (_, Effect::Truncate(_) | Effect::DelayAnswer(_) | Effect::DelayRequest(_)) => {
            Some(act.await)
        }
        _ => None,
    };
    let mut response = match (fault.effect, answer) {
        (Effect::Truncate(length), Some(answer)) => truncated(answer, length).await,
        (Effect::DelayAnswer(delay), Some(answer)) => {
            tokio::time::sleep(delay).await;
            answer
        }
        (Effect::DelayRequest(_), Some(answer)) => answer,
        (Effect::Refuse(status), _) => {
            let mut error = ApiError::plain(status);
            error.code = fault.code.unwrap_or(error.code);
            error.message = fault.message.unwrap_or(error.message);
            match fault.shape {
                Some(shape) => envelope::error_in(shape, error),
                None => envelope::error(error, &state.lock().quirks),
            }
        }
        (Effect::Raw { status, body }, _) => envelope::raw(status, body),
        (Effect::Huge(length), _) => huge(length),
        // Effects of an answer always have one, so what is left is `Drop`.
        _ => envelope::close_connection(),
    };
    // In place of headers of the same name, such as the content type of JSON.
    response.headers_mut().extend(fault.headers);
    response
}

/// A JSON document of `length` bytes in chunks, made while it is sent.
fn huge(length: usize) -> Response {
    let filler = length.saturating_sub(HUGE_START.len() + HUGE_END.len());
    let pieces = stream::unfold(filler, |left| async move {
        let piece = FILLER.get(..left.min(FILLER.len()))?;
        (left > 0).then(|| (Bytes::from_static(piece), left - piece.len()))
    });
    let body = stream::iter([Bytes::from_static(HUGE_START)])
        .chain(pieces)
        .chain(stream::iter([Bytes::from_static(HUGE_END)]))
        .map(Ok::<_, io::Error>);
    let mut response = Response::new(Body::from_stream(body));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// The answer with its full `Content-Length` and at most `length` bytes of its body.
async fn truncated(response: Response, length: usize) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return envelope::raw(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new());
    };
    let cut = async {
        // hyper discards what it has not written when a body fails: let it write first.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    };
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    let sent = Ok(body.slice(..length.min(body.len())));
    let sent = stream::iter([sent]).chain(stream::once(cut));
    Response::from_parts(parts, Body::from_stream(sent))
}
