//! `realtimekit_webhooks`: all webhooks of an app.

use super::attributes::{AppQuery, app_schema, webhook_attributes};
use crate::api::Webhook;
use crate::framework::{
    DataSource, Diagnostics, Nested, WithWarnings, model,
    schema::{AttributeType, Nesting, Schema, computed},
};
use crate::provider::{
    diagnostics::{failed, unreadable_left_out},
    session::Session,
};

pub(in crate::provider) struct WebhooksDataSource;

model! {
    /// The app and its webhooks.
    pub(in crate::provider) struct WebhooksState {
        account_id: String,
        app_id: String,
        webhooks: Vec<Nested<Webhook>>,
    }
}

impl DataSource for WebhooksDataSource {
    type Client = Session;
    type Config = AppQuery;
    type State = WebhooksState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhooks"
    }

    fn schema(&self) -> Schema {
        app_schema(
            "Lists all webhooks of an app.",
            [computed(
                "webhooks",
                AttributeType::Nested(Nesting::List, webhook_attributes().into()),
                "Webhooks of the app, ordered by name. Empty if the app has none.",
            )],
        )
    }

    async fn read(
        &self,
        session: &Session,
        AppQuery { account_id, app_id }: AppQuery,
    ) -> Result<WithWarnings<WebhooksState>, Diagnostics> {
        let webhooks = webhooks_by_name(session, &account_id, &app_id).await?;
        Ok(webhooks.map(|webhooks| WebhooksState {
            account_id,
            app_id,
            webhooks: webhooks.into_iter().map(Nested).collect(),
        }))
    }
}

/// The webhooks of an app, with a warning about those that cannot be read. They are sorted, because
/// the API promises no order and a change of order must not look like a change.
pub(super) async fn webhooks_by_name(
    session: &Session,
    account_id: &str,
    app_id: &str,
) -> Result<WithWarnings<Vec<Webhook>>, Diagnostics> {
    let listed = session.api.webhooks(account_id, app_id).list().await;
    let list = listed.map_err(|error| failed("List the Webhooks", &error))?;
    let mut webhooks = list.to_vec();
    webhooks.sort_by_cached_key(|webhook| (webhook.name.clone(), webhook.id.clone()));
    Ok(WithWarnings {
        value: webhooks,
        warnings: unreadable_left_out(list.unreadable()),
    })
}
