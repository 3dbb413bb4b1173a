//! The control endpoint below `/mock/`, which controls the server from outside of Rust, and the
//! files of the page at `/`.
//!
//! Requests for either are not in the log of calls, and no fault or rate limit applies to them.

pub(crate) mod access;
mod page;
mod views;

use super::api::envelope;
use super::delivery::{self, DeliverError};
use super::model::faults::FaultRule;
use super::model::quirks::Quirks;
use super::model::webhook::{NewWebhook, WebhookPatch};
use super::model::{SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
use super::state::{AppState, MockState};
use access::{Access, ControlError, has_chosen_token};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, any, get, on, patch, post};
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

/// How long changes are collected before the page receives them.
const EVENT_INTERVAL: Duration = Duration::from_millis(100);

type Shared = State<Arc<AppState>>;
type Outcome = Result<Response, ControlError>;
type Handler = MethodRouter<Arc<AppState>>;

/// Declares the table of routes: method and path, what it does, and the handler.
macro_rules! routes {
    ($($endpoint:literal, $about:literal => $handler:expr;)+) => {
        static ENDPOINTS: &[(&str, &str)] = &[$(($endpoint, $about)),+];

        /// The handlers of [`ENDPOINTS`], in the same order.
        fn handlers() -> Vec<Handler> {
            vec![$($handler),+]
        }
    };
}

routes! {
    "GET /mock/", "this list" => get(list_endpoints);
    "GET /mock/state", "everything that the page shows" => get(state);
    "GET /mock/events", "the state after each change, as server-sent events" => get(events);
    "GET /mock/calls", "the requests to the API" => view(views::calls);
    "DELETE /mock/calls", "clear them" => change(MethodFilter::DELETE, |state| state.log.clear());
    "GET /mock/faults", "the pending faults" => view(views::faults);
    "POST /mock/faults", "add one: {\"fault\": \"429\", \"times\": 3}" => post(add_fault);
    "DELETE /mock/faults", "cancel them" => change(MethodFilter::DELETE, |state| state.faults.clear());
    "GET /mock/quirks", "how the API behaves" => view(views::quirks);
    "PATCH /mock/quirks", "change it: {\"mode\": \"live\", \"unique-url\": false}" => patch(change_quirks);
    "POST /mock/webhooks", "add a webhook outside of the API" => post(add_webhook);
    "PATCH /mock/webhooks/{id}", "change one" => patch(edit_webhook);
    "DELETE /mock/webhooks/{id}", "remove one" => on(MethodFilter::DELETE, remove_webhook);
    "DELETE /mock/webhooks", "remove all" => change(MethodFilter::DELETE, |state| state.store.clear_webhooks());
    "GET /mock/deliveries", "the sample deliveries so far" => view(views::deliveries);
    "POST /mock/deliveries", "send one: {\"webhook_id\": \"ID\", \"event\": \"meeting.started\"}" => post(deliver);
    "POST /mock/reset", "restore the initial state: {}" => change(MethodFilter::POST, MockState::reset);
}

/// Every endpoint below `/mock/`: method and path, and what it does.
pub fn endpoints() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENDPOINTS.iter().copied()
}

/// The control endpoint and the page, with their access rules.
pub(crate) fn router(state: &Arc<AppState>, access: Access) -> Router {
    let access = Arc::new(access);
    let checked = (Arc::clone(state), access);
    let paths = ENDPOINTS
        .iter()
        .map(|(endpoint, _)| endpoint.split_once(' ').map_or(*endpoint, |(_, path)| path));
    let files = page::FILES.iter().map(|&(path, kind, content)| {
        (
            path,
            get(move || async move { page::response(kind, content) }),
        )
    });
    paths
        .zip(handlers())
        .chain(files)
        .fold(Router::new(), |router, (path, handler)| {
            router.route(path, handler)
        })
        .route("/mock/{*path}", any(not_found))
        .route("/mock", any(not_found))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(checked, check_access))
        .with_state(Arc::clone(state))
}

/// A GET of a part of the state.
fn view(show: fn(&MockState) -> Value) -> Handler {
    get(move |State(state): Shared| async move { ok(&show(&state.lock())) })
}

/// A change of the state that takes no argument.
fn change(method: MethodFilter, change: fn(&mut MockState)) -> Handler {
    let handler = move |State(state): Shared| async move {
        change(&mut state.lock());
        StatusCode::NO_CONTENT
    };
    on(method, handler)
}

/// The JSON body of a request.
struct Json<T>(T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ControlError> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes =
            bytes.map_err(|error| ControlError::new(error.status(), "the body is too large"))?;
        let body = serde_json::from_slice(&bytes);
        body.map(Self)
            .map_err(|error| ControlError::bad_request(format!("body: {error}")))
    }
}

type Checked = State<(Arc<AppState>, Arc<Access>)>;

async fn check_access(State((state, access)): Checked, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
    let headers = request.headers();
    let has_token = has_chosen_token(&state.lock(), headers);
    let (method, path) = (request.method(), request.uri().path());
    let mut response = match access.check(method, path, headers, peer, has_token) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
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

async fn not_found(method: Method, uri: Uri) -> ControlError {
    let path = uri.path();
    let message = format!("there is no {method} {path}; GET /mock/ lists what there is");
    ControlError::new(StatusCode::NOT_FOUND, message)
}

async fn method_not_allowed(method: Method, uri: Uri) -> ControlError {
    let path = uri.path();
    let message = format!("{path} does not take {method}; GET /mock/ lists what there is");
    ControlError::new(StatusCode::METHOD_NOT_ALLOWED, message)
}

fn ok(body: &Value) -> Response {
    envelope::json(StatusCode::OK, body)
}

fn created(body: &Value) -> Response {
    envelope::json(StatusCode::CREATED, body)
}

async fn list_endpoints() -> Response {
    let endpoints: Map<_, _> = endpoints()
        .map(|(endpoint, about)| (endpoint.to_owned(), json!(about)))
        .collect();
    ok(&Value::Object(endpoints))
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

async fn add_fault(State(state): Shared, Json(body): Json<Value>) -> Outcome {
    let rule = FaultRule::from_json(&body).map_err(ControlError::bad_request)?;
    let shown = rule.describe();
    state.lock().faults.add(rule);
    Ok(created(&shown))
}

/// Applies the mode first, then the quirks; nothing changes if one of them is wrong.
async fn change_quirks(State(state): Shared, Json(mut body): Json<Map<String, Value>>) -> Outcome {
    let mut state = state.lock();
    let mut quirks = match body.remove("mode") {
        None => state.quirks.clone(),
        Some(mode) => mode
            .as_str()
            .and_then(Quirks::of_mode)
            .ok_or_else(|| ControlError::bad_request("`mode` takes documented or live"))?,
    };
    for (name, value) in &body {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        quirks
            .set(name, &value)
            .map_err(ControlError::bad_request)?;
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
    let apps = state.store.all_apps();
    let (account, app) = match apps.first() {
        Some(((account, app), _)) => (account.as_str(), app.as_str()),
        None => (SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID),
    };
    let account = addition.account_id.unwrap_or_else(|| account.to_owned());
    let app = addition.app_id.unwrap_or_else(|| app.to_owned());
    let new = NewWebhook {
        id: None,
        name: addition.name,
        url: addition.url,
        events: addition.events,
        enabled: addition.enabled.unwrap_or(true),
    };
    created(&json!(state.store.insert(&(account, app), new, 0)))
}

async fn edit_webhook(State(state): Shared, Path(id): Path<String>, body: Bytes) -> Outcome {
    let patch = WebhookPatch::from_body(&body).map_err(ControlError::bad_request)?;
    let mut state = state.lock();
    let edited = state
        .store
        .update_any(&id, |webhook| patch.apply_to(webhook));
    edited
        .map(|webhook| ok(&json!(webhook)))
        .ok_or_else(|| no_webhook(&id))
}

async fn remove_webhook(
    State(state): Shared,
    Path(id): Path<String>,
) -> Result<StatusCode, ControlError> {
    let removed = state.lock().store.delete_any(&id);
    removed
        .map(|_| StatusCode::NO_CONTENT)
        .ok_or_else(|| no_webhook(&id))
}

fn no_webhook(id: &str) -> ControlError {
    ControlError::new(StatusCode::NOT_FOUND, format!("there is no webhook {id}"))
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
        Err(error) => Err(ControlError::new(status_of(&error), error.to_string())),
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
