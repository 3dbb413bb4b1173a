//! `realtimekit_webhook`: a URL that RealtimeKit calls on an app's events.
//!
//! One instance is one webhook of one app. The API cannot move a webhook to another app, so
//! `account_id` and `app_id` require replacement; everything else is replaced in place.

use super::{
    attributes::{app_attributes, timestamp_attributes},
    import_id::{ImportId, no_such_webhook, webhook_identity},
    moved::movers,
    state::{WebhookPlan, WebhookState, keep_spelling},
    url_conflict::{WantedUrl, create_failed},
};
use crate::api::{Error, same_url};
use crate::framework::timeouts::{Operation, timeouts};
use crate::framework::{
    ApplyError, Diagnostics, IdentitySchema, ImportTarget, Object, PlannedChange, Resource,
    StateMover, Type, Value, WithWarnings,
    schema::{ProviderDefaults, Schema, computed, optional, required},
};
use crate::provider::{diagnostics::failed, events::KNOWN_EVENTS, session::Session, validators};

pub(in crate::provider) struct WebhookResource;

impl Resource for WebhookResource {
    type Client = Session;
    type Plan = WebhookPlan;
    type State = WebhookState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook"
    }

    fn schema(&self) -> Schema {
        let [account_id, app_id] = app_attributes();
        let [created_at, updated_at] = timestamp_attributes();
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
                timeouts("the webhook"),
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
        let text = |object: Option<&Object>, name: &str| {
            object?.get(name).and_then(Value::as_str).map(str::to_owned)
        };
        let prior = |name: &str| text(change.prior, name);
        let own_id = prior("id");
        if let Some(id) = &own_id {
            session.mark_managed(id); // a plan without a refresh does not read it
        }
        let [Some(account_id), Some(app_id), Some(url)] =
            ["account_id", "app_id", "url"].map(|name| text(Some(change.planned), name))
        else {
            return Diagnostics::new(); // known only after other changes are applied
        };
        if prior("url").is_some_and(|prior| same_url(&prior, &url)) {
            return Diagnostics::new();
        }
        let wanted = WantedUrl {
            session,
            webhooks: &session.api.webhooks(&account_id, &app_id),
            url: &url,
            own_id: own_id.as_deref(),
        };
        wanted.plan_warning().await
    }

    async fn create(
        &self,
        session: &Session,
        plan: WebhookPlan,
    ) -> Result<WithWarnings<WebhookState>, ApplyError<WebhookState>> {
        let webhooks = plan.webhooks(session, Operation::Create);
        let request = plan.request();
        let wanted = WantedUrl {
            session,
            webhooks: &webhooks,
            url: &plan.url,
            own_id: None,
        };
        match wanted.write(|| webhooks.create(&request)).await? {
            Ok(webhook) => {
                session.mark_managed(&webhook.id);
                Ok(plan.into_state(webhook).into())
            }
            Err(error) => {
                let diagnostics = create_failed(&webhooks, &plan.url, &error);
                // It exists, so it must not be lost.
                let state = error
                    .written_id()
                    .map(|id| plan.state_after_unread_write(id, None));
                Err(ApplyError { diagnostics, state })
            }
        }
    }

    async fn read(
        &self,
        session: &Session,
        state: WebhookState,
    ) -> Result<WithWarnings<Option<WebhookState>>, Diagnostics> {
        session.mark_managed(&state.id);
        let webhooks = state.webhooks(session, Operation::Read);
        let created_at = state.created_at.as_deref();
        match webhooks.refresh(&state.id, created_at).await {
            Ok(webhook) => Ok(Some(state.into_state(webhook)).into()),
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
        session.mark_managed(&state.id);
        if state.matches_plan(&plan) {
            return Ok(WebhookState {
                timeouts: plan.timeouts,
                ..state
            }
            .into());
        }
        let webhooks = plan.webhooks(session, Operation::Update);
        let request = plan.request();
        let wanted = WantedUrl {
            session,
            webhooks: &webhooks,
            url: &plan.url,
            own_id: Some(&state.id),
        };
        match wanted
            .write(|| webhooks.replace(&state.id, &request))
            .await?
        {
            Ok(mut webhook) => {
                keep_spelling(state.created_at, &mut webhook.created_at);
                Ok(WebhookState {
                    id: state.id, // however the API spells it
                    ..plan.into_state(webhook)
                }
                .into())
            }
            Err(error) if error.is_gone() => Err(gone(&state.id, &error).into()),
            Err(error) => {
                let diagnostics = failed("Update the Webhook", &error);
                let state = error
                    .written_id()
                    .map(|id| plan.state_after_unread_write(id, Some(state)));
                Err(ApplyError { diagnostics, state })
            }
        }
    }

    async fn delete(&self, session: &Session, state: WebhookState) -> Result<(), Diagnostics> {
        session.mark_managed(&state.id);
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
        session.mark_managed(&named.webhook_id);
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

fn gone(id: &str, error: &Error) -> Diagnostics {
    Diagnostics::error(
        "The Webhook Does Not Exist Any More",
        format!(
            "Webhook {id} was deleted after the plan was made. Run terraform plan again: it will \
             plan to create the webhook.\n\n{error}"
        ),
    )
}
