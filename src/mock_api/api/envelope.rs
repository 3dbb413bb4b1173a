//! The shapes of answers: success in three envelopes, errors in three.

use crate::mock_api::model::quirks::{Envelope, ErrorShape, Quirks};
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use std::fmt::Display;

pub(crate) type Outcome = Result<Success, ApiError>;

/// What a route answers to a request that succeeded.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    /// `None` is an answer without a body.
    pub(crate) data: Option<Value>,
    pub(crate) paging: Option<Value>,
}

impl Success {
    pub(crate) fn ok(data: Value) -> Self {
        Self::new(StatusCode::OK, data)
    }

    pub(crate) fn new(status: StatusCode, data: Value) -> Self {
        Self {
            status,
            data: Some(data),
            paging: None,
        }
    }

    pub(crate) fn without_body(status: StatusCode) -> Self {
        Self {
            status,
            data: None,
            paging: None,
        }
    }
}

/// An error that the API answers.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) by: Origin,
    pub(crate) retry_after: Option<HeaderValue>,
}

/// Which part answers the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// RealtimeKit itself.
    Service,
    /// Cloudflare's gateway in front of it.
    Edge,
}

impl ApiError {
    /// An error that says no more than its status, of the part that usually answers it.
    pub(crate) fn plain(status: StatusCode) -> Self {
        let message = status.canonical_reason().unwrap_or("Unknown");
        match status.as_u16() {
            400 | 404 | 409 | 422 => Self::service(status, message),
            code => Self::edge(status, code.into(), message),
        }
    }

    /// An error of RealtimeKit, whose code is the status.
    pub(crate) fn service(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            by: Origin::Service,
            ..Self::edge(status, status.as_u16().into(), message)
        }
    }

    pub(crate) fn edge(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            by: Origin::Edge,
            retry_after: None,
        }
    }
}

/// An error in the words that the documentation shows.
pub(crate) fn bad_request(what: impl Display) -> ApiError {
    ApiError::service(StatusCode::BAD_REQUEST, format!("BAD_REQUEST: {what}"))
}

/// Marks an answer that is never sent: the connection is closed instead.
#[derive(Clone)]
struct CloseConnection;

/// No answer: the server closes the connection.
pub(crate) fn close_connection() -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(CloseConnection);
    response
}

pub(crate) fn closes_connection(response: &Response) -> bool {
    response.extensions().get::<CloseConnection>().is_some()
}

pub(crate) fn raw(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = raw(status, body.to_string().into());
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

pub(crate) fn success(success: Success, quirks: &Quirks) -> Response {
    let Some(data) = success.data else {
        return raw(success.status, Bytes::new());
    };
    let mut body = match quirks.envelope {
        Envelope::Data => json!({"success": true, "data": data}),
        Envelope::ResultData => json!({"success": true, "result": {"data": data}}),
        Envelope::Result => {
            json!({"success": true, "result": data, "errors": [], "messages": []})
        }
    };
    if let Some(paging) = success.paging {
        match quirks.envelope {
            Envelope::ResultData => body["result"]["paging"] = paging,
            Envelope::Data | Envelope::Result => body["paging"] = paging,
        }
    }
    json(success.status, &body)
}

pub(crate) fn error(error: ApiError, quirks: &Quirks) -> Response {
    let shape = match error.by {
        Origin::Service => quirks.service_errors,
        Origin::Edge => quirks.edge_errors,
    };
    error_in(shape, error)
}

pub(crate) fn error_in(shape: ErrorShape, error: ApiError) -> Response {
    let (code, message) = (error.code, error.message);
    let body = match shape {
        ErrorShape::Documented => {
            json!({"success": false, "error": {"code": code, "message": message}})
        }
        ErrorShape::Gateway => json!({
            "success": false,
            "errors": [{"code": code, "message": message}],
            "messages": [],
            "result": null,
        }),
        ErrorShape::Message => json!({"message": message}),
    };
    let mut response = json(error.status, &body);
    let retry_after = error.retry_after.map(|value| (RETRY_AFTER, value));
    response.headers_mut().extend(retry_after);
    response
}
