//! `realtimekit_webhook_events`: the events that the API supports.

use std::collections::BTreeSet;

use super::{
    diagnostics::{failed, failed_with},
    session::Session,
    webhook::attributes::{AppQuery, app_schema},
};
use crate::api;
use crate::framework::{
    DataSource, Diagnostics, Type, WithWarnings, model,
    schema::{Schema, computed},
};

pub(super) struct WebhookEventsDataSource;

model! {
    /// The app, and the events that the API supports.
    pub(super) struct WebhookEventsState {
        account_id: String,
        app_id: String,
        events: BTreeSet<String>,
    }
}

impl DataSource for WebhookEventsDataSource {
    type Client = Session;
    type Config = AppQuery;
    type State = WebhookEventsState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook_events"
    }

    fn schema(&self) -> Schema {
        app_schema(
            "Lists the names of the events that the API supports.\n\nNot every deployment of \
             RealtimeKit has this list. The function `webhook_events` returns the documented events \
             without an API request.",
            [computed(
                "events",
                Type::set(Type::String),
                "Names of the events, for `events` of `realtimekit_webhook`.",
            )],
        )
    }

    async fn read(
        &self,
        session: &Session,
        AppQuery { account_id, app_id }: AppQuery,
    ) -> Result<WithWarnings<WebhookEventsState>, Diagnostics> {
        let webhooks = session.api.webhooks(&account_id, &app_id);
        let events = webhooks.supported_events().await.map_err(list_failed)?;
        Ok(WebhookEventsState {
            account_id,
            app_id,
            events: events.into_iter().collect(),
        }
        .into())
    }
}

fn list_failed(error: api::Error) -> Diagnostics {
    const ACTION: &str = "List the Events";
    const INSTEAD: &str = "This deployment of the API does not seem to have this list. Use the \
                           function provider::realtimekit::webhook_events() instead, which returns \
                           the documented events without an API request.";
    // A server without this endpoint takes its path for the path of a webhook, which is not found or
    // has an invalid identifier (400).
    let is_unsupported = match error.status().map(|status| status.as_u16()) {
        Some(400 | 404 | 405 | 501) => !error.is_app_not_found(),
        Some(_) => false,
        None => error.is_unreadable(),
    };
    match is_unsupported {
        true => failed_with(ACTION, &error, Some(INSTEAD)),
        false => failed(ACTION, &error),
    }
}
