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
    let (page_no, per_page) = match state.quirks.ignores_paging {
        true => (1, usize::MAX),
        false => {
            let paging = Query::<Paging>::try_from_uri(&request.uri);
            let rule = "\"page_no\" and \"per_page\" must be numbers of at least 1";
            let Query(paging) = paging.map_err(|_| bad_request(rule))?;
            let number = |given: Option<NonZeroUsize>, usual| given.map_or(usual, usize::from);
            let per_page = number(paging.per_page, DEFAULT_PER_PAGE);
            (number(paging.page_no, 1), per_page.min(MAX_PER_PAGE))
        }
    };
    let before = (page_no - 1).saturating_mul(per_page).min(apps.len());
    let page = apps[before..].iter().take(per_page);
    let page: Vec<Value> = page
        .map(|app| json!({"id": app.key.1, "name": app.name, "created_at": app.created_at}))
        .collect();
    let mut body = json!({"data": page});
    if state.quirks.tells_paging {
        // Offsets count from 1, as in RealtimeKit's other lists.
        body["paging"] = json!({
            "total_count": apps.len(),
            "start_offset": before + 1,
            "end_offset": before + page.len(),
        });
    }
    Ok((StatusCode::OK, body))
}

/// `GET …/webhooks/all`
pub(super) fn event_names(state: &mut MockState, _: &ApiRequest) -> Outcome {
    match state.quirks.lists_events {
        true => Ok((StatusCode::OK, json!({"data": EVENTS}))),
        false => Err(not_found()),
    }
}

pub(super) fn list(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let webhooks = state.store.read(&request.app, None);
    if webhooks.is_empty() && state.quirks.empty_list_404 {
        return Err(not_found());
    }
    let shown = webhooks.iter().map(|webhook| show(state, request, webhook));
    let shown: Value = shown.collect();
    Ok((StatusCode::OK, json!({"data": shown})))
}

pub(super) fn create(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let fields = fields(state, request)?.complete().map_err(bad_request)?;
    let hidden_reads = state.quirks.new_missing_reads;
    let webhook = state.store.insert(&request.app, None, fields, hidden_reads);
    let status = match state.quirks.create_200 {
        true => StatusCode::OK,
        false => StatusCode::CREATED,
    };
    Ok((status, json!({"data": show(state, request, &webhook)})))
}

pub(super) fn read(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let webhook = state.store.read(&request.app, Some(&request.id)).pop();
    let shown = show(state, request, &webhook.ok_or_else(not_found)?);
    Ok((StatusCode::OK, json!({"data": shown})))
}

pub(super) fn replace(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let fields = fields(state, request)?.complete().map_err(bad_request)?;
    let mut shown = update(state, request, fields)?;
    if let Some(members) = shown.as_object_mut() {
        members.retain(|field, _| !state.quirks.put_omits.contains(&field.as_str()));
    }
    Ok((StatusCode::OK, json!({"data": shown})))
}

pub(super) fn edit(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let mut fields = fields(state, request)?;
    if state.quirks.patch_enables {
        fields.enabled.get_or_insert(true);
    }
    let shown = update(state, request, fields)?;
    Ok((StatusCode::OK, json!({"data": shown})))
}

pub(super) fn delete(state: &mut MockState, request: &ApiRequest) -> Outcome {
    let stale_reads = state.quirks.deleted_found_reads;
    let deleted = state
        .store
        .delete(Some(&request.app), &request.id, stale_reads)
        .ok_or_else(not_found)?;
    Ok(match state.quirks.delete_answer {
        DeleteAnswer::Webhook => {
            let shown = show(state, request, &deleted);
            (StatusCode::OK, json!({"data": shown}))
        }
        DeleteAnswer::NoContent => (StatusCode::NO_CONTENT, Value::Null),
        DeleteAnswer::Empty => (StatusCode::OK, Value::Null),
    })
}

/// The fields of the body, with a URL that is free.
fn fields(state: &MockState, request: &ApiRequest) -> Result<WebhookFields, ApiError> {
    let mut fields = WebhookFields::from_body(&request.body).map_err(bad_request)?;
    let Some(url) = &mut fields.url else {
        return Ok(fields);
    };
    if state.quirks.normalises_url
        && let Ok(parsed) = url::Url::parse(url)
    {
        *url = parsed.into();
    }
    let mut others = state.store.existing(&request.app);
    let is_taken = others.any(|other| other.id != request.id && other.url == *url);
    match state.quirks.unique_url && is_taken {
        true => Err(ApiError::service(
            StatusCode::CONFLICT,
            "CONFLICT: a webhook with this url already exists",
        )),
        false => Ok(fields),
    }
}

fn update(
    state: &mut MockState,
    request: &ApiRequest,
    fields: WebhookFields,
) -> Result<Value, ApiError> {
    let change = |webhook: &mut Webhook| fields.apply_to(webhook);
    let updated = state.store.update(Some(&request.app), &request.id, change);
    Ok(show(state, request, &updated.ok_or_else(not_found)?))
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
