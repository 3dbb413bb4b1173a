//! `realtimekit_webhook`: a URL that RealtimeKit calls on an app's events.
//!
//! One instance is one webhook of one app. The API cannot move a webhook to another app, so
//! `account_id` and `app_id` require replacement; everything else is replaced in place.

use std::collections::BTreeSet;

use super::{
    belongs_to,
    diagnostics::failed,
    events::KNOWN_EVENTS,
    import_id::ImportId,
    validators::{self, same_url},
};
use crate::api::{Client, Error, Webhook, WebhookRequest};
use crate::framework::{
    Diagnostics, Failure, Resource, Type, model,
    schema::{ProviderDefaults, Schema, computed, optional, required},
};

pub(super) struct WebhookResource;

/// What the configuration decides.
#[derive(Clone)]
pub(super) struct WebhookPlan {
    account_id: String,
    app_id: String,
    name: String,
    url: String,
    events: BTreeSet<String>,
    enabled: bool,
}
model!(WebhookPlan {
    account_id,
    app_id,
    name,
    url,
    events,
    enabled
});

/// What Terraform stores. The times are unknown only of a webhook that could not be read back.
pub(super) struct WebhookState {
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
model!(WebhookState {
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

impl Resource for WebhookResource {
    type Client = Client;
    type Plan = WebhookPlan;
    type State = WebhookState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook"
    }

    fn schema(&self) -> Schema {
        let [account_id, app_id] = belongs_to();
        Schema::new(
            "A webhook: a URL that RealtimeKit calls when something happens in an app.\n\n\
             An app has each URL at most once. A webhook that exists already, made in the dashboard \
             say, is not created again but imported.",
            [
                account_id.requires_replace(),
                app_id.requires_replace(),
                required(
                    "name",
                    Type::String,
                    "Name of the webhook. Need not be unique.",
                )
                .validate(validators::not_blank),
                required(
                    "url",
                    Type::String,
                    "URL that RealtimeKit calls: absolute, and `https` unless you test. Unique in \
                     the app.",
                )
                .validate(validators::webhook_url),
                required(
                    "events",
                    Type::set(Type::String),
                    &format!(
                        "Events to report, at least one of {}. Any other name is passed on with a \
                         warning, since RealtimeKit may know more by now.",
                        KNOWN_EVENTS.map(|event| format!("`{event}`")).join(", ")
                    ),
                )
                .validate(validators::events),
                optional(
                    "enabled",
                    Type::Bool,
                    "Whether the URL is called. Defaults to `true`.",
                )
                .default(true),
                computed("id", Type::String, "Identifier of the webhook: a UUID.")
                    .use_state_for_unknown(),
                computed(
                    "created_at",
                    Type::String,
                    "When it was created, in RFC 3339.",
                )
                .use_state_for_unknown(),
                computed(
                    "updated_at",
                    Type::String,
                    "When it was last changed, in RFC 3339.",
                ),
            ],
        )
    }

    async fn create(
        &self,
        client: &Client,
        plan: WebhookPlan,
    ) -> Result<WebhookState, Failure<WebhookState>> {
        let webhooks = client.webhooks(&plan.account_id, &plan.app_id);
        match webhooks.create(&plan.request()).await {
            Ok(webhook) => Ok(plan.became(webhook)),
            Err(error) if error.is_conflict() => Err(url_taken(client, &plan, &error).await.into()),
            Err(error) => {
                let diagnostics = failed("Create the Webhook", &error);
                // It exists, so it must not be lost.
                let state = error.written_id().map(|id| plan.written(id, None));
                Err(Failure { diagnostics, state })
            }
        }
    }

    async fn read(
        &self,
        client: &Client,
        state: WebhookState,
    ) -> Result<Option<WebhookState>, Diagnostics> {
        let WebhookState {
            id,
            account_id,
            app_id,
            url,
            ..
        } = state;
        match client.webhooks(&account_id, &app_id).get(&id).await {
            Ok(webhook) => Ok(Some(WebhookState::new(account_id, app_id, &url, webhook))),
            // Gone: Terraform will plan to create it. A missing app is more likely a mistake.
            Err(error) if error.is_not_found() && !error.is_app_not_found() => Ok(None),
            Err(error) => Err(failed("Read the Webhook", &error)),
        }
    }

    async fn update(
        &self,
        client: &Client,
        state: WebhookState,
        plan: WebhookPlan,
    ) -> Result<WebhookState, Failure<WebhookState>> {
        let webhooks = client.webhooks(&plan.account_id, &plan.app_id);
        match webhooks.replace(&state.id, &plan.request()).await {
            Ok(webhook) => Ok(plan.became(webhook)),
            Err(error) if error.is_conflict() => Err(url_taken(client, &plan, &error).await.into()),
            Err(error) if error.is_not_found() => Err(gone(&state.id, &error).into()),
            Err(error) => {
                let diagnostics = failed("Update the Webhook", &error);
                let state = error.written_id().map(|id| plan.written(id, Some(state)));
                Err(Failure { diagnostics, state })
            }
        }
    }

    async fn delete(&self, client: &Client, state: WebhookState) -> Result<(), Diagnostics> {
        match client
            .webhooks(&state.account_id, &state.app_id)
            .delete(&state.id)
            .await
        {
            Ok(()) => Ok(()),
            Err(error) if error.is_not_found() && !error.is_app_not_found() => Ok(()),
            Err(error) => Err(failed("Delete the Webhook", &error)),
        }
    }

    async fn import(
        &self,
        client: &Client,
        defaults: &ProviderDefaults,
        id: &str,
    ) -> Result<WebhookState, Diagnostics> {
        let ImportId {
            account_id,
            app_id,
            webhook_id,
        } = ImportId::parse(id, defaults)?;
        match client.webhooks(&account_id, &app_id).get(&webhook_id).await {
            Ok(webhook) => {
                let url = webhook.url.clone();
                Ok(WebhookState::new(account_id, app_id, &url, webhook))
            }
            Err(error) if error.is_not_found() && !error.is_app_not_found() => {
                Err(Diagnostics::error(
                    "No Such Webhook",
                    format!(
                        "App {app_id:?} of account {account_id:?} has no webhook {webhook_id}, so \
                         there is nothing to import. The data source realtimekit_webhooks lists the \
                         webhooks of an app with their IDs.\n\n{error}"
                    ),
                ))
            }
            Err(error) => Err(failed("Import the Webhook", &error)),
        }
    }
}

impl WebhookPlan {
    fn request(&self) -> WebhookRequest {
        WebhookRequest {
            name: self.name.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
            enabled: self.enabled,
        }
    }

    /// The state after the API answered a change with `webhook`.
    fn became(self, webhook: Webhook) -> WebhookState {
        WebhookState::new(self.account_id, self.app_id, &self.url, webhook)
    }

    /// The state after a change that was made but could not be read back.
    fn written(self, id: &str, prior: Option<WebhookState>) -> WebhookState {
        let (created_at, updated_at) = prior
            .map(|prior| (prior.created_at, prior.updated_at))
            .unwrap_or_default();
        WebhookState {
            id: id.to_owned(),
            account_id: self.account_id,
            app_id: self.app_id,
            name: self.name,
            url: self.url,
            events: self.events,
            enabled: self.enabled,
            created_at,
            updated_at,
        }
    }
}

impl WebhookState {
    /// The one place where an API object becomes attributes; the data sources use it too.
    ///
    /// `url` is how the practitioner spells the URL: kept while it means the same.
    pub(super) fn new(account_id: String, app_id: String, url: &str, webhook: Webhook) -> Self {
        let url = if same_url(url, &webhook.url) {
            url.to_owned()
        } else {
            webhook.url
        };
        Self {
            id: webhook.id,
            account_id,
            app_id,
            name: webhook.name,
            url,
            events: webhook.events,
            enabled: webhook.enabled,
            created_at: Some(webhook.created_at),
            updated_at: Some(webhook.updated_at),
        }
    }
}

/// The API allows a URL once in an app: says which webhook has it, and how to adopt that one.
async fn url_taken(client: &Client, plan: &WebhookPlan, error: &Error) -> Diagnostics {
    let WebhookPlan {
        account_id,
        app_id,
        url,
        ..
    } = plan;
    let mut detail = format!("Another webhook of app {app_id:?} has the URL {url:?}.");
    match client.webhooks(account_id, app_id).list().await {
        Ok(webhooks) => match webhooks.iter().find(|webhook| same_url(&webhook.url, url)) {
            Some(Webhook { id, name, .. }) => {
                detail += &format!(
                    " It is webhook {id}, named {name:?}.\n\nEither choose another URL, or manage \
                     that webhook with Terraform. To import it, add this block, with the address \
                     of your resource:\n\nimport {{\n  to = realtimekit_webhook.NAME\n  id = \
                     \"{account_id}/{app_id}/{id}\"\n}}"
                );
            }
            None => {
                detail += " It was not among the webhooks of the app a moment later: try again."
            }
        },
        Err(listing) => detail += &format!("\n\nWhich one could not be found out: {listing}"),
    }
    Diagnostics::error("URL Already in Use", format!("{detail}\n\n{error}")).at("url")
}

fn gone(id: &str, error: &Error) -> Diagnostics {
    Diagnostics::error(
        "The Webhook Does Not Exist Any More",
        format!(
            "Webhook {id} was deleted after the plan was made. Run terraform plan again: it will \
             plan to create the webhook.\n\n{error}"
        ),
    )
}
