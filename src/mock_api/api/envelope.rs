//! What routes take and answer, and the shapes of answers: three envelopes, three errors.

use crate::mock_api::model::quirks::{Envelope, ErrorShape, Quirks};
use crate::mock_api::model::store::AppKey;
use axum::body::Bytes;
use axum::extract::Json;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use serde_json::{Value, json};
use std::fmt::Display;

/// A request to one of the routes; what its path does not have is empty.
pub(crate) struct ApiRequest {
    pub(crate) app: AppKey,
    pub(crate) id: String,
    pub(crate) uri: Uri,
    pub(crate) body: Bytes,
}

/// What a route answers: status and documented body, which is null for none.
pub(crate) type Outcome = Result<(StatusCode, Value), ApiError>;

/// An error that the API answers.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: u32,
    pub(crate) message: String,
    /// Whether Cloudflare's gateway answers it, in front of RealtimeKit.
    is_edge: bool,
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
            is_edge: false,
            ..Self::edge(status, status.as_u16().into(), message)
        }
    }

    pub(crate) fn edge(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            is_edge: true,
        }
    }

    /// The error in the shape that the quirks give it.
    pub(crate) fn respond(self, quirks: &Quirks) -> Response {
        let shape = match self.is_edge {
            true => quirks.edge_errors,
            false => quirks.service_errors,
        };
        let (code, message) = (self.code, self.message);
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
        (self.status, Json(body)).into_response()
    }
}

/// An error in the words that the documentation shows.
pub(crate) fn bad_request(what: impl Display) -> ApiError {
    ApiError::service(StatusCode::BAD_REQUEST, format!("BAD_REQUEST: {what}"))
}

pub(crate) fn respond(outcome: Outcome, quirks: &Quirks) -> Response {
    let (status, mut body) = match outcome {
        Ok((status, Value::Null)) => return status.into_response(),
        Ok(success) => success,
        Err(error) => return error.respond(quirks),
    };
    match quirks.envelope {
        Envelope::Data => (),
        Envelope::ResultData => body = json!({"result": body}),
        Envelope::Result => {
            let mut usual = json!({"result": body["data"].take(), "errors": [], "messages": []});
            if let Some(paging) = body.get_mut("paging") {
                usual["paging"] = paging.take();
            }
            body = usual;
        }
    }
    body["success"] = json!(true);
    (status, Json(body)).into_response()
}
