//! `realtimekit_webhook`: a URL that RealtimeKit calls on an app's events.
//!
//! One instance is one webhook of one app. The API cannot move a webhook to another app, so
//! `account_id` and `app_id` require replacement; everything else is replaced in place.

use std::collections::BTreeSet;

use super::{
    adoption::{create_failed, url_held, url_taken, url_wanted_twice},
    belongs_to,
    diagnostics::failed,
    events::KNOWN_EVENTS,
    import_id::{ImportId, no_such_webhook, webhook_identity},
    moves::movers,
    session::{Place, Session},
    timeouts::{Operation, Timeouts, timeout, timeouts},
    times, validators,
};
use crate::api::{Error, Webhook, WebhookRequest, Webhooks, same_time, same_url};
use crate::framework::{
    ApplyError, Diagnostics, IdentitySchema, ImportTarget, Nested, Object, PlannedChange, Resource,
    StateMover, Type, Value, WithWarnings, model,
    schema::{ProviderDefaults, Schema, computed, optional, required},
};

pub(super) struct WebhookResource;

/// What the configuration decides.
pub(super) struct WebhookPlan {
    account_id: String,
    app_id: String,
    name: String,
    url: String,
    events: BTreeSet<String>,
    enabled: bool,
    timeouts: Option<Nested<Timeouts>>,
}
model!(WebhookPlan {
    account_id,
    app_id,
    name,
    url,
    events,
    enabled,
    timeouts
});

/// What Terraform stores. After a move, all but the identifiers may be null until the webhook is
/// read; otherwise only the times, of a webhook that could not be read back.
pub(super) struct WebhookState {
    pub(super) id: String,
    pub(super) account_id: String,
    pub(super) app_id: String,
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) events: Option<BTreeSet<String>>,
    pub(super) enabled: Option<bool>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) timeouts: Option<Nested<Timeouts>>,
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
    updated_at,
    timeouts
});

impl Resource for WebhookResource {
    type Client = Session;
    type Plan = WebhookPlan;
    type State = WebhookState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook"
    }

    fn schema(&self) -> Schema {
        let [account_id, app_id] = belongs_to();
        let [created_at, updated_at] = times();
        Schema::new(
            "A webhook: a URL that RealtimeKit calls when something happens in an app.\n\n\
             An app has each URL at most once. A webhook that exists already, made in the dashboard \
             say, is not created again but imported. One that Terraform manages with a generic REST \
             provider, as a `restapi_object` or a `restful_resource`, is taken over by a `moved` \
             block (since Terraform 1.8 and OpenTofu 1.10).",
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
                created_at.use_state_for_unknown(),
                updated_at,
                timeouts(),
            ],
        )
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(webhook_identity())
    }

    fn state_movers(&self) -> Vec<StateMover<WebhookState>> {
        movers()
    }

    async fn plan_warnings(&self, session: &Session, change: PlannedChange<'_>) -> Diagnostics {
        fn text<'o>(object: &'o Object, name: &str) -> Option<&'o str> {
            object.get(name).and_then(Value::as_str)
        }
        let [Some(account_id), Some(app_id), Some(url)] =
            ["account_id", "app_id", "url"].map(|name| text(change.planned, name))
        else {
            return Diagnostics::new(); // known only after other changes are applied
        };
        let id = change.prior.and_then(|prior| text(prior, "id"));
        if let Some(id) = id {
            session.manages(id); // it is not read before a plan without a refresh
        }
        let place = Place {
            account_id: account_id.to_owned(),
            app_id: app_id.to_owned(),
            url: url.to_owned(),
        };
        if session.plans(place, id, change.to_be_replaced) {
            return url_wanted_twice(url);
        }
        if change.prior.and_then(|prior| text(prior, "url")) == Some(url) {
            return Diagnostics::new();
        }
        let webhooks = session.api.webhooks(account_id, app_id);
        url_held(session, &webhooks, url).await
    }

    async fn create(
        &self,
        session: &Session,
        plan: WebhookPlan,
    ) -> Result<WithWarnings<WebhookState>, ApplyError<WebhookState>> {
        let webhooks = plan.webhooks(session, Operation::Create);
        match webhooks.create(&plan.request()).await {
            Ok(webhook) => {
                session.manages(&webhook.id);
                Ok(plan.became(webhook).into())
            }
            Err(error) if error.is_conflict() => {
                Err(url_taken(&webhooks, &plan.url, None, &error).await.into())
            }
            Err(error) => {
                let diagnostics = create_failed(&webhooks, &plan.url, &error);
                // It exists, so it must not be lost.
                let state = error.written_id().map(|id| plan.written(id, None));
                Err(ApplyError { diagnostics, state })
            }
        }
    }

    async fn read(
        &self,
        session: &Session,
        state: WebhookState,
    ) -> Result<WithWarnings<Option<WebhookState>>, Diagnostics> {
        session.manages(&state.id);
        let webhooks = state.webhooks(session, Operation::Read);
        let created_at = state.created_at.as_deref();
        match webhooks.refresh(&state.id, created_at).await {
            Ok(webhook) => Ok(Some(state.became(webhook)).into()),
            Err(error) if error.is_gone() => Ok(None.into()), // Terraform will plan to create it
            Err(error) => Err(failed("Read the Webhook", &error)),
        }
    }

    async fn update(
        &self,
        session: &Session,
        state: WebhookState,
        plan: WebhookPlan,
    ) -> Result<WithWarnings<WebhookState>, ApplyError<WebhookState>> {
        if state.is_as(&plan) {
            return Ok(WebhookState {
                timeouts: plan.timeouts,
                ..state
            }
            .into());
        }
        let webhooks = plan.webhooks(session, Operation::Update);
        match webhooks.replace(&state.id, &plan.request()).await {
            Ok(mut webhook) => {
                keep_spelling(state.created_at, &mut webhook.created_at);
                Ok(WebhookState {
                    id: state.id, // however the API spells it
                    ..plan.became(webhook)
                }
                .into())
            }
            Err(error) if error.is_conflict() => {
                Err(url_taken(&webhooks, &plan.url, Some(&state.id), &error)
                    .await
                    .into())
            }
            Err(error) if error.is_gone() => Err(gone(&state.id, &error).into()),
            Err(error) => {
                let diagnostics = failed("Update the Webhook", &error);
                let state = error.written_id().map(|id| plan.written(id, Some(state)));
                Err(ApplyError { diagnostics, state })
            }
        }
    }

    async fn delete(&self, session: &Session, state: WebhookState) -> Result<(), Diagnostics> {
        session.manages(&state.id);
        match state
            .webhooks(session, Operation::Delete)
            .delete(&state.id)
            .await
        {
            Ok(()) => Ok(()),
            Err(error) if error.is_gone() => Ok(()),
            Err(error) => Err(failed("Delete the Webhook", &error)),
        }
    }

    async fn import(
        &self,
        session: &Session,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> Result<WithWarnings<WebhookState>, Diagnostics> {
        let named = ImportId::of(&target, defaults)?;
        session.manages(&named.webhook_id);
        let webhooks = session.api.webhooks(&named.account_id, &named.app_id);
        match webhooks.get(&named.webhook_id).await {
            Ok(webhook) => {
                let url = webhook.url.clone();
                Ok(WebhookState::new(named.account_id, named.app_id, &url, webhook, None).into())
            }
            Err(error) if error.is_gone() => Err(no_such_webhook(&named, &error)),
            Err(error) => Err(failed("Import the Webhook", &error)),
        }
    }
}

impl WebhookPlan {
    fn webhooks(&self, session: &Session, operation: Operation) -> Webhooks {
        let limit = timeout(self.timeouts.as_ref(), operation);
        session
            .api
            .webhooks(&self.account_id, &self.app_id)
            .within(limit)
    }

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
        WebhookState::new(
            self.account_id,
            self.app_id,
            &self.url,
            webhook,
            self.timeouts,
        )
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
            name: Some(self.name),
            url: Some(self.url),
            events: Some(self.events),
            enabled: Some(self.enabled),
            created_at,
            updated_at,
            timeouts: self.timeouts,
        }
    }
}

impl WebhookState {
    /// The one place where an API object becomes attributes.
    ///
    /// `url` is how the practitioner spells the URL: kept while it means the same.
    pub(super) fn new(
        account_id: String,
        app_id: String,
        url: &str,
        webhook: Webhook,
        timeouts: Option<Nested<Timeouts>>,
    ) -> Self {
        let url = if same_url(url, &webhook.url) {
            url.to_owned()
        } else {
            webhook.url
        };
        Self {
            id: webhook.id,
            account_id,
            app_id,
            name: Some(webhook.name),
            url: Some(url),
            events: Some(webhook.events),
            enabled: Some(webhook.enabled),
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
            timeouts,
        }
    }

    fn webhooks(&self, session: &Session, operation: Operation) -> Webhooks {
        let limit = timeout(self.timeouts.as_ref(), operation);
        session
            .api
            .webhooks(&self.account_id, &self.app_id)
            .within(limit)
    }

    /// The state after a read that was answered with `webhook`.
    fn became(self, mut webhook: Webhook) -> Self {
        let id = self.id; // however the API spells it
        keep_spelling(self.created_at, &mut webhook.created_at);
        keep_spelling(self.updated_at, &mut webhook.updated_at);
        Self {
            id,
            ..Self::new(
                self.account_id,
                self.app_id,
                self.url.as_deref().unwrap_or_default(),
                webhook,
                self.timeouts,
            )
        }
    }

    /// Whether the API has nothing to change: the plan differs in what Terraform alone stores.
    fn is_as(&self, plan: &WebhookPlan) -> bool {
        self.name.as_ref() == Some(&plan.name)
            && self.url.as_ref() == Some(&plan.url)
            && self.events.as_ref() == Some(&plan.events)
            && self.enabled == Some(plan.enabled)
    }
}

/// Keeps how a time is stored while the API means the same instant: its precision may differ
/// from one answer to the next.
fn keep_spelling(stored: Option<String>, answered: &mut Option<String>) {
    if let (Some(stored), Some(time)) = (stored, answered.as_deref())
        && same_time(&stored, time)
    {
        *answered = Some(stored);
    }
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
