//! Webhooks that a generic REST provider managed, taken over by a `moved` block. Pure.
//!
//! Such a provider stores the path that it sends requests to, and what it sent and was answered.
//! The path tells which webhook it is, or nothing does. What else the state shows is taken where
//! it is of the right type; the read that follows settles the rest. Headers and queries may hold
//! credentials: they are not looked at.

mod path;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use self::path::{WebhookPath, shown};
use super::state::WebhookState;
use crate::api::is_webhook_id;
use crate::framework::{Diagnostics, MoveSource, StateMover};

/// What the resource takes over from.
pub(super) fn movers() -> Vec<StateMover<WebhookState>> {
    vec![
        StateMover::new("restapi_object", from_restapi),
        StateMover::new("restful_resource", from_restful),
    ]
}

/// Of Mastercard/restapi: `id` is the API's, and `path` the collection's, unless there is a path
/// for reading, in which `{id}` may stand.
fn from_restapi(source: &MoveSource) -> Result<WebhookState, Diagnostics> {
    const BODIES: [&str; 3] = ["data", "api_response", "create_response"];
    move_state(
        source,
        ["read_path", "path"],
        &BODIES,
        text(&source.state, "id"),
    )
}

/// Of magodo/restful: `id` is the path that the object is read from, and `path` the one that it
/// was created at.
fn from_restful(source: &MoveSource) -> Result<WebhookState, Diagnostics> {
    move_state(source, ["id", "path"], &["body", "output"], None)
}

/// Makes the state of what `source` has in the attributes `paths` and `bodies`, the more telling
/// ones first.
fn move_state(
    source: &MoveSource,
    paths: [&'static str; 2],
    bodies: &[&str],
    id: Option<String>,
) -> Result<WebhookState, Diagnostics> {
    let bodies: Vec<Map<String, Json>> = bodies
        .iter()
        .filter_map(|name| webhook_in(source.state.get(*name)?))
        .collect();
    let found = paths.map(|name| Some((name, source.state.get(name)?.as_str()?)));
    let mut known = found.iter().flatten().map(|(_, path)| *path);
    let Some(path) = known.find_map(WebhookPath::parse) else {
        return Err(no_webhook_path(source, &found));
    };
    let id = path.webhook_id.or(id);
    let Some(id) = id.or_else(|| first(&bodies, |body| text(body, "id"))) else {
        return Err(source.refused(
            "Its state shows no ID of the webhook, which is a UUID: neither at the end of the \
             path, nor as its ID, nor in what it was answered.",
        ));
    };
    if !is_webhook_id(&id) {
        return Err(source.refused(&format!(
            "The ID in its state, {:?}, is not that of a webhook, which is a UUID.",
            shown(&id)
        )));
    }
    Ok(WebhookState {
        id,
        account_id: path.account_id,
        app_id: path.app_id,
        name: first(&bodies, |body| text(body, "name")),
        url: first(&bodies, |body| text(body, "url")),
        events: first(&bodies, events),
        enabled: first(&bodies, |body| body.get("enabled")?.as_bool()),
        created_at: first(&bodies, |body| text(body, "created_at")),
        updated_at: first(&bodies, |body| text(body, "updated_at")),
        timeouts: None,
    })
}

fn no_webhook_path(source: &MoveSource, found: &[Option<(&str, &str)>]) -> Diagnostics {
    let found: Vec<String> = found
        .iter()
        .flatten()
        .map(|(name, path)| format!("{name} = {:?}", shown(path)))
        .collect();
    let found = if found.is_empty() {
        "no path".to_owned()
    } else {
        found.join(", ")
    };
    source.refused(&format!(
        "Its state has to show the account and the app of the webhook, in a path that ends as \
         /accounts/<account_id>/realtime/kit/<app_id>/webhooks, or so and with the ID of the \
         webhook after it. It has {found}."
    ))
}

/// What the first of `bodies` has that has it.
fn first<T>(
    bodies: &[Map<String, Json>],
    get: impl Fn(&Map<String, Json>) -> Option<T>,
) -> Option<T> {
    bodies.iter().find_map(get)
}

fn text(object: &Map<String, Json>, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

fn events(body: &Map<String, Json>) -> Option<BTreeSet<String>> {
    let events = body.get("events")?.as_array()?.iter();
    events
        .map(|event| event.as_str().map(str::to_owned))
        .collect()
}

/// The webhook in an attribute that holds the body of a request or an answer: as JSON in a text,
/// as a value with its type, or as it is; and in the API's envelope or without.
fn webhook_in(body: &Json) -> Option<Map<String, Json>> {
    let body = match body {
        Json::String(text) => serde_json::from_str(text).ok()?,
        Json::Object(typed) if typed.contains_key("type") => typed.get("value")?.clone(),
        body => body.clone(),
    };
    unwrapped(unwrapped(body)).as_object().cloned()
}

/// What is in one layer of an envelope.
fn unwrapped(mut body: Json) -> Json {
    for layer in ["result", "data"] {
        if let Some(inner) = body.get_mut(layer).filter(|inner| inner.is_object()) {
            return inner.take();
        }
    }
    body
}
