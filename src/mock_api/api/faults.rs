//! Answers requests that meet a fault.

use super::envelope::ApiError;
use crate::mock_api::model::faults::{Effect, Fault};
use crate::mock_api::state::AppState;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use std::{io, iter};

/// The pieces in which a huge body is sent.
static FILLER: [u8; 64 * 1024] = [b'x'; 64 * 1024];

const HUGE_START: &[u8] = br#"{"success":true,"data":""#;
const HUGE_END: &[u8] = br#""}"#;

/// Marks an answer that is never sent: the server closes the connection instead.
#[derive(Clone)]
struct CloseConnection;

pub(crate) fn closes_connection(response: &Response) -> bool {
    response.extensions().get::<CloseConnection>().is_some()
}

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
            error.respond(&state.lock().quirks)
        }
        (Effect::Raw(status, body), _) => (status, Body::from(body)).into_response(),
        (Effect::Huge(length), _) => huge(length),
        // Effects of an answer always have one, so what is left is `Drop`.
        _ => Extension(CloseConnection).into_response(),
    };
    // In place of headers of the same name, such as the content type of JSON.
    response.headers_mut().extend(fault.headers);
    response
}

/// A JSON document of `length` bytes in chunks, made while it is sent.
fn huge(length: usize) -> Response {
    let filler = length.saturating_sub(HUGE_START.len() + HUGE_END.len());
    let (whole, rest) = (filler / FILLER.len(), filler % FILLER.len());
    let pieces = iter::once(HUGE_START)
        .chain(iter::repeat_n(&FILLER[..], whole))
        .chain([&FILLER[..rest], HUGE_END]);
    let pieces = pieces.map(|piece| Ok::<_, io::Error>(Bytes::from_static(piece)));
    let json = [(CONTENT_TYPE, "application/json")];
    (json, Body::from_stream(stream::iter(pieces))).into_response()
}

/// The answer with its full `Content-Length` and at most `length` bytes of its body.
async fn truncated(answer: Response, length: usize) -> Response {
    let (mut parts, body) = answer.into_parts();
    // The body of an answer of the API is in memory, so this does not fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
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
