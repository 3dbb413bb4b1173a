//! What each route does: an account's apps, and the webhooks of an app.

use super::envelope::{ApiError, ApiRequest, Outcome, bad_request};
use crate::mock_api::model::quirks::DeleteAnswer;
use crate::mock_api::model::webhook::{EVENTS, Webhook, WebhookFields};
use crate::mock_api::state::MockState;
use axum::extract::Query;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::num::NonZeroUsize;

/// Not documented; small enough for a test of paging, large enough for a person.
const DEFAULT_PER_PAGE: usize = 25;

/// Not documented either: a limit that clients are not told of.
const MAX_PER_PAGE: usize = 40;

#[derive(Deserialize)]
struct Paging {
    page_no: Option<NonZeroUsize>,
    per_page: Option<NonZeroUsize>,
}

/// `GET …/apps`, page by page.
pub(super) fn apps(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let apps = state.store.apps(&request.app.0);
    let paging = Query::<Paging>::try_from_uri(&request.uri);
    let rule = "\"page_no\" and \"per_page\" must be numbers of at least 1";
    let Query(paging) = paging.map_err(|_| bad_request(rule))?;
    let page_no = paging.page_no.map_or(1, usize::from);
    let per_page = paging.per_page.map_or(DEFAULT_PER_PAGE, usize::from);
    let per_page = per_page.min(MAX_PER_PAGE);
    let before = (page_no - 1).saturating_mul(per_page).min(apps.len());
    let page = apps[before..].iter().take(per_page);
    let page: Vec<Value> = page
        .map(|app| json!({"id": app.key.1, "name": app.name, "created_at": app.created_at}))
        .collect();
    // Offsets count from 1, as in RealtimeKit's other lists.
    let paging = json!({
        "total_count": apps.len(),
        "start_offset": before + 1,
        "end_offset": before + page.len(),
    });
    Ok((StatusCode::OK, json!({"data": page, "paging": paging})))
}

/// `GET …/webhooks/all`
pub(super) fn event_names(state: &mut MockState, _: &ApiRequest) -> Outcome {
    match state.quirks.lists_events {
        true => ok(json!(EVENTS)),
        false => Err(not_found()),
    }
}

pub(super) fn list(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let webhooks = state.store.read(&request.app, None);
    if webhooks.is_empty() && state.quirks.empty_list_404 {
        return Err(not_found());
    }
    let shown = webhooks.iter().map(|webhook| show(state, request, webhook));
    ok(shown.collect())
}

pub(super) fn create(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let fields = all_fields(state, request)?;
    let hidden_reads = state.quirks.new_missing_reads;
    let webhook = state.store.insert(&request.app, fields, hidden_reads);
    let (status, body) = ok(show(state, request, &webhook))?;
    let created = !state.quirks.create_200;
    Ok((if created { StatusCode::CREATED } else { status }, body))
}

pub(super) fn read(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let webhook = state.store.read(&request.app, Some(&request.id)).pop();
    ok(show(state, request, &webhook.ok_or_else(not_found)?))
}

pub(super) fn replace(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let fields = all_fields(state, request)?;
    let mut shown = update(state, request, fields)?;
    if let (true, Some(members)) = (state.quirks.partial_put, shown.as_object_mut()) {
        let omitted = ["enabled", "created_at", "updated_at"];
        members.retain(|field, _| !omitted.contains(&field.as_str()));
    }
    ok(shown)
}

pub(super) fn edit(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let mut fields = fields(state, request)?;
    if state.quirks.patch_enables {
        fields.enabled.get_or_insert(true);
    }
    ok(update(state, request, fields)?)
}

pub(super) fn delete(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let id = existing_id(state, request)?;
    let stale_reads = state.quirks.deleted_found_reads;
    let deleted = state.store.delete(id, stale_reads).ok_or_else(not_found)?;
    match state.quirks.delete_answer {
        DeleteAnswer::Webhook => ok(show(state, request, &deleted)),
        DeleteAnswer::NoContent => Ok((StatusCode::NO_CONTENT, Value::Null)),
        DeleteAnswer::Empty => Ok((StatusCode::OK, Value::Null)),
    }
}

fn ok(data: Value) -> Outcome {
    Ok((StatusCode::OK, json!({"data": data})))
}

/// The fields of the body of a POST or PUT.
fn all_fields(state: &MockState, request: &ApiRequest) -> Result<WebhookFields, ApiError> {
    let mut fields = fields(state, request)?;
    fields.check_complete().map_err(bad_request)?;
    fields.enabled.get_or_insert(true);
    Ok(fields)
}

/// The fields of the body, with a URL that is free.
fn fields(state: &MockState, request: &ApiRequest) -> Result<WebhookFields, ApiError> {
    let mut fields = WebhookFields::from_body(&request.body).map_err(bad_request)?;
    let Some(url) = &mut fields.url else {
        return Ok(fields);
    };
    if state.quirks.normalizes_url
        && let Ok(parsed) = url::Url::parse(url)
    {
        *url = parsed.into();
    }
    let mut others = state.store.existing(&request.app);
    let is_taken = others.any(|other| other.id != request.id && other.url == *url);
    if state.quirks.unique_url && is_taken {
        let message = "CONFLICT: a webhook with this url already exists";
        return Err(ApiError::service(StatusCode::CONFLICT, message));
    }
    Ok(fields)
}

fn update(
    state: &mut MockState,
    request: &ApiRequest,
    fields: WebhookFields,
) -> Result<Value, ApiError> {
    let id = existing_id(state, request)?;
    let updated = state.store.update(id, |webhook| fields.apply_to(webhook));
    Ok(show(state, request, &updated.ok_or_else(not_found)?))
}

/// The ID in the path, if the app has that webhook.
fn existing_id<'r>(state: &MockState, request: &'r ApiRequest) -> Result<&'r str, ApiError> {
    let found = state.store.find(&request.id);
    let has_webhook = found.is_some_and(|(app, _)| *app == request.app);
    has_webhook.then_some(&*request.id).ok_or_else(not_found)
}

fn show(state: &MockState, request: &ApiRequest, webhook: &Webhook) -> Value {
    let mut shown = json!(webhook);
    if state.quirks.reorders_events
        && let Some(events) = shown["events"].as_array_mut()
    {
        events.reverse();
    }
    if state.quirks.extra_fields {
        shown["organization_id"] = json!(request.app.1);
    }
    shown
}

/// The documented error; the same for a webhook and for an empty list, without the app's ID.
fn not_found() -> ApiError {
    ApiError::service(StatusCode::NOT_FOUND, "Error: resource not found")
}
