//! The API's routes: who may call, how often, and what each request does.
//!
//! The layers, outermost first: a request is recorded, may meet a fault, is admitted by the
//! gateway, and reaches its handler. [`Next::run`] takes the request by value, so whatever
//! the fault, a request reaches its handler at most once.

mod apps;
pub(crate) mod envelope;
mod faults;
mod gateway;
mod webhooks;

use super::model::faults::Fault;
use super::model::log::Call;
use super::model::store::{AppKey, now, timestamp};
use super::model::{BASE_PATH, PUBLIC_KEY_PATH};
use super::state::{AppState, MockState};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use envelope::{ApiError, Outcome, bad_request};
use faults::respond_with_fault;
use http::header::{AUTHORIZATION, DATE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;
use webhooks::Webhooks;

/// The largest request body that is read.
const MAX_BODY: usize = 1024 * 1024;

type Shared = State<Arc<AppState>>;
type PathOf<T> = Result<Path<T>, PathRejection>;

/// Marks a request whose body exceeds [`MAX_BODY`].
#[derive(Clone)]
struct BodyTooLarge;

/// The API with every layer around it.
pub(crate) fn router(state: &Arc<AppState>) -> Router {
    let kit = format!("{BASE_PATH}/accounts/{{account}}/realtime/kit");
    Router::new()
        .route(&format!("{kit}/apps"), get(list_apps))
        .route(
            &format!("{kit}/{{app}}/webhooks"),
            get(app_webhooks).post(app_webhooks),
        )
        .route(
            &format!("{kit}/{{app}}/webhooks/{{id}}"),
            get(webhook).put(webhook).patch(webhook).delete(webhook),
        )
        .fallback(no_route)
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
    let read = to_bytes(body, MAX_BODY).await;
    let body = read.as_ref().cloned().unwrap_or_default();
    let mut request = Request::from_parts(parts, Body::from(body.clone()));
    if read.is_err() {
        request.extensions_mut().insert(BodyTooLarge);
    }
    let (number, fault) = begin(&state, &request, &body);
    let response = match fault {
        None => next.run(request).await,
        Some(fault) => respond_with_fault(fault, next.run(request), &state).await,
    };
    finish(&state, number, response)
}

fn begin(state: &AppState, request: &Request, body: &[u8]) -> (u64, Option<Fault>) {
    let headers = request.headers();
    let user_agent = headers.get(USER_AGENT);
    let (method, path) = (request.method(), request.uri().path());
    let mut state = state.lock();
    let fault = state.faults.take(method, path);
    let number = state.log.begin(Call {
        number: 0,
        arrived_at: timestamp(now()),
        method: method.clone(),
        path: path.to_owned(),
        query: request.uri().query().map(str::to_owned),
        body: serde_json::from_slice(body).ok(),
        user_agent: user_agent.and_then(|agent| agent.to_str().ok().map(str::to_owned)),
        authorized: headers.contains_key(AUTHORIZATION),
        status: None,
        fault: fault.clone(),
    });
    (number, fault)
}

/// Logs the outcome before the client can know it.
fn finish(state: &AppState, number: u64, mut response: Response) -> Response {
    let status = (!envelope::closes_connection(&response)).then(|| response.status());
    let (call, rate_limit) = {
        let mut state = state.lock();
        let call = state.log.finish(number, status);
        (call, gateway::rate_limit_headers(&mut state))
    };
    if let (Some(observer), Some(call)) = (&state.observer, call) {
        observer(&call);
    }
    let headers = response.headers_mut();
    headers.extend(rate_limit);
    headers.extend(gateway::date().map(|date| (DATE, date)));
    if let Ok(ray) = HeaderValue::try_from(format!("{number:016x}-MOCK")) {
        headers.insert(HeaderName::from_static("cf-ray"), ray);
    }
    response
}

/// Passes on the requests that the gateway admits and whose body is not too large.
async fn admit(State(state): Shared, request: Request, next: Next) -> Response {
    let admitted = gateway::admit(&mut state.lock(), request.headers());
    let too_large = request.extensions().get::<BodyTooLarge>().is_some();
    let error = match (admitted, too_large) {
        (Ok(()), false) => return next.run(request).await,
        (Ok(()), true) => {
            let message = "Request body is too large";
            ApiError::edge(StatusCode::PAYLOAD_TOO_LARGE, 10413, message)
        }
        (Err(error), _) => error,
    };
    envelope::error(error, &state.lock().quirks)
}

/// The public key of deliveries. Needs no token, and has one envelope in every mode.
async fn public_key(State(state): Shared) -> Response {
    let key = Arc::clone(&state.lock().key);
    match key.public_pem() {
        Some(key) => envelope::json(StatusCode::OK, &json!({"data": {"publicKey": key}})),
        None => respond(&state, |_| {
            Err(ApiError::plain(StatusCode::INTERNAL_SERVER_ERROR))
        }),
    }
}

async fn no_route(State(state): Shared) -> Response {
    respond(&state, |_| Err(unknown_path()))
}

async fn method_not_allowed(State(state): Shared) -> Response {
    let message = "Method not allowed for this api endpoint";
    let error = ApiError::edge(StatusCode::METHOD_NOT_ALLOWED, 10405, message);
    respond(&state, |_| Err(error))
}

async fn list_apps(
    State(state): Shared,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Response {
    respond(&state, |state| {
        let Path(account) = path.map_err(|_| unknown_path())?;
        check_account(state, &account)?;
        apps::list(&state.store, &state.quirks, &account, query.as_deref())
    })
}

async fn app_webhooks(
    State(state): Shared,
    method: Method,
    path: PathOf<AppKey>,
    body: Bytes,
) -> Response {
    on_app(&state, path, |webhooks| match method {
        Method::POST => webhooks.create(&body),
        _ => webhooks.list(),
    })
}

async fn webhook(
    State(state): Shared,
    method: Method,
    path: PathOf<(String, String, String)>,
    body: Bytes,
) -> Response {
    let id = path.as_ref().map(|Path((.., id))| id.clone());
    let id = id.unwrap_or_default();
    let app = path.map(|Path((account, app, _))| Path((account, app)));
    on_app(&state, app, |webhooks| match method {
        Method::PUT => webhooks.replace(&guid(&id)?, &body),
        Method::PATCH => webhooks.edit(&guid(&id)?, &body),
        Method::DELETE => webhooks.delete(&guid(&id)?),
        _ if id == "all" => webhooks.event_names(),
        _ => webhooks.read(&guid(&id)?),
    })
}

fn on_app(
    state: &AppState,
    path: PathOf<AppKey>,
    act: impl FnOnce(&mut Webhooks<'_>) -> Outcome,
) -> Response {
    respond(state, |state| {
        let Path(app) = path.map_err(|_| unknown_path())?;
        check_account(state, &app.0)?;
        if app.1.is_empty() {
            return Err(unknown_path());
        }
        if !state.quirks.any_app && state.store.app_name(&app).is_none() {
            let message = format!("Error: app {} not found", app.1);
            return Err(ApiError::service(StatusCode::NOT_FOUND, message));
        }
        act(&mut Webhooks {
            quirks: &state.quirks,
            store: &mut state.store,
            app,
        })
    })
}

fn respond(state: &AppState, act: impl FnOnce(&mut MockState) -> Outcome) -> Response {
    let mut state = state.lock();
    match act(&mut state) {
        Ok(success) => envelope::success(success, &state.quirks),
        Err(error) => envelope::error(error, &state.quirks),
    }
}

fn check_account(state: &MockState, account: &str) -> Result<(), ApiError> {
    if account.is_empty() {
        return Err(unknown_path());
    }
    if state.quirks.any_app || !state.store.apps(account).is_empty() {
        return Ok(());
    }
    let message = format!("Error: account {account} not found");
    Err(ApiError::service(StatusCode::NOT_FOUND, message))
}

fn unknown_path() -> ApiError {
    ApiError::edge(StatusCode::NOT_FOUND, 7000, "No route for that URI")
}

/// The ID in the spelling of the store.
fn guid(id: &str) -> Result<String, ApiError> {
    match Uuid::try_parse(id) {
        Ok(uuid) if id.len() == uuid::fmt::Hyphenated::LENGTH => Ok(uuid.to_string()),
        _ => Err(bad_request("\"id\" must be a valid GUID")),
    }
}
