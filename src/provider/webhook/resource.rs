//! `realtimekit_webhook`: a URL that RealtimeKit sends an app's events to.
//!
//! One instance is one webhook of one app. The API cannot move a webhook to another app, so
//! `account_id` and `app_id` require replacement; everything else is updated in place.

use super::{
    attributes::{app_attributes, argument, webhook_attributes},
    import_id::{WebhookAddress, webhook_identity},
    moved::movers,
    state::{WebhookPlan, WebhookState},
    url_conflict::{WantedUrl, create_failed},
};
use crate::api::same_url;
use crate::framework::timeouts::{Operation, timeouts};
use crate::framework::{
    ApplyError, Diagnostics, IdentitySchema, ImportTarget, PlannedChange, Resource, StateMover,
    WithWarnings,
    schema::{
        Presence::{OptionalComputed, Required},
        ProviderDefaults, Schema,
    },
};
use crate::provider::{
    diagnostics::{failed, no_such_webhook},
    events::KNOWN_EVENTS,
    session::Session,
    validators,
};

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
        let [id, name, url, events, enabled, created_at, updated_at] = webhook_attributes();
        let known_events = format!(
            "At least one is required. Known events are {}. Other names cause a warning and are \
             sent to the API, because RealtimeKit may support newer events.",
            KNOWN_EVENTS.map(|event| format!("`{event}`")).join(", ")
        );
        Schema::new(
            "Manages a webhook: a URL that RealtimeKit calls when something happens in an app.\n\n\
             Each URL can be used only once per app. Import a webhook that already exists, for \
             example one that was created in the dashboard. To take over a webhook that Terraform \
             manages with a generic REST provider, as a `restapi_object` or a `restful_resource`, \
             use a `moved` block (Terraform 1.8 or newer, OpenTofu 1.10 or newer).",
            [
                account_id.requires_replace(),
                app_id.requires_replace(),
                argument(name, Required, "Does not have to be unique.")
                    .validate(validators::not_blank),
                argument(
                    url,
                    Required,
                    "Must be an absolute `https` URL (`http` is possible for tests) and can be used \
                     only once per app.",
                )
                .validate(validators::webhook_url),
                argument(events, Required, &known_events).validate(validators::events),
                argument(enabled, OptionalComputed, "Defaults to `true`.").default(true),
                id.use_state_for_unknown(),
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
        let prior = |name| change.prior?.get(name)?.as_str();
        let own_id = prior("id");
        if let Some(id) = own_id {
            session.mark_managed(id); // a plan without a refresh does not read it
        }
        let [Some(account_id), Some(app_id), Some(url)] =
            ["account_id", "app_id", "url"].map(|name| change.planned.get(name)?.as_str())
        else {
            return Diagnostics::new(); // known only after other changes are applied
        };
        if prior("url").is_some_and(|prior| same_url(prior, url)) {
            return Diagnostics::new();
        }
        let webhooks = session.api.webhooks(account_id, app_id);
        let wanted = WantedUrl::new(session, &webhooks, url, own_id);
        wanted.plan_warning().await
    }

    async fn create(
        &self,
        session: &Session,
        plan: WebhookPlan,
    ) -> Result<WithWarnings<WebhookState>, ApplyError<WebhookState>> {
        let webhooks = plan.webhooks(session, Operation::Create);
        let request = plan.request();
        let wanted = WantedUrl::new(session, &webhooks, &plan.url, None);
        match wanted.write(|| webhooks.create(&request)).await? {
            Ok(webhook) => {
                session.mark_managed(&webhook.id);
                Ok(plan.into_state(WebhookState::default(), webhook).into())
            }
            Err(error) => Err(ApplyError {
                diagnostics: create_failed(&webhooks, &plan.url, &error),
                state: plan.state_after(&error, WebhookState::default()),
            }),
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
            Ok(webhook) => Ok(Some(state.updated(webhook)).into()),
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
            let timeouts = plan.timeouts;
            return Ok(WebhookState { timeouts, ..state }.into());
        }
        let webhooks = plan.webhooks(session, Operation::Update);
        let request = plan.request();
        let wanted = WantedUrl::new(session, &webhooks, &plan.url, Some(&state.id));
        let replaced = wanted.write(|| webhooks.replace(&state.id, &request));
        match replaced.await? {
            Ok(webhook) => Ok(plan.into_state(state, webhook).into()),
            Err(error) if error.is_gone() => Err(Diagnostics::error(
                "The Webhook Does Not Exist Any More",
                format!(
                    "Webhook {} was deleted after the plan was made. Run terraform plan again: it \
                     will plan to create the webhook.\n\n{error}",
                    state.id
                ),
            )
            .into()),
            Err(error) => Err(ApplyError {
                diagnostics: failed("Update the Webhook", &error),
                state: plan.state_after(&error, state),
            }),
        }
    }

    async fn delete(&self, session: &Session, state: WebhookState) -> Result<(), Diagnostics> {
        session.mark_managed(&state.id);
        let webhooks = state.webhooks(session, Operation::Delete);
        match webhooks.delete(&state.id).await {
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
        let target = WebhookAddress::to_import(&target, defaults)?;
        session.mark_managed(&target.webhook_id);
        let webhooks = session.api.webhooks(&target.account_id, &target.app_id);
        match webhooks.get(&target.webhook_id).await {
            Ok(webhook) => Ok(WebhookState::new(target.account_id, target.app_id, webhook).into()),
            Err(error) if error.is_gone() => Err(no_such_webhook(
                &webhooks,
                &target.webhook_id,
                "nothing can be imported.",
                &error,
            )),
            Err(error) => Err(failed("Import the Webhook", &error)),
        }
    }
}
