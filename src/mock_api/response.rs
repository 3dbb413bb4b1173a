//! Answers as they go over the wire, and what faults make of them.

use super::envelope::{Answer, Refusal};
use super::faults::{Effect, Fault};
use super::quirk_values::ErrorShape;
use super::server::Shared;
use super::service::Request;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use std::io;

/// The body of any response; an error in it ends the connection.
pub(super) type Body = BoxBody<Bytes, io::Error>;

/// The pieces in which a huge body is sent.
static FILLER: [u8; 64 * 1024] = [b'x'; 64 * 1024];

const HUGE_START: &[u8] = br#"{"success":true,"data":""#;
const HUGE_END: &[u8] = br#""}"#;

/// The answer as it is.
pub(super) fn whole(answer: Answer) -> Response<Body> {
    let body = Full::new(answer.body).map_err(|never| match never {});
    with_body(answer.status, answer.headers, body.boxed())
}

/// What a request gets that meets a fault; an error closes the connection.
pub(super) async fn faulty(
    fault: Fault,
    request: &Request,
    shared: &Shared,
) -> io::Result<Response<Body>> {
    let act = || shared.service().answer(request);
    if fault.stores {
        act();
    }
    let mut response = match fault.effect {
        Effect::Refuse {
            status,
            shape,
            code,
            message,
        } => {
            let mut refusal = Refusal::plain(status);
            refusal.code = code.unwrap_or(refusal.code);
            refusal.message = message.unwrap_or(refusal.message);
            whole(refuse(refusal, shape, shared))
        }
        Effect::Raw { status, body } => whole(Answer::raw(status, HeaderMap::new(), body)),
        Effect::Huge(length) => huge(length),
        Effect::Truncate(length) => truncated(act(), length),
        Effect::DelayAnswer(delay) => {
            let answer = act();
            tokio::time::sleep(delay).await;
            whole(answer)
        }
        Effect::DelayRequest(delay) => {
            tokio::time::sleep(delay).await;
            whole(act())
        }
        Effect::Drop => return Err(io::ErrorKind::ConnectionAborted.into()),
    };
    // In place of headers of the same name, such as the content type of JSON.
    response.headers_mut().extend(fault.headers);
    Ok(response)
}

fn refuse(refusal: Refusal, shape: Option<ErrorShape>, shared: &Shared) -> Answer {
    match shape {
        Some(shape) => Answer::refusal_in(shape, refusal),
        None => Answer::refusal(refusal, &shared.service().quirks),
    }
}

/// A JSON document of `length` bytes in chunks, made while it is sent.
fn huge(length: usize) -> Response<Body> {
    let filler = length.saturating_sub(HUGE_START.len() + HUGE_END.len());
    let pieces = stream::unfold(filler, |left| async move {
        let piece = FILLER.get(..left.min(FILLER.len()))?;
        (left > 0).then(|| (Bytes::from_static(piece), left - piece.len()))
    });
    let body = stream::iter([Bytes::from_static(HUGE_START)])
        .chain(pieces)
        .chain(stream::iter([Bytes::from_static(HUGE_END)]))
        .map(|piece| Ok(Frame::data(piece)));
    let body = BodyExt::boxed(StreamBody::new(body));
    with_body(StatusCode::OK, json_headers(), body)
}

/// The answer with its full `Content-Length` and not more than `length` bytes of its body.
fn truncated(answer: Answer, length: usize) -> Response<Body> {
    let promised = answer.body.len();
    let sent = answer.body.slice(..length.min(promised));
    let cut = async {
        // hyper forgets what it has not yet written when a body fails: let it write first.
        tokio::task::yield_now().await;
        Err(io::ErrorKind::ConnectionAborted.into())
    };
    let body = stream::iter([Ok(Frame::data(sent))]).chain(stream::once(cut));
    let mut headers = answer.headers;
    headers.insert(CONTENT_LENGTH, HeaderValue::from(promised));
    with_body(
        answer.status,
        headers,
        BodyExt::boxed(StreamBody::new(body)),
    )
}

fn json_headers() -> HeaderMap {
    let json = HeaderValue::from_static("application/json");
    HeaderMap::from_iter([(CONTENT_TYPE, json)])
}

fn with_body(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
