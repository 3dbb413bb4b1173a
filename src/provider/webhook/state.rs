//! [`WebhookPlan`] and [`WebhookState`]: a webhook as Terraform plans and stores it.

use std::collections::BTreeSet;

use crate::api::{Error, Webhook, WebhookRequest, Webhooks, same_time, same_url};
use crate::framework::{
    Nested, model,
    timeouts::{Operation, Timeouts, timeout},
};
use crate::provider::{nfc::nfc, session::Session};

model! {
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
}

model! {
    /// What Terraform stores. After a move, everything but the identifiers is null until the webhook
    /// is read. The timestamps are null if a new webhook could not be read back.
    #[derive(Default)]
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
}

impl WebhookPlan {
    pub(super) fn webhooks(&self, session: &Session, operation: Operation) -> Webhooks {
        let webhooks = session.api.webhooks(&self.account_id, &self.app_id);
        webhooks.within(timeout(self.timeouts.as_ref(), operation))
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
    pub(super) fn into_state(self, prior: WebhookState, webhook: Webhook) -> WebhookState {
        self.planned_state(prior).updated(webhook)
    }

    /// The state as planned, if the change was made but could not be read back: a webhook that
    /// exists must not be lost.
    pub(super) fn state_after(self, error: &Error, prior: WebhookState) -> Option<WebhookState> {
        let id = error.written_id()?.to_owned();
        Some(WebhookState {
            id,
            ..self.planned_state(prior)
        })
    }

    fn planned_state(self, prior: WebhookState) -> WebhookState {
        WebhookState {
            account_id: self.account_id,
            app_id: self.app_id,
            name: Some(self.name),
            url: Some(self.url),
            events: Some(self.events),
            enabled: Some(self.enabled),
            timeouts: self.timeouts,
            ..prior
        }
    }
}

impl WebhookState {
    /// The state of a webhook that was imported or listed.
    pub(super) fn new(account_id: String, app_id: String, webhook: Webhook) -> Self {
        Self {
            account_id,
            app_id,
            ..Self::default()
        }
        .updated(webhook)
    }

    pub(super) fn webhooks(&self, session: &Session, operation: Operation) -> Webhooks {
        let webhooks = session.api.webhooks(&self.account_id, &self.app_id);
        webhooks.within(timeout(self.timeouts.as_ref(), operation))
    }

    /// This state with the values of `webhook`: the only conversion from an API object to
    /// attributes. A stored ID, URL or time keeps its spelling while the API means the same.
    pub(super) fn updated(self, webhook: Webhook) -> Self {
        let answered_url = nfc(&webhook.url).into_owned();
        let is_same = |url: &String| same_url(url, &answered_url);
        Self {
            id: match self.id.is_empty() {
                true => webhook.id,
                false => self.id,
            },
            name: Some(nfc(&webhook.name).into_owned()),
            url: self.url.filter(is_same).or(Some(answered_url)),
            events: Some(webhook.events),
            enabled: Some(webhook.enabled),
            created_at: keep_spelling(self.created_at, webhook.created_at),
            updated_at: keep_spelling(self.updated_at, webhook.updated_at),
            ..self
        }
    }

    /// Whether the API has nothing to change: the plan differs only in what Terraform alone stores.
    pub(super) fn matches_plan(&self, plan: &WebhookPlan) -> bool {
        self.name.as_ref() == Some(&plan.name)
            && self.url.as_ref() == Some(&plan.url)
            && self.events.as_ref() == Some(&plan.events)
            && self.enabled == Some(plan.enabled)
    }
}

/// The stored time if the API answered the same instant, whose precision may differ from one answer
/// to the next; otherwise the answered time.
fn keep_spelling(stored: Option<String>, answered: Option<String>) -> Option<String> {
    match (stored, answered) {
        (Some(stored), Some(answered)) if same_time(&stored, &answered) => Some(stored),
        (_, answered) => answered,
    }
}
