//! Webhooks that a generic REST provider managed, taken over by a `moved` block. Pure.
//!
//! Such a provider stores the path that it sends requests to, which names the webhook. Nothing else
//! of its state is used: the read that follows a move fills the rest in. Headers, queries and bodies
//! may hold credentials.

mod path;
#[cfg(test)]
mod tests;

use serde_json::Value as Json;

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
    let id = source.state.get("id").and_then(Json::as_str);
    state_of(source, ["read_path", "path"], id)
}

/// Of magodo/restful: `id` is the path that the object is read from, and `path` the one that it
/// was created at.
fn from_restful(source: &MoveSource) -> Result<WebhookState, Diagnostics> {
    state_of(source, ["id", "path"], None)
}

/// The state of the webhook that `source` names in the attributes `paths`, the preferred one
/// first; without an ID in the path, `id` is its ID.
fn state_of(
    source: &MoveSource,
    paths: [&'static str; 2],
    id: Option<&str>,
) -> Result<WebhookState, Diagnostics> {
    let found = paths.map(|name| Some((name, source.state.get(name)?.as_str()?)));
    let mut known = found.iter().flatten().map(|(_, path)| *path);
    let Some(path) = known.find_map(WebhookPath::parse) else {
        return Err(no_webhook_path(source, &found));
    };
    let Some(id) = path.webhook_id.or(id.map(str::to_owned)) else {
        return Err(source.refused(
            "Its state shows no ID of the webhook, which is a UUID: neither at the end of the \
             path nor as its ID.",
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
        name: None,
        url: None,
        events: None,
        enabled: None,
        created_at: None,
        updated_at: None,
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
