//! `realtimekit_webhook_events`: the events that the API says it can report.

use std::collections::BTreeSet;

use super::{
    diagnostics::{failed, failed_with},
    session::Session,
    webhook::attributes::app_attributes,
};
use crate::api;
use crate::framework::{
    DataSource, Diagnostics, Type, WithWarnings, model,
    schema::{Schema, computed},
};

pub(super) struct WebhookEventsDataSource;

/// Whom to ask.
pub(super) struct WebhookEventsQuery {
    account_id: String,
    app_id: String,
}
model!(WebhookEventsQuery { account_id, app_id });

/// What was answered.
pub(super) struct WebhookEventsState {
    account_id: String,
    app_id: String,
    events: BTreeSet<String>,
}
model!(WebhookEventsState {
    account_id,
    app_id,
    events
});

impl DataSource for WebhookEventsDataSource {
    type Client = Session;
    type Config = WebhookEventsQuery;
    type State = WebhookEventsState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook_events"
    }

    fn schema(&self) -> Schema {
        let [account_id, app_id] = app_attributes();
        Schema::new(
            "Asks the API for the names of the events that it can report.\n\nNot every deployment \
             of RealtimeKit offers this list. The function `webhook_events` knows the documented \
             events without asking.",
            [
                account_id,
                app_id,
                computed(
                    "events",
                    Type::set(Type::String),
                    "Names of the events, as `events` of `realtimekit_webhook` takes them.",
                ),
            ],
        )
    }

    async fn read(
        &self,
        session: &Session,
        query: WebhookEventsQuery,
    ) -> Result<WithWarnings<WebhookEventsState>, Diagnostics> {
        let WebhookEventsQuery { account_id, app_id } = query;
        let webhooks = session.api.webhooks(&account_id, &app_id);
        let events = webhooks.supported_events().await.map_err(told)?;
        Ok(WebhookEventsState {
            account_id,
            app_id,
            events: events.into_iter().collect(),
        }
        .into())
    }
}

fn told(error: api::Error) -> Diagnostics {
    const ACTION: &str = "List the Events";
    const INSTEAD: &str = "The service does not seem to offer this list: it is not a part of the \
                           API that every deployment has. Use the function \
                           provider::realtimekit::webhook_events() instead, which knows the \
                           documented events without asking.";
    match is_not_offered(&error) {
        true => failed_with(ACTION, &error, Some(INSTEAD)),
        false => failed(ACTION, &error),
    }
}

/// A service that does not know the endpoint takes its path for that of a webhook: not found, or
/// no valid identifier (400).
fn is_not_offered(error: &api::Error) -> bool {
    match error {
        api::Error::Api { response, .. } => {
            let status = response.status.as_u16();
            matches!(status, 400 | 404 | 405 | 501) && !error.is_app_not_found()
        }
        api::Error::Unreadable { broken_off, .. } => !broken_off,
        _ => false,
    }
}
