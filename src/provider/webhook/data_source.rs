//! `realtimekit_webhook`: looks up one webhook of an app by its ID, name or URL.

use std::{collections::BTreeSet, sync::Arc};

use super::attributes::{app_schema, argument, webhook_attributes};
use crate::api::{Webhook, WebhookList, Webhooks, is_webhook_id, same_url, shown_url};
use crate::framework::{
    DataSource, Diagnostics, Object, WithWarnings, model,
    schema::{Presence::OptionalComputed, Schema},
    validate::exactly_one_of,
};
use crate::provider::{
    diagnostics::{failed, unreadable_items},
    nfc::nfc,
    session::Session,
    validators,
};

pub(in crate::provider) struct WebhookDataSource;

model! {
    /// The app, and one criterion.
    pub(in crate::provider) struct WebhookQuery {
        account_id: String,
        app_id: String,
        id: Option<String>,
        name: Option<String>,
        url: Option<String>,
    }
}

model! {
    /// The app and the webhook that was found.
    pub(in crate::provider) struct FoundWebhook {
        account_id: String,
        app_id: String,
        id: String,
        name: String,
        url: String,
        events: BTreeSet<String>,
        enabled: bool,
        created_at: Option<String>,
        updated_at: Option<String>,
    }
}

impl DataSource for WebhookDataSource {
    type Client = Session;
    type Config = WebhookQuery;
    type State = FoundWebhook;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook"
    }

    fn schema(&self) -> Schema {
        let [id, name, url, events, enabled, created_at, updated_at] = webhook_attributes();
        app_schema(
            "Looks up one webhook of an app by exactly one of `id`, `name` and `url`.",
            [
                argument(id, OptionalComputed, "").validate(validators::webhook_id),
                argument(name, OptionalComputed, "").validate(validators::not_blank),
                argument(url, OptionalComputed, ""),
                events,
                enabled,
                created_at,
                updated_at,
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        exactly_one_of(config, &["id", "name", "url"])
    }

    async fn read(
        &self,
        session: &Session,
        query: WebhookQuery,
    ) -> Result<WithWarnings<FoundWebhook>, Diagnostics> {
        let webhooks = session.api.webhooks(&query.account_id, &query.app_id);
        let webhook = match &query.id {
            Some(id) if is_webhook_id(id) => match webhooks.get(id).await {
                Ok(webhook) => webhook,
                Err(error) if error.is_gone() => {
                    return Err(not_found(&query, &*list(&webhooks).await?));
                }
                Err(error) => return Err(failed("Read the Webhook", &error)),
            },
            _ => find(&webhooks, &query).await?,
        };
        Ok(FoundWebhook {
            account_id: query.account_id,
            app_id: query.app_id,
            id: query.id.unwrap_or(webhook.id),
            name: webhook.name,
            url: query.url.unwrap_or(webhook.url), // as it is spelled in the configuration
            events: webhook.events,
            enabled: webhook.enabled,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
        .into())
    }
}

async fn find(webhooks: &Webhooks, query: &WebhookQuery) -> Result<Webhook, Diagnostics> {
    let list = list(webhooks).await?;
    let matching: Vec<&Webhook> = list.iter().filter(|it| query.matches(it)).collect();
    match *matching {
        [webhook] => Ok(webhook.clone()),
        [] => Err(not_found(query, &list)),
        _ => Err(Diagnostics::error(
            "More Than One Webhook",
            format!(
                "App {:?} has more than one webhook with {}. Look it up by its id:\n\n{}",
                query.app_id,
                query.shown_criterion(),
                candidates(matching)
            ),
        )
        .at(query.criterion().0)),
    }
}

async fn list(webhooks: &Webhooks) -> Result<Arc<WebhookList>, Diagnostics> {
    let list = webhooks.list().await;
    list.map_err(|error| failed("List the Webhooks", &error))
}

impl WebhookQuery {
    /// The attribute to look up by, and its value. Validation allows exactly one.
    fn criterion(&self) -> (&'static str, &str) {
        match (&self.id, &self.name, &self.url) {
            (Some(id), _, _) => ("id", id),
            (_, Some(name), _) => ("name", name),
            (_, _, url) => ("url", url.as_deref().unwrap_or_default()),
        }
    }

    fn shown_criterion(&self) -> String {
        match self.criterion() {
            ("url", url) => format!("url = {:?}", shown_url(url)),
            (attribute, value) => format!("{attribute} = {value:?}"),
        }
    }

    fn matches(&self, webhook: &Webhook) -> bool {
        match self.criterion() {
            ("id", id) => id.eq_ignore_ascii_case(&webhook.id),
            ("name", name) => name == nfc(&webhook.name),
            (_, url) => same_url(url, &nfc(&webhook.url)),
        }
    }
}

fn not_found(query: &WebhookQuery, list: &WebhookList) -> Diagnostics {
    let (app_id, criterion) = (&query.app_id, query.shown_criterion());
    let mut detail = format!("App {app_id:?} has no webhook with {criterion}.");
    if !list.is_empty() {
        detail += &format!(" The app has these webhooks:\n\n{}", candidates(&**list));
    }
    if !list.unreadable().is_empty() {
        let items = unreadable_items(list.unreadable());
        detail += &format!("\n\nThe app has webhooks that the provider cannot read:\n\n{items}");
    } else if list.is_empty() {
        detail += " The app has no webhooks: check account_id and app_id.";
    }
    Diagnostics::error("No Such Webhook", detail).at(query.criterion().0)
}

/// One line for each webhook, up to a limit.
fn candidates<'w>(webhooks: impl IntoIterator<Item = &'w Webhook>) -> String {
    const SHOWN: usize = 20;
    let lines = webhooks
        .into_iter()
        .map(|Webhook { id, name, url, .. }| format!("- {id}: {name:?}, {}", shown_url(url)));
    let mut lines: Vec<String> = lines.collect();
    lines.sort_unstable();
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}
