//! A webhook, and how it is read from an answer.

use std::collections::BTreeSet;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::path::is_webhook_id;
use super::response::{UnreadableItem, decode, decode_list};
use super::url::same_url;

/// A webhook as the API has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// ID: a UUID.
    pub id: String,
    /// Name, not necessarily unique.
    pub name: String,
    /// URL that RealtimeKit calls. Unique in the app.
    pub url: String,
    /// Names of the events that are reported. Their order has no meaning.
    pub events: BTreeSet<String>,
    /// Whether the URL is called. The API may leave out `true`.
    pub enabled: bool,
    /// Time of creation: RFC 3339, as the API writes it, if it does.
    pub created_at: Option<String>,
    /// Time of the last change: RFC 3339, as the API writes it, if it does.
    pub updated_at: Option<String>,
}

/// A webhook to create, or to replace another with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRequest {
    /// Name, not necessarily unique.
    pub name: String,
    /// URL to call. Unique in the app.
    pub url: String,
    /// Names of the events to report.
    pub events: BTreeSet<String>,
    /// Whether to call the URL. The API takes an absent `enabled` for `true`.
    pub enabled: bool,
}

impl WebhookRequest {
    /// Whether a webhook is as this request asks for it.
    pub(super) fn matches(&self, webhook: &Webhook) -> bool {
        self.name == webhook.name
            && same_url(&self.url, &webhook.url)
            && self.events == webhook.events
            && self.enabled == webhook.enabled
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "url": self.url,
            "events": self.events,
            "enabled": self.enabled,
        })
    }
}

/// Whether two times in RFC 3339 mean the same instant, whatever their precision and offset.
#[must_use]
pub fn same_time(one: &str, other: &str) -> bool {
    one == other || parse_time(one).is_some_and(|time| parse_time(other) == Some(time))
}

/// A time in RFC 3339.
pub(super) fn parse_time(text: &str) -> Option<SystemTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.into())
}

/// What an answer holds of a webhook: not always all of it. Unknown fields are ignored, and null
/// is absent.
#[derive(Debug, Default, PartialEq, Deserialize)]
pub(super) struct PartialWebhook {
    #[serde(default, deserialize_with = "webhook_id")]
    pub(super) id: Option<String>,
    name: Option<String>,
    url: Option<String>,
    events: Option<BTreeSet<String>>,
    enabled: Option<bool>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

fn webhook_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let id: Option<String> = Option::deserialize(deserializer)?;
    match id {
        Some(id) if !is_webhook_id(&id) => Err(de::Error::custom("is not a UUID")),
        id => Ok(id),
    }
}

impl PartialWebhook {
    /// The webhook, if no field is missing, not even one that the API may leave out.
    pub(super) fn complete(self) -> Option<Webhook> {
        self.enabled?;
        self.created_at.as_ref()?;
        self.updated_at.as_ref()?;
        self.into_webhook().ok()
    }

    /// The webhook, with what the API may leave out; or which field is missing.
    fn into_webhook(self) -> Result<Webhook, String> {
        let missing = |name: &str| format!("{name} is missing");
        Ok(Webhook {
            id: self.id.ok_or_else(|| missing("id"))?,
            name: self.name.ok_or_else(|| missing("name"))?,
            url: self.url.ok_or_else(|| missing("url"))?,
            events: self.events.ok_or_else(|| missing("events"))?,
            enabled: self.enabled.unwrap_or(true),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Reads a webhook. The error names the field at fault, never its value.
pub(super) fn read_webhook(value: &Value) -> Result<Webhook, String> {
    decode::<PartialWebhook>("the webhook", value)?.into_webhook()
}

/// Reads a list of webhooks. One that is not as documented does not affect the others.
pub(super) fn read_webhooks(value: &Value) -> Result<(Vec<Webhook>, Vec<UnreadableItem>), String> {
    decode_list("the list of webhooks", value, is_webhook_id, read_webhook)
}
