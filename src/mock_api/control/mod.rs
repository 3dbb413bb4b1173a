//! The control endpoint below `/mock/`, which controls the server from outside of Rust, and the
//! files of the page at `/`.
//!
//! Requests for either are not in the log of calls, and no fault or rate limit applies to them.

mod access;
mod page;
mod views;

use super::delivery;
use super::model::faults::FaultRule;
use super::model::quirks::Quirks;
use super::model::store::app_key;
use super::model::webhook::WebhookFields;
use super::model::{MockError, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, text_of};
use super::state::AppState;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Json, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter as On, MethodRouter, any, get, on, patch, post};
use futures_util::{Stream, stream};
use http::{Method, StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// How often the state is compared with what the page has.
const EVENT_INTERVAL: Duration = Duration::from_millis(100);

type Shared = State<Arc<AppState>>;
type Outcome = Result<(StatusCode, Json<Value>), MockError>;
type Handler = MethodRouter<Arc<AppState>>;

/// Every endpoint: method and path, what it does, and its handler.
#[rustfmt::skip]
fn routes() -> Vec<(&'static str, &'static str, Handler)> {
    vec![
        ("GET /mock/", "this list", get(async || Json(endpoints().collect::<Value>()))),
        ("GET /mock/state", "everything that the page shows", view(views::state)),
        ("GET /mock/events", "the state after each change, as server-sent events", get(events)),
        ("GET /mock/calls", "the requests to the API", view(|state| json!(state.lock().calls))),
        ("DELETE /mock/calls", "clear them", change(On::DELETE, |state| state.lock().calls.clear())),
        ("GET /mock/faults", "the pending faults", view(|state| views::faults(&state.lock()))),
        ("POST /mock/faults", "add one: {\"fault\": \"429\", \"times\": 3}", post(add_fault)),
        ("DELETE /mock/faults", "cancel them", change(On::DELETE, |state| state.lock().faults.clear())),
        ("GET /mock/quirks", "how the API behaves", view(|state| views::quirks(&state.lock()))),
        ("PATCH /mock/quirks", "change it: {\"mode\": \"live\", \"unique-url\": false}", patch(change_quirks)),
        ("POST /mock/webhooks", "add a webhook outside of the API", post(add_webhook)),
        ("PATCH /mock/webhooks/{id}", "change one", patch(edit_webhook)),
        ("DELETE /mock/webhooks/{id}", "remove one", on(On::DELETE, remove_webhook)),
        ("DELETE /mock/webhooks", "remove all", change(On::DELETE, |state| state.lock().store.clear_webhooks())),
        ("GET /mock/deliveries", "the sample deliveries so far", view(|state| json!(state.lock().deliveries))),
        ("POST /mock/deliveries", "send one: {\"webhook_id\": \"ID\", \"event\": \"meeting.started\"}", post(deliver)),
        ("POST /mock/reset", "restore the initial state: {}", change(On::POST, AppState::reset)),
    ]
}

/// Every endpoint below `/mock/`: method and path, and what it does.
pub fn endpoints() -> impl Iterator<Item = (&'static str, &'static str)> {
    routes()
        .into_iter()
        .map(|(endpoint, about, _)| (endpoint, about))
}

/// The control endpoint and the page, with their access rules.
pub(crate) fn router(state: &Arc<AppState>) -> Router {
    let mut router = Router::new();
    for (endpoint, _, handler) in routes() {
        let path = endpoint.split_once(' ').map_or(endpoint, |(_, path)| path);
        router = router.route(path, handler);
    }
    for (path, content_type, content) in page::FILES {
        let file = async move || page::response(content_type, content);
        router = router.route(path, get(file));
    }
    let refuse = |status| {
        async move |method: Method, uri: Uri| {
            let path = uri.path();
            let message = format!("there is no {method} {path}; GET /mock/ lists what there is");
            MockError::new(status, message)
        }
    };
    let not_found = refuse(StatusCode::NOT_FOUND);
    router
        .route("/mock/{*path}", any(not_found))
        .route("/mock", any(not_found))
        .method_not_allowed_fallback(refuse(StatusCode::METHOD_NOT_ALLOWED))
        .layer(from_fn_with_state(Arc::clone(state), check_access))
        .with_state(Arc::clone(state))
}

/// A GET of what the API holds.
fn view(show: fn(&AppState) -> Value) -> Handler {
    get(async move |State(state): Shared| Json(show(&state)))
}

/// A change of the state that takes no argument.
fn change(method: On, change: fn(&AppState)) -> Handler {
    let handler = async move |State(state): Shared| {
        change(&state);
        StatusCode::NO_CONTENT
    };
    on(method, handler)
}

impl IntoResponse for MockError {
    fn into_response(self) -> Response {
        (self.status(), Json(json!({"error": self.to_string()}))).into_response()
    }
}

async fn check_access(State(state): Shared, request: Request, next: Next) -> Response {
    let response = match access::check(&state, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    let headers = [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    (headers, response).into_response()
}

/// Polls the state, so that code that changes it does not have to send notifications.
async fn events(State(state): Shared) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stream = stream::unfold((state, String::new()), async |(state, sent)| {
        loop {
            let shown = views::state(&state).to_string();
            if shown != sent {
                let event = Event::default().data(&shown);
                return Some((Ok(event), (state, shown)));
            }
            tokio::time::sleep(EVENT_INTERVAL).await;
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, MockError> {
    let parsed = serde_json::from_slice(body);
    parsed.map_err(|error| MockError::invalid(format!("body: {error}")))
}

async fn add_fault(State(state): Shared, body: Bytes) -> Outcome {
    let rule = FaultRule::from_json(&parse(&body)?)?;
    let shown = rule.to_string();
    state.lock().faults.push(rule);
    Ok((StatusCode::CREATED, Json(json!(shown))))
}

/// Applies the mode first, then the quirks; nothing changes if one of them is wrong.
async fn change_quirks(State(state): Shared, body: Bytes) -> Outcome {
    let mut changes: Map<String, Value> = parse(&body)?;
    let mut state = state.lock();
    let mut quirks = match changes.remove("mode") {
        None => state.quirks,
        Some(mode) => mode
            .as_str()
            .and_then(Quirks::of_mode)
            .ok_or_else(|| MockError::invalid("`mode` takes documented or live"))?,
    };
    for (name, value) in &changes {
        quirks.set(name, &text_of(value))?;
    }
    state.quirks = quirks;
    Ok((StatusCode::OK, Json(views::quirks(&state))))
}

/// A webhook to add; without an account and app, to the first app.
#[derive(Deserialize)]
struct Addition {
    account_id: Option<String>,
    app_id: Option<String>,
    #[serde(flatten)]
    fields: WebhookFields,
}

async fn add_webhook(State(state): Shared, body: Bytes) -> Outcome {
    let added: Addition = parse(&body)?;
    let checked = added.fields.without_id();
    let fields = checked.and_then(|fields| fields.check_complete().map(|()| fields));
    let fields = fields.map_err(MockError::invalid)?;
    let store = &mut state.lock().store;
    let first = store.all_apps().first().map(|(key, _)| (*key).clone());
    let first = first.unwrap_or_else(|| app_key(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID));
    let account = added.account_id.unwrap_or(first.0);
    let app = (account, added.app_id.unwrap_or(first.1));
    let webhook = store.insert(&app, fields, 0);
    Ok((StatusCode::CREATED, Json(json!(webhook))))
}

async fn edit_webhook(State(state): Shared, Path(id): Path<String>, body: Bytes) -> Outcome {
    let fields = WebhookFields::from_body(&body).map_err(MockError::invalid)?;
    let store = &mut state.lock().store;
    let edited = store.update(&id, |webhook| fields.apply_to(webhook));
    let edited = edited.ok_or_else(|| MockError::no_webhook(&id))?;
    Ok((StatusCode::OK, Json(json!(edited))))
}

async fn remove_webhook(State(state): Shared, Path(id): Path<String>) -> Response {
    match state.lock().store.delete(&id, 0) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => MockError::no_webhook(&id).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    webhook_id: String,
    event: String,
}

async fn deliver(State(state): Shared, body: Bytes) -> Outcome {
    let order: Order = parse(&body)?;
    let delivery = delivery::deliver(state, &order.webhook_id, &order.event).await?;
    Ok((StatusCode::CREATED, Json(json!(delivery))))
}
