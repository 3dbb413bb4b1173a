//! Takes over webhooks that a generic REST provider managed, for `moved` blocks. Pure.
//!
//! Such a provider stores the path of its requests, which names the webhook. Nothing else of its
//! state is used, since headers, queries and bodies may hold credentials: the read that follows a
//! move adds the rest.

mod path;

use serde_json::Value as Json;

use self::path::{WebhookPath, shown};
use super::state::WebhookState;
use crate::api::is_webhook_id;
use crate::framework::{Diagnostics, MoveSource, StateMover};

/// The resource types that a webhook can be moved from.
pub(super) fn movers() -> Vec<StateMover<WebhookState>> {
    vec![
        // Mastercard/restapi: `id` is the ID in the API, and `path` the collection. `read_path`,
        // which may contain `{id}`, takes precedence.
        StateMover::new("restapi_object", |source| {
            let id = source.state.get("id").and_then(Json::as_str);
            state_of(source, ["read_path", "path"], id)
        }),
        // magodo/restful: `id` is the path that the object is read from, and `path` the path at
        // which it was created.
        StateMover::new("restful_resource", |source| {
            state_of(source, ["id", "path"], None)
        }),
    ]
}

/// The state of the webhook that the attributes `paths` of `source` name, in order of precedence;
/// `id` is used if the path has no ID.
fn state_of(
    source: &MoveSource,
    paths: [&'static str; 2],
    id: Option<&str>,
) -> Result<WebhookState, Diagnostics> {
    let text = |name: &'static str| Some((name, source.state.get(name)?.as_str()?));
    let found: Vec<(&str, &str)> = paths.into_iter().filter_map(text).collect();
    let Some(path) = found.iter().find_map(|(_, path)| WebhookPath::parse(path)) else {
        let found = found
            .iter()
            .map(|(name, path)| format!("{name} = {:?}", shown(path)));
        let found = found.reduce(|all, one| format!("{all}, {one}"));
        return Err(source.refused(&format!(
            "Its state must contain the account and the app of the webhook, in a path that ends \
             with /accounts/<account_id>/realtime/kit/<app_id>/webhooks, with or without the ID of \
             the webhook after it. It has {}.",
            found.as_deref().unwrap_or("no path")
        )));
    };
    match path.webhook_id.or(id.map(str::to_owned)) {
        Some(id) if is_webhook_id(&id) => Ok(WebhookState {
            id,
            account_id: path.account_id,
            app_id: path.app_id,
            ..WebhookState::default()
        }),
        id => Err(source.refused(&format!(
            "Its state must contain the ID of the webhook, which is a UUID, at the end of the path \
             or as its ID. It has {}.",
            id.map_or("no ID".to_owned(), |id| format!("{:?}", shown(&id)))
        ))),
    }
}

#[cfg(test)]
mod tests;
