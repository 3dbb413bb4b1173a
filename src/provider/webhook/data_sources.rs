//! `realtimekit_webhooks`: all webhooks of an app.

use std::collections::BTreeSet;

use super::attributes::{app_attributes, webhook_attributes};
use crate::api::Webhook;
use crate::framework::{
    DataSource, Diagnostics, Nested, Type, WithWarnings, model,
    schema::{AttributeType, Nesting, Schema, computed},
};
use crate::provider::{
    diagnostics::{failed, left_out},
    session::Session,
};

pub(in crate::provider) struct WebhooksDataSource;

/// Where to look.
pub(in crate::provider) struct WebhooksQuery {
    account_id: String,
    app_id: String,
}
model!(WebhooksQuery { account_id, app_id });

/// What was found.
pub(in crate::provider) struct WebhooksState {
    account_id: String,
    app_id: String,
    webhooks: Vec<Nested<WebhookItem>>,
}
model!(WebhooksState {
    account_id,
    app_id,
    webhooks
});

/// One of the webhooks.
pub(in crate::provider) struct WebhookItem {
    id: String,
    name: String,
    url: String,
    events: BTreeSet<String>,
    enabled: bool,
    created_at: Option<String>,
    updated_at: Option<String>,
}
model!(WebhookItem {
    id,
    name,
    url,
    events,
    enabled,
    created_at,
    updated_at
});

impl DataSource for WebhooksDataSource {
    type Client = Session;
    type Config = WebhooksQuery;
    type State = WebhooksState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhooks"
    }

    fn schema(&self) -> Schema {
        let [account_id, app_id] = app_attributes();
        let mut webhook = vec![
            computed("id", Type::String, "Identifier of the webhook: a UUID."),
            computed("name", Type::String, "Name of the webhook."),
            computed("url", Type::String, "URL that RealtimeKit calls."),
        ];
        webhook.extend(webhook_attributes());
        Schema::new(
            "Lists all webhooks of an app.",
            [
                account_id,
                app_id,
                computed(
                    "webhooks",
                    AttributeType::Nested(Nesting::List, webhook),
                    "The webhooks, ordered by name. Empty if the app has none.",
                ),
            ],
        )
    }

    async fn read(
        &self,
        session: &Session,
        query: WebhooksQuery,
    ) -> Result<WithWarnings<WebhooksState>, Diagnostics> {
        let WebhooksQuery { account_id, app_id } = query;
        let WithWarnings { value, warnings } =
            webhooks_by_name(session, &account_id, &app_id).await?;
        let webhooks = value.into_iter().map(|webhook| Nested(webhook.into()));
        let value = WebhooksState {
            account_id,
            app_id,
            webhooks: webhooks.collect(),
        };
        Ok(WithWarnings { value, warnings })
    }
}

/// The webhooks of an app, with a warning about those that cannot be read. The API promises no
/// order, and a change of order must not look like a change.
pub(super) async fn webhooks_by_name(
    session: &Session,
    account_id: &str,
    app_id: &str,
) -> Result<WithWarnings<Vec<Webhook>>, Diagnostics> {
    let listed = session.api.webhooks(account_id, app_id).list().await;
    let list = listed.map_err(|error| failed("List the Webhooks", &error))?;
    let mut webhooks = list.to_vec();
    webhooks.sort_unstable_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Ok(WithWarnings {
        value: webhooks,
        warnings: left_out(list.unreadable()),
    })
}

impl From<Webhook> for WebhookItem {
    fn from(webhook: Webhook) -> Self {
        let Webhook {
            id,
            name,
            url,
            events,
            enabled,
            created_at,
            updated_at,
        } = webhook;
        Self {
            id,
            name,
            url,
            events,
            enabled,
            created_at,
            updated_at,
        }
    }
}
