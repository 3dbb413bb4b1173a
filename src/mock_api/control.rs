//! The control endpoint below `/mock/`, which drives the server from outside of Rust, and the
//! files of the page at `/`.
//!
//! Requests for either are not in the log of calls, and no fault or rate limit applies to them.

use super::access::Denied;
use super::checks;
use super::delivery::{self, DeliverError};
use super::envelope;
use super::fault_rules::FaultRule;
use super::page;
use super::quirks::Quirks;
use super::state::{AppState, MockState};
use super::store::{AppKey, NewWebhook};
use super::views;
use super::{DEFAULT_TOKEN, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, patch, post};
use futures_util::{Stream, stream};
use http::header::{CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The largest request body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// How long changes are collected before the page is told of them.
const EVENT_INTERVAL: Duration = Duration::from_millis(100);

type Shared = State<Arc<AppState>>;
type Outcome = Result<Response, Refused>;
type Handler = fn() -> MethodRouter<Arc<AppState>>;

/// Every route below `/mock/`: method and path, what it does, and the handler.
static ROUTES: [(&str, &str, Handler); 17] = [
    ("GET /mock/", "this list", || get(list_endpoints)),
    ("GET /mock/state", "everything that the page shows", || {
        get(state)
    }),
    (
        "GET /mock/events",
        "the state after each change, as server-sent events",
        || get(events),
    ),
    ("GET /mock/calls", "the requests to the API", || get(calls)),
    ("DELETE /mock/calls", "clear them", || delete(clear_calls)),
    ("GET /mock/faults", "the pending faults", || get(faults)),
    (
        "POST /mock/faults",
        "add one: {\"fault\": \"429\", \"times\": 3}",
        || post(add_fault),
    ),
    ("DELETE /mock/faults", "cancel them", || {
        delete(clear_faults)
    }),
    ("GET /mock/quirks", "how the API behaves", || get(quirks)),
    (
        "PATCH /mock/quirks",
        "change it: {\"mode\": \"live\", \"unique-url\": false}",
        || patch(change_quirks),
    ),
    (
        "POST /mock/webhooks",
        "add a webhook outside of the API",
        || post(add_webhook),
    ),
    ("PATCH /mock/webhooks/{id}", "change one", || {
        patch(edit_webhook)
    }),
    ("DELETE /mock/webhooks/{id}", "remove one", || {
        delete(remove_webhook)
    }),
    ("DELETE /mock/webhooks", "remove all", || {
        delete(clear_webhooks)
    }),
    (
        "GET /mock/deliveries",
        "the sample deliveries so far",
        || get(deliveries),
    ),
    (
        "POST /mock/deliveries",
        "send one: {\"webhook_id\": \"ID\", \"event\": \"meeting.started\"}",
        || post(deliver),
    ),
    ("POST /mock/reset", "restore the initial state: {}", || {
        post(reset)
    }),
];

/// Every endpoint below `/mock/`: method and path, and what it does.
pub fn endpoints() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES
        .iter()
        .map(|(endpoint, about, _)| (*endpoint, *about))
}

/// The control endpoint and the page, with their access rules.
pub(super) fn router(state: &Arc<AppState>) -> Router {
    let routes = ROUTES.iter().map(|(endpoint, _, handler)| {
        let path = endpoint.split_once(' ').map_or(*endpoint, |(_, path)| path);
        (path, handler())
    });
    let files = page::FILES
        .iter()
        .map(|file| (file.path, get(|| async { page::response(file) })));
    routes
        .chain(files)
        .fold(Router::new(), |router, (path, handler)| {
            router.route(path, handler)
        })
        .route("/mock/{*path}", axum::routing::any(not_found))
        .route("/mock", axum::routing::any(not_found))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(state), check_access))
        .with_state(Arc::clone(state))
}

/// Why a control request is not acted upon.
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

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        envelope::json(self.status, &json!({"error": self.why}))
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self::new(denied.status, denied.why)
    }
}

/// The JSON body of a request.
struct Json<T>(T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| Refused::new(error.status(), "the body is too large"))?;
        let body = serde_json::from_slice(&bytes);
        body.map(Self)
            .map_err(|error| Refused::bad_request(format!("body: {error}")))
    }
}

async fn check_access(State(state): Shared, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
    let headers = request.headers();
    let has_token = {
        let state = state.lock();
        state.token() != DEFAULT_TOKEN && state.has_token(headers)
    };
    let (method, path) = (request.method(), request.uri().path());
    let checked = state.access.check(method, path, headers, peer, has_token);
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(denied) => Refused::from(denied).into_response(),
    };
    let common = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    let common = common.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(common);
    response
}

async fn not_found(method: Method, uri: Uri) -> Refused {
    let path = uri.path();
    let why = format!("there is no {method} {path}; GET /mock/ lists what there is");
    Refused::new(StatusCode::NOT_FOUND, why)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Refused {
    let path = uri.path();
    let why = format!("{path} does not take {method}; GET /mock/ lists what there is");
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, why)
}

fn ok(body: &Value) -> Response {
    envelope::json(StatusCode::OK, body)
}

fn created(body: &Value) -> Response {
    envelope::json(StatusCode::CREATED, body)
}

async fn list_endpoints() -> Response {
    let endpoints = endpoints().map(|(endpoint, about)| (endpoint.to_owned(), json!(about)));
    ok(&Value::Object(endpoints.collect()))
}

async fn state(State(state): Shared) -> Response {
    ok(&views::state(&state, endpoints()))
}

async fn events(State(state): Shared) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = state.changes();
    let stream = stream::unfold(
        (state, changes, true),
        |(state, mut changes, first)| async move {
            if !first {
                changes.changed().await.ok()?;
                tokio::time::sleep(EVENT_INTERVAL).await;
            }
            changes.mark_unchanged();
            let shown = views::state(&state, endpoints()).to_string();
            let event = Event::default().data(shown);
            Some((Ok(event), (state, changes, false)))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn calls(State(state): Shared) -> Response {
    ok(&views::calls(&state.lock()))
}

async fn clear_calls(State(state): Shared) -> StatusCode {
    state.lock().log.clear();
    StatusCode::NO_CONTENT
}

async fn faults(State(state): Shared) -> Response {
    ok(&views::faults(&state.lock()))
}

async fn add_fault(State(state): Shared, Json(body): Json<Value>) -> Outcome {
    let rule = FaultRule::from_json(&body).map_err(Refused::bad_request)?;
    let shown = rule.show();
    state.lock().faults.add(rule);
    Ok(created(&shown))
}

async fn clear_faults(State(state): Shared) -> StatusCode {
    state.lock().faults.clear();
    StatusCode::NO_CONTENT
}

async fn quirks(State(state): Shared) -> Response {
    ok(&views::quirks(&state.lock()))
}

/// Applies the mode first, then the quirks; nothing changes if one of them is wrong.
async fn change_quirks(State(state): Shared, Json(mut body): Json<Map<String, Value>>) -> Outcome {
    let mut state = state.lock();
    let mut quirks = match body.remove("mode") {
        None => state.quirks.clone(),
        Some(mode) => mode
            .as_str()
            .and_then(Quirks::of_mode)
            .ok_or_else(|| Refused::bad_request("`mode` takes documented or live"))?,
    };
    for (name, value) in &body {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        quirks.set(name, &value).map_err(Refused::bad_request)?;
    }
    state.quirks = quirks;
    Ok(ok(&views::quirks(&state)))
}

/// A webhook to add; without an account and app, to the first app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Addition {
    account_id: Option<String>,
    app_id: Option<String>,
    name: String,
    url: String,
    events: Vec<String>,
    enabled: Option<bool>,
}

async fn add_webhook(State(state): Shared, Json(addition): Json<Addition>) -> Response {
    let mut state = state.lock();
    let (first_account, first_app) = first_app(&state);
    let app = (
        addition.account_id.unwrap_or(first_account),
        addition.app_id.unwrap_or(first_app),
    );
    let new = NewWebhook {
        name: addition.name,
        url: addition.url,
        events: addition.events,
        enabled: addition.enabled.unwrap_or(true),
    };
    created(&state.store.insert(&app, new, 0).to_json())
}

fn first_app(state: &MockState) -> AppKey {
    let apps = state.store.all_apps().into_iter();
    let first = apps.map(|(app, _)| app).next();
    first.unwrap_or_else(|| (SAMPLE_ACCOUNT_ID.to_owned(), SAMPLE_APP_ID.to_owned()))
}

async fn edit_webhook(State(state): Shared, Path(id): Path<String>, body: Bytes) -> Outcome {
    let patch = checks::webhook_patch(&body)
        .map_err(|error| Refused::bad_request(error.message.trim_start_matches("BAD_REQUEST: ")))?;
    let mut state = state.lock();
    let app = state.store.app_of(&id).ok_or_else(|| no_webhook(&id))?;
    let edited = state
        .store
        .update(&app, &id, |webhook| patch.apply_to(webhook));
    let edited = edited.ok_or_else(|| no_webhook(&id))?;
    Ok(ok(&edited.to_json()))
}

async fn remove_webhook(
    State(state): Shared,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let mut state = state.lock();
    let app = state.store.app_of(&id).ok_or_else(|| no_webhook(&id))?;
    state.store.delete(&app, &id, 0);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_webhooks(State(state): Shared) -> StatusCode {
    state.lock().store.clear_webhooks();
    StatusCode::NO_CONTENT
}

fn no_webhook(id: &str) -> Refused {
    Refused::new(StatusCode::NOT_FOUND, format!("there is no webhook {id}"))
}

async fn deliveries(State(state): Shared) -> Response {
    ok(&views::deliveries(&state.lock()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    webhook_id: String,
    event: String,
}

async fn deliver(State(state): Shared, Json(order): Json<Order>) -> Outcome {
    match delivery::deliver(&state, &order.webhook_id, &order.event).await {
        Ok(delivery) => Ok(created(&views::delivery(&delivery))),
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

async fn reset(State(state): Shared) -> StatusCode {
    state.lock().reset();
    StatusCode::NO_CONTENT
}
