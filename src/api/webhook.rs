//! A webhook, and how it is read from an answer.

use std::collections::BTreeSet;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::path::is_webhook_id;
use super::response::{UnreadableItem, decode, decode_list};
use super::url::same_url;

/// A webhook as the API has it. Unknown fields of an answer are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
    #[serde(default = "default_enabled", deserialize_with = "enabled")]
    pub enabled: bool,
    /// Time of creation: RFC 3339, as the API writes it, if it does.
    pub created_at: Option<String>,
    /// Time of the last change: RFC 3339, as the API writes it, if it does.
    pub updated_at: Option<String>,
}

fn default_enabled() -> bool {
    true
}

fn enabled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(default_enabled))
}

/// A webhook to create, or to replace another with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// Reads a webhook, of which the ID may be known. The error names the field at fault, never its
/// value.
pub(super) fn read_webhook(value: &Value, asked: Option<&str>) -> Result<Webhook, String> {
    let webhook: Webhook = decode("the webhook", value)?;
    check_id(&webhook.id, asked)?;
    Ok(webhook)
}

/// Checks that an ID is one, and that of the webhook that was asked for.
fn check_id(id: &str, asked: Option<&str>) -> Result<(), String> {
    match asked {
        _ if !is_webhook_id(id) => Err("id is not a UUID".to_owned()),
        Some(asked) if !asked.eq_ignore_ascii_case(id) => Err(format!("it is about webhook {id}")),
        _ => Ok(()),
    }
}

/// Reads a list of webhooks. One that is not as documented does not affect the others.
pub(super) fn read_webhooks(value: &Value) -> Result<(Vec<Webhook>, Vec<UnreadableItem>), String> {
    let read = |value: &_| read_webhook(value, None);
    decode_list("the list of webhooks", value, is_webhook_id, read)
}

/// What a write was answered with: perhaps only a part of the webhook.
pub(super) struct Written {
    pub(super) id: String,
    /// The webhook, if no field is missing, not even one that the API may leave out.
    pub(super) webhook: Option<Webhook>,
}

impl Written {
    /// Reads the answer to a write of the webhook `asked`, or to a creation.
    pub(super) fn read(value: &Value, asked: Option<&str>) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Id {
            id: Option<String>,
        }
        let Id { id } = decode("the webhook", value)?;
        let id = id.as_deref().or(asked).ok_or("id is missing")?;
        check_id(id, asked)?;
        let optional = ["enabled", "created_at", "updated_at"];
        let is_complete = optional.iter().all(|field| !value[field].is_null());
        Ok(Self {
            id: id.to_owned(),
            webhook: read_webhook(value, None).ok().filter(|_| is_complete),
        })
    }
}
