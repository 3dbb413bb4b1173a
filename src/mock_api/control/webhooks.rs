//! Webhooks that come, change and go behind the API's back, as if somebody else had done it.

use super::{Outcome, Refused, body, done, json_answer, not_found, ok};
use crate::mock_api::checks;
use crate::mock_api::server::Shared;
use crate::mock_api::service::{Request, Service};
use crate::mock_api::store::{AppKey, NewWebhook};
use crate::mock_api::{SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
use http::StatusCode;
use serde::Deserialize;

/// A webhook to be added; without an account and app it is for the first app.
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

/// `path` is `webhooks` or what follows it.
pub(super) fn answer(request: &Request, path: &str, shared: &Shared) -> Outcome {
    let (collection, id) = path.split_once('/').unwrap_or((path, ""));
    match (request.method.as_str(), collection, id) {
        ("POST", "webhooks", "") => add(request, shared),
        ("DELETE", "webhooks", "") => Ok(done(|| shared.service().store.clear_webhooks())),
        ("PATCH", "webhooks", id) => edit(request, id, shared),
        ("DELETE", "webhooks", id) => remove(id, shared),
        _ => Err(not_found(request)),
    }
}

fn add(request: &Request, shared: &Shared) -> Outcome {
    let addition: Addition = body(request)?;
    let mut service = shared.service();
    let (first_account, first_app) = first_app(&service);
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
    let webhook = service.store.insert(&app, new, 0);
    Ok(json_answer(StatusCode::CREATED, &webhook.to_json()))
}

fn first_app(service: &Service) -> AppKey {
    let apps = service.store.all_apps().into_iter();
    let first = apps.map(|(app, _)| app).next();
    first.unwrap_or_else(|| (SAMPLE_ACCOUNT_ID.to_owned(), SAMPLE_APP_ID.to_owned()))
}

fn edit(request: &Request, id: &str, shared: &Shared) -> Outcome {
    let bytes = request.body.as_deref().unwrap_or_default();
    let patch = checks::webhook_patch(bytes).map_err(|refusal| {
        Refused::bad_request(refusal.message.trim_start_matches("BAD_REQUEST: "))
    })?;
    let store = &mut shared.service().store;
    let app = store.app_of(id).ok_or_else(|| no_webhook(id))?;
    let edited = store.update(&app, id, |webhook| patch.apply_to(webhook));
    let edited = edited.ok_or_else(|| no_webhook(id))?;
    Ok(ok(edited.to_json()))
}

fn remove(id: &str, shared: &Shared) -> Outcome {
    let store = &mut shared.service().store;
    let app = store.app_of(id).ok_or_else(|| no_webhook(id))?;
    Ok(done(|| drop(store.delete(&app, id, 0))))
}

fn no_webhook(id: &str) -> Refused {
    Refused::new(StatusCode::NOT_FOUND, format!("there is no webhook {id}"))
}
