//! `realtimekit_webhook`: looks up one webhook of an app by its id, name or URL.

use std::{collections::BTreeSet, sync::Arc};

use super::attributes::{app_attributes, webhook_attributes};
use crate::api::{Webhook, WebhookList, Webhooks, is_webhook_id, same_url, shown_url};
use crate::framework::{
    DataSource, Diagnostics, Object, Type, WithWarnings, model,
    schema::{Schema, optional},
    validate::exactly_one_of,
};
use crate::provider::{
    diagnostics::{failed, unreadable_items},
    nfc,
    session::Session,
    validators,
};

pub(in crate::provider) struct WebhookDataSource;

/// What to look for, and where.
pub(in crate::provider) struct WebhookQuery {
    account_id: String,
    app_id: String,
    id: Option<String>,
    name: Option<String>,
    url: Option<String>,
}
model!(WebhookQuery {
    account_id,
    app_id,
    id,
    name,
    url
});

/// What was found.
pub(in crate::provider) struct FoundWebhook {
    id: String,
    account_id: String,
    app_id: String,
    name: String,
    url: String,
    events: BTreeSet<String>,
    enabled: bool,
    created_at: Option<String>,
    updated_at: Option<String>,
}
model!(FoundWebhook {
    id,
    account_id,
    app_id,
    name,
    url,
    events,
    enabled,
    created_at,
    updated_at
});

impl DataSource for WebhookDataSource {
    type Client = Session;
    type Config = WebhookQuery;
    type State = FoundWebhook;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook"
    }

    fn schema(&self) -> Schema {
        let [account_id, app_id] = app_attributes();
        let [events, enabled, created_at, updated_at] = webhook_attributes();
        Schema::new(
            "Looks up one webhook of an app by exactly one of its `id`, `name` and `url`.",
            [
                account_id,
                app_id,
                optional("id", Type::String, "Identifier of the webhook: a UUID.")
                    .or_computed()
                    .validate(validators::webhook_id),
                optional("name", Type::String, "Name of the webhook.")
                    .or_computed()
                    .validate(validators::not_blank),
                optional("url", Type::String, "URL that RealtimeKit calls.").or_computed(),
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
            Some(id) if is_webhook_id(id) => get(&webhooks, id, &query).await?,
            _ => find(&webhooks, &query).await?,
        };
        let Webhook {
            id,
            name,
            url,
            events,
            enabled,
            created_at,
            updated_at,
        } = webhook;
        Ok(FoundWebhook {
            id: query.id.unwrap_or(id),
            account_id: query.account_id,
            app_id: query.app_id,
            name,
            url: query.url.unwrap_or(url), // as it is spelt in the configuration
            events,
            enabled,
            created_at,
            updated_at,
        }
        .into())
    }
}

async fn get(webhooks: &Webhooks, id: &str, query: &WebhookQuery) -> Result<Webhook, Diagnostics> {
    match webhooks.get(id).await {
        Ok(webhook) => Ok(webhook),
        Err(error) if error.is_gone() => {
            let list = list(webhooks).await?;
            Err(not_found(query, &list))
        }
        Err(error) => Err(failed("Read the Webhook", &error)),
    }
}

async fn find(webhooks: &Webhooks, query: &WebhookQuery) -> Result<Webhook, Diagnostics> {
    let all = list(webhooks).await?;
    let mut matching = all.iter().filter(|webhook| query.matches(webhook));
    match (matching.next(), matching.next()) {
        (Some(webhook), None) => Ok(webhook.clone()),
        (None, _) => Err(not_found(query, &all)),
        (Some(_), Some(_)) => {
            let matching = all.iter().filter(|webhook| query.matches(webhook));
            Err(Diagnostics::error(
                "More Than One Webhook",
                format!(
                    "App {:?} has more than one webhook with {}. Look it up by its id:\n\n{}",
                    query.app_id,
                    query.wanted(),
                    candidates(matching)
                ),
            )
            .at(query.attribute()))
        }
    }
}

async fn list(webhooks: &Webhooks) -> Result<Arc<WebhookList>, Diagnostics> {
    webhooks
        .list()
        .await
        .map_err(|error| failed("List the Webhooks", &error))
}

impl WebhookQuery {
    fn matches(&self, webhook: &Webhook) -> bool {
        let is = |wanted: &Option<String>, same: fn(&str, &str) -> bool, found: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| same(wanted, &nfc(found)))
        };
        is(&self.id, str::eq_ignore_ascii_case, &webhook.id)
            && is(&self.name, |one, other| one == other, &webhook.name)
            && is(&self.url, same_url, &webhook.url)
    }

    /// The attribute that says what is looked for.
    fn attribute(&self) -> &'static str {
        match self {
            Self { id: Some(_), .. } => "id",
            Self { name: Some(_), .. } => "name",
            _ => "url",
        }
    }

    /// What is looked for, in words.
    fn wanted(&self) -> String {
        let value = self
            .id
            .as_ref()
            .or(self.name.as_ref())
            .or(self.url.as_ref());
        let value = value.map_or("", String::as_str);
        match self.attribute() {
            "url" => format!("url = {:?}", shown_url(value)),
            attribute => format!("{attribute} = {value:?}"),
        }
    }
}

fn not_found(query: &WebhookQuery, list: &WebhookList) -> Diagnostics {
    let mut found = match &**list {
        [] if list.unreadable().is_empty() => {
            "The app has no webhooks at all: check account_id and app_id.".to_owned()
        }
        [] => String::new(),
        all => format!("The app has these:\n\n{}", candidates(all.iter())),
    };
    if !list.unreadable().is_empty() {
        found += &format!(
            "\n\nThe app also has webhooks that the provider cannot read:\n\n{}",
            unreadable_items(list.unreadable())
        );
    }
    Diagnostics::error(
        "No Such Webhook",
        format!(
            "App {:?} has no webhook with {}. {found}",
            query.app_id,
            query.wanted()
        ),
    )
    .at(query.attribute())
}

/// The webhooks that may have been meant, one a line.
fn candidates<'w>(webhooks: impl Iterator<Item = &'w Webhook>) -> String {
    const SHOWN: usize = 20;
    let mut lines: Vec<String> = webhooks
        .map(|webhook| {
            format!(
                "- {}: {:?}, {}",
                webhook.id,
                webhook.name,
                shown_url(&webhook.url)
            )
        })
        .collect();
    lines.sort_unstable();
    if let Some(more) = lines.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        lines.truncate(SHOWN);
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}
