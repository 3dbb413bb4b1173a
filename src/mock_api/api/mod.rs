//! The API's routes: who may call, how often, and what each request does.
//!
//! The layers, outermost first: a request is recorded, may meet a fault, is admitted by the
//! gateway, and reaches its handler. [`Next::run`] takes the request by value, so whatever
//! the fault, a request reaches its handler at most once.

mod envelope;
pub(crate) mod faults;
mod gateway;
mod webhooks;

use super::model::faults::take;
use super::model::log::Call;
use super::model::store::{AppKey, now, timestamp};
use super::model::{BASE_PATH, PUBLIC_KEY_PATH};
use super::state::{AppState, MockState};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Json, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter as On, get, on};
use envelope::{ApiError, ApiRequest, Outcome, bad_request, respond};
use http::header::{AUTHORIZATION, DATE, USER_AGENT};
use http::{StatusCode, Uri};
use http_body_util::LengthLimitError;
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use uuid::Uuid;

/// The largest request body that is read.
const MAX_BODY: usize = 1024 * 1024;

type Shared = State<Arc<AppState>>;
type PathParams = Result<Path<BTreeMap<String, String>>, PathRejection>;
type Act = fn(&mut MockState, &ApiRequest) -> Outcome;

/// The routes below an account.
const ROUTES: [(On, &str, Act); 8] = [
    (On::GET, "/apps", webhooks::apps),
    (On::GET, "/{app}/webhooks", webhooks::list),
    (On::POST, "/{app}/webhooks", webhooks::create),
    (On::GET, "/{app}/webhooks/all", webhooks::event_names),
    (On::GET, "/{app}/webhooks/{id}", webhooks::read),
    (On::PUT, "/{app}/webhooks/{id}", webhooks::replace),
    (On::PATCH, "/{app}/webhooks/{id}", webhooks::edit),
    (On::DELETE, "/{app}/webhooks/{id}", webhooks::delete),
];

/// The API with every layer around it.
pub(crate) fn router(state: &Arc<AppState>) -> Router {
    let mut routes = Router::new();
    for (method, path, act) in ROUTES {
        let handler = async move |State(state): Shared, path: PathParams, uri: Uri, body: Bytes| {
            let mut state = state.lock();
            let outcome = request(&state, path, uri, body);
            let outcome = outcome.and_then(|request| act(&mut state, &request));
            respond(outcome, &state.quirks)
        };
        let path = format!("{BASE_PATH}/accounts/{{account}}/realtime/kit{path}");
        routes = routes.route(&path, on(method, handler));
    }
    routes
        .fallback(async |State(state): Shared| unknown_path().respond(&state.lock().quirks))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(state), admit))
        .route(
            PUBLIC_KEY_PATH,
            get(public_key).fallback(method_not_allowed),
        )
        .layer(from_fn_with_state(Arc::clone(state), record))
        .with_state(Arc::clone(state))
}

/// Logs the request, lets it meet its fault, and adds what every answer carries.
async fn record(State(state): Shared, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await;
    let json = body.as_ref().ok();
    let json = json.and_then(|body| serde_json::from_slice(body).ok());
    let user_agent = parts.headers.get(USER_AGENT);
    let user_agent = user_agent.and_then(|agent| agent.to_str().ok());
    let fault = take(&mut state.lock().faults, &parts.method, parts.uri.path());
    let number = state.begin(Call {
        number: 0,
        arrived_at: timestamp(now()),
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        body: json,
        user_agent: user_agent.map(str::to_owned),
        authorized: parts.headers.contains_key(AUTHORIZATION),
        status: None,
        fault: fault.as_ref().map(ToString::to_string),
    });
    let act = async {
        match body {
            Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
            Err(error) => unreadable_body(&error).respond(&state.lock().quirks),
        }
    };
    let response = match fault {
        None => act.await,
        Some(fault) => faults::respond_with_fault(fault, act, &state).await,
    };
    let is_answer = !faults::closes_connection(&response);
    // Before the client can know it.
    state.finish(number, is_answer.then(|| response.status().as_u16()));
    let has_date = response.headers().contains_key(DATE); // a fault may have its own
    let date = (!has_date).then(|| [(DATE, gateway::date())]);
    let ray = [("cf-ray", format!("{number:016x}-MOCK"))];
    (gateway::rate_limit_headers(&state), date, ray, response).into_response()
}

fn unreadable_body(error: &axum::Error) -> ApiError {
    let cause = error.source();
    if cause.is_some_and(|cause| cause.is::<LengthLimitError>()) {
        let message = "Request body is too large";
        return ApiError::edge(StatusCode::PAYLOAD_TOO_LARGE, 10413, message);
    }
    // The client ended its request too early, or its chunks are malformed.
    bad_request("the body cannot be read")
}

/// Passes on the requests that the gateway admits.
async fn admit(State(state): Shared, request: Request, next: Next) -> Response {
    match gateway::refuse(&state, request.headers()) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

/// The public key of deliveries. Needs no token, and has one envelope in every mode.
async fn public_key(State(state): Shared) -> Response {
    match state.key.public_pem() {
        Some(key) => Json(json!({"data": {"publicKey": key}})).into_response(),
        None => ApiError::plain(StatusCode::INTERNAL_SERVER_ERROR).respond(&state.lock().quirks),
    }
}

async fn method_not_allowed(State(state): Shared) -> Response {
    let message = "Method not allowed for this api endpoint";
    let error = ApiError::edge(StatusCode::METHOD_NOT_ALLOWED, 10405, message);
    error.respond(&state.lock().quirks)
}

/// Checks what the path names.
fn request(
    state: &MockState,
    path: PathParams,
    uri: Uri,
    body: Bytes,
) -> Result<ApiRequest, ApiError> {
    let Path(mut path) = path.map_err(|_| unknown_path())?;
    if path.values().any(String::is_empty) {
        return Err(unknown_path());
    }
    let mut named = |name| path.remove(name);
    let (account, app, id) = (named("account"), named("app"), named("id"));
    let app: AppKey = (account.unwrap_or_default(), app.unwrap_or_default());
    if !state.quirks.any_app {
        let not_found = |what, id: &str| {
            let message = format!("Error: {what} {id} not found");
            Err(ApiError::service(StatusCode::NOT_FOUND, message))
        };
        if state.store.apps(&app.0).is_empty() {
            return not_found("account", &app.0);
        }
        if !app.1.is_empty() && state.store.app_name(&app).is_none() {
            return not_found("app", &app.1);
        }
    }
    // In the spelling of the store.
    let id = match id.map(|id| (Uuid::try_parse(&id), id.len())) {
        None => String::new(),
        Some((Ok(uuid), uuid::fmt::Hyphenated::LENGTH)) => uuid.to_string(),
        Some(_) => return Err(bad_request("\"id\" must be a valid GUID")),
    };
    Ok(ApiRequest { app, id, uri, body })
}

fn unknown_path() -> ApiError {
    ApiError::edge(StatusCode::NOT_FOUND, 7000, "No route for that URI")
}
