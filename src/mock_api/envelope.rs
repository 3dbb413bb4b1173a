//! The shapes of answers: success in three envelopes, errors in three.

use super::quirk_values::{Envelope, ErrorShape};
use super::quirks::Quirks;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

/// What a route has to say when all is well.
#[derive(Debug)]
pub(super) struct Success {
    pub(super) status: StatusCode,
    /// `None` is an answer without a body.
    pub(super) data: Option<Value>,
    pub(super) paging: Option<Value>,
}

impl Success {
    pub(super) fn new(status: StatusCode, data: Value) -> Self {
        Self {
            status,
            data: Some(data),
            paging: None,
        }
    }

    pub(super) fn without_body(status: StatusCode) -> Self {
        Self {
            status,
            data: None,
            paging: None,
        }
    }
}

/// What there is to say when a request is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: u32,
    pub(super) message: String,
    pub(super) by: Origin,
    pub(super) retry_after: Option<HeaderValue>,
}

/// Who refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// RealtimeKit itself.
    Service,
    /// Cloudflare's gateway in front of it.
    Edge,
}

impl Origin {
    /// Who usually refuses with this status.
    fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            400 | 404 | 409 | 422 => Self::Service,
            _ => Self::Edge,
        }
    }
}

impl Refusal {
    /// A refusal that says no more than its status.
    pub(super) fn plain(status: StatusCode) -> Self {
        Self {
            by: Origin::of(status),
            ..Self::service(status, status.canonical_reason().unwrap_or("Unknown"))
        }
    }

    /// RealtimeKit's code is the status again.
    pub(super) fn service(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code: status.as_u16().into(),
            message: message.into(),
            by: Origin::Service,
            retry_after: None,
        }
    }

    pub(super) fn edge(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            by: Origin::Edge,
            retry_after: None,
        }
    }
}

/// A whole answer, ready to be sent.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn raw(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }

    pub(super) fn success(success: Success, quirks: &Quirks) -> Self {
        let Some(data) = success.data else {
            return Self::raw(success.status, HeaderMap::new(), Bytes::new());
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
        Self::json(success.status, &body)
    }

    pub(super) fn refusal(refusal: Refusal, quirks: &Quirks) -> Self {
        let shape = match refusal.by {
            Origin::Service => quirks.service_errors,
            Origin::Edge => quirks.edge_errors,
        };
        Self::refusal_in(shape, refusal)
    }

    pub(super) fn refusal_in(shape: ErrorShape, refusal: Refusal) -> Self {
        let (code, message) = (refusal.code, refusal.message);
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
        let retry_after = refusal.retry_after.map(|value| (RETRY_AFTER, value));
        let mut answer = Self::json(refusal.status, &body);
        answer.headers.extend(retry_after);
        answer
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self::raw(
            status,
            HeaderMap::from_iter([json]),
            body.to_string().into(),
        )
    }
}
