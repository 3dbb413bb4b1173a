//! [`WebhookPlan`] and [`WebhookState`]: a webhook as Terraform plans and stores it.

use std::collections::BTreeSet;

use crate::api::{Webhook, WebhookRequest, Webhooks, same_time, same_url};
use crate::framework::{
    Nested, model,
    timeouts::{Operation, Timeouts, timeout},
};
use crate::provider::{nfc, session::Session};

/// What the configuration decides.
pub(in crate::provider) struct WebhookPlan {
    pub(super) account_id: String,
    pub(super) app_id: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) events: BTreeSet<String>,
    pub(super) enabled: bool,
    pub(super) timeouts: Option<Nested<Timeouts>>,
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
pub(in crate::provider) struct WebhookState {
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

impl WebhookPlan {
    pub(super) fn webhooks(&self, session: &Session, operation: Operation) -> Webhooks {
        let limit = timeout(self.timeouts.as_ref(), operation);
        session
            .api
            .webhooks(&self.account_id, &self.app_id)
            .within(limit)
    }

    pub(super) fn request(&self) -> WebhookRequest {
        WebhookRequest {
            name: self.name.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
            enabled: self.enabled,
        }
    }

    /// The state after the API answered a change with `webhook`.
    pub(super) fn into_state(self, webhook: Webhook) -> WebhookState {
        WebhookState::new(
            self.account_id,
            self.app_id,
            &self.url,
            webhook,
            self.timeouts,
        )
    }

    /// The state after a change that was made but could not be read back.
    pub(super) fn state_after_unread_write(
        self,
        id: &str,
        prior: Option<WebhookState>,
    ) -> WebhookState {
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
        let answered_url = nfc(&webhook.url);
        let url = match same_url(url, &answered_url) {
            true => url.to_owned(),
            false => answered_url.into_owned(),
        };
        Self {
            id: webhook.id,
            account_id,
            app_id,
            name: Some(nfc(&webhook.name).into_owned()),
            url: Some(url),
            events: Some(webhook.events),
            enabled: Some(webhook.enabled),
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
            timeouts,
        }
    }

    pub(super) fn webhooks(&self, session: &Session, operation: Operation) -> Webhooks {
        let limit = timeout(self.timeouts.as_ref(), operation);
        session
            .api
            .webhooks(&self.account_id, &self.app_id)
            .within(limit)
    }

    /// The state after a read that was answered with `webhook`.
    pub(super) fn into_state(self, mut webhook: Webhook) -> Self {
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
    pub(super) fn matches_plan(&self, plan: &WebhookPlan) -> bool {
        self.name.as_ref() == Some(&plan.name)
            && self.url.as_ref() == Some(&plan.url)
            && self.events.as_ref() == Some(&plan.events)
            && self.enabled == Some(plan.enabled)
    }
}

/// Keeps how a time is stored while the API means the same instant: its precision may differ
/// from one answer to the next.
pub(super) fn keep_spelling(stored: Option<String>, answered: &mut Option<String>) {
    if let (Some(stored), Some(time)) = (stored, answered.as_deref())
        && same_time(&stored, time)
    {
        *answered = Some(stored);
    }
}
