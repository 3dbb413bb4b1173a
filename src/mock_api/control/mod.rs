//! The page at `/`, and below `/mock/` what drives the server from outside of Rust.
//!
//! None of it is in the log of calls, and no fault or rate limit is for it.

mod access;
mod page;
mod views;
mod webhooks;

pub(super) use access::Access;

use super::DEFAULT_TOKEN;
use super::delivery::{self, DeliverError};
use super::envelope::Answer;
use super::fault_rule::FaultRule;
use super::server::Shared;
use super::service::Request;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// What there is below `/mock/`, and what each does.
pub const ENDPOINTS: [(&str, &str); 15] = [
    ("GET /mock/state", "all that the page shows"),
    ("GET /mock/calls", "the requests to the API"),
    ("DELETE /mock/calls", "forget them"),
    ("GET /mock/faults", "the faults that are still to come"),
    (
        "POST /mock/faults",
        "add one: {\"fault\": \"429\", \"times\": 3}",
    ),
    ("DELETE /mock/faults", "call them off"),
    ("GET /mock/quirks", "how the API behaves"),
    ("PATCH /mock/quirks", "change it: {\"unique-url\": false}"),
    ("POST /mock/webhooks", "add a webhook behind the API's back"),
    ("PATCH /mock/webhooks/ID", "change one"),
    ("DELETE /mock/webhooks/ID", "remove one"),
    ("DELETE /mock/webhooks", "remove all"),
    ("GET /mock/deliveries", "the sample deliveries so far"),
    (
        "POST /mock/deliveries",
        "send one: {\"webhook_id\": \"ID\", \"event\": \"meeting.started\"}",
    ),
    ("POST /mock/reset", "back to the start: {}"),
];

/// Why a request to the control endpoint is not acted upon.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    why: String,
}

impl Refused {
    fn new(status: StatusCode, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { status, why }
    }

    fn bad_request(why: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, why.to_string())
    }
}

type Outcome = Result<Answer, Refused>;

/// Whether a path is for this module; the API's own begin with `/client/`.
pub(super) fn is_for(path: &str) -> bool {
    path == "/" || path == "/mock" || path.starts_with("/mock/")
}

/// Answers a request for a path that is for this module.
pub(super) async fn answer(request: &Request, peer: IpAddr, shared: &Shared) -> Answer {
    let has_token = has_own_token(request, shared);
    let outcome = match shared.access.check(request, peer, has_token) {
        Ok(()) => route(request, shared).await,
        Err(refused) => Err(refused),
    };
    outcome.unwrap_or_else(|refused| json_answer(refused.status, &json!({"error": refused.why})))
}

/// Whether a request has the API's token, and that is not the one that everybody knows.
fn has_own_token(request: &Request, shared: &Shared) -> bool {
    let service = shared.service();
    service.token() != DEFAULT_TOKEN && service.has_token(&request.headers)
}

async fn route(request: &Request, shared: &Shared) -> Outcome {
    if let Some(file) = page::file(&request.path) {
        return file.answer(&request.method);
    }
    let path = request.path.strip_prefix("/mock").unwrap_or_default();
    let path = path.trim_matches('/');
    match (request.method.as_str(), path) {
        ("GET", "") => Ok(ok(endpoints())),
        ("GET", "state") => Ok(ok(views::state(shared))),
        ("GET", "calls") => Ok(ok(views::calls(&shared.service()))),
        ("DELETE", "calls") => Ok(done(|| shared.service().log.clear())),
        ("GET", "faults") => Ok(ok(views::faults(&shared.service()))),
        ("POST", "faults") => add_fault(request, shared),
        ("DELETE", "faults") => Ok(done(|| shared.service().faults.clear())),
        ("GET", "quirks") => Ok(ok(views::quirks(&shared.service()))),
        ("PATCH", "quirks") => change_quirks(request, shared),
        ("GET", "deliveries") => Ok(ok(views::deliveries(&shared.service()))),
        ("POST", "deliveries") => deliver(request, shared).await,
        ("POST", "reset") => Ok(done(|| shared.service().reset())),
        _ if path.starts_with("webhooks") => webhooks::answer(request, path, shared),
        _ => Err(not_found(request)),
    }
}

fn endpoints() -> Value {
    let endpoints = ENDPOINTS.map(|(endpoint, about)| (endpoint.to_owned(), json!(about)));
    Value::Object(Map::from_iter(endpoints))
}

fn add_fault(request: &Request, shared: &Shared) -> Outcome {
    let rule = FaultRule::from_json(&body(request)?).map_err(Refused::bad_request)?;
    let shown = rule.show();
    shared.service().faults.add(rule);
    Ok(json_answer(StatusCode::CREATED, &shown))
}

/// All of the changes, or none if one of them is wrong.
fn change_quirks(request: &Request, shared: &Shared) -> Outcome {
    let changes: Map<String, Value> = body(request)?;
    let mut service = shared.service();
    let mut quirks = service.quirks.clone();
    for (name, value) in &changes {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        quirks.set(name, &value).map_err(Refused::bad_request)?;
    }
    service.quirks = quirks;
    Ok(ok(views::quirks(&service)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    webhook_id: String,
    event: String,
}

async fn deliver(request: &Request, shared: &Shared) -> Outcome {
    let order: Order = body(request)?;
    let sent = delivery::deliver(shared, &order.webhook_id, &order.event).await;
    match sent {
        Ok(delivery) => Ok(json_answer(
            StatusCode::CREATED,
            &views::delivery(&delivery),
        )),
        Err(error) => Err(Refused::new(status_of(&error), error.to_string())),
    }
}

fn status_of(error: &DeliverError) -> StatusCode {
    match error {
        DeliverError::NoWebhook(_) => StatusCode::NOT_FOUND,
        DeliverError::Disabled | DeliverError::NotSubscribed(_) => StatusCode::CONFLICT,
        DeliverError::NotLoopback { .. } => StatusCode::FORBIDDEN,
        DeliverError::BadUrl(_) | DeliverError::NoAddress { .. } => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        DeliverError::Unprepared(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The JSON of a request; numbers and nesting are those of the type.
fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Refused> {
    let Some(bytes) = &request.body else {
        let why = "the body is too large";
        return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, why));
    };
    serde_json::from_slice(bytes).map_err(|error| Refused::bad_request(format!("body: {error}")))
}

fn not_found(request: &Request) -> Refused {
    let (method, path) = (&request.method, &request.path);
    let why = format!("there is no {method} {path}; GET /mock/ lists what there is");
    Refused::new(StatusCode::NOT_FOUND, why)
}

fn done(act: impl FnOnce()) -> Answer {
    act();
    let nothing = Answer::raw(StatusCode::NO_CONTENT, HeaderMap::new(), Bytes::new());
    with_common_headers(nothing)
}

fn ok(body: Value) -> Answer {
    json_answer(StatusCode::OK, &body)
}

fn json_answer(status: StatusCode, body: &Value) -> Answer {
    with_common_headers(Answer::json(status, body))
}

fn with_common_headers(mut answer: Answer) -> Answer {
    let common = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    let common = common.map(|(name, value)| (name, HeaderValue::from_static(value)));
    answer.headers.extend(common);
    answer
}

/// `GET` and `HEAD` are all that a file takes.
fn reads(method: &Method) -> Result<(), Refused> {
    match *method {
        Method::GET | Method::HEAD => Ok(()),
        _ => Err(Refused::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this can only be read",
        )),
    }
}
