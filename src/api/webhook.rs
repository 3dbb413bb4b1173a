//! A webhook, and how a request writes it. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::url::same_url;

/// A webhook as the API has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Identifier: a UUID.
    pub id: String,
    /// Name, not necessarily unique.
    pub name: String,
    /// URL that RealtimeKit calls. Unique in the app.
    pub url: String,
    /// Names of the events that are reported. The API gives no meaning to their order.
    pub events: BTreeSet<String>,
    /// Whether the URL is called.
    pub enabled: bool,
    /// When it was created: RFC 3339, as the API writes it.
    pub created_at: String,
    /// When it was last changed: RFC 3339, as the API writes it.
    pub updated_at: String,
}

/// A webhook to create, or to put in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRequest {
    /// Name, not necessarily unique.
    pub name: String,
    /// URL to call. Unique in the app.
    pub url: String,
    /// Names of the events to report.
    pub events: BTreeSet<String>,
    /// Whether to call the URL.
    pub enabled: bool,
}

/// A change of some of a webhook's fields; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEdit {
    /// Name, not necessarily unique.
    pub name: Option<String>,
    /// URL to call. Unique in the app.
    pub url: Option<String>,
    /// Names of the events to report.
    pub events: Option<BTreeSet<String>>,
    /// Whether to call the URL. No option: the API takes an absent `enabled` for `true`.
    pub enabled: bool,
}

impl WebhookRequest {
    /// Whether a webhook is as this request asks for it.
    pub(super) fn describes(&self, webhook: &Webhook) -> bool {
        let Self {
            name,
            url,
            events,
            enabled,
        } = self;
        *name == webhook.name
            && same_url(url, &webhook.url)
            && *events == webhook.events
            && *enabled == webhook.enabled
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

impl WebhookEdit {
    /// Whether a webhook is as this change asks for it.
    pub(super) fn describes(&self, webhook: &Webhook) -> bool {
        let Self {
            name,
            url,
            events,
            enabled,
        } = self;
        name.as_ref().is_none_or(|name| *name == webhook.name)
            && url.as_ref().is_none_or(|url| same_url(url, &webhook.url))
            && events
                .as_ref()
                .is_none_or(|events| *events == webhook.events)
            && *enabled == webhook.enabled
    }

    pub(super) fn to_json(&self) -> Value {
        let mut fields = Map::from_iter([("enabled".to_owned(), json!(self.enabled))]);
        if let Some(name) = &self.name {
            fields.insert("name".to_owned(), json!(name));
        }
        if let Some(url) = &self.url {
            fields.insert("url".to_owned(), json!(url));
        }
        if let Some(events) = &self.events {
            fields.insert("events".to_owned(), json!(events));
        }
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_holds_all_four_fields() {
        let request = WebhookRequest {
            name: "door bell".to_owned(),
            url: "https://example.com/hook".to_owned(),
            events: BTreeSet::from(["b", "a"].map(str::to_owned)),
            enabled: false,
        };

        let expected = json!({
            "name": "door bell",
            "url": "https://example.com/hook",
            "events": ["a", "b"],
            "enabled": false,
        });
        assert_eq!(request.to_json(), expected);
    }

    #[test]
    fn an_edit_describes_what_is_as_it_asks_whatever_it_does_not_name() {
        let webhook = Webhook {
            id: "id".to_owned(),
            name: "n".to_owned(),
            url: "https://example.com/".to_owned(),
            events: BTreeSet::from(["a".to_owned()]),
            enabled: false,
            created_at: String::new(),
            updated_at: String::new(),
        };
        let nothing = WebhookEdit {
            name: None,
            url: None,
            events: None,
            enabled: false,
        };
        let all = WebhookEdit {
            name: Some("n".to_owned()),
            url: Some("https://example.com".to_owned()),
            events: Some(webhook.events.clone()),
            enabled: false,
        };

        assert!(nothing.describes(&webhook) && all.describes(&webhook));
        let others = [
            WebhookEdit {
                name: Some("m".to_owned()),
                ..all.clone()
            },
            WebhookEdit {
                url: Some("https://example.com/b".to_owned()),
                ..all.clone()
            },
            WebhookEdit {
                events: Some(BTreeSet::new()),
                ..all.clone()
            },
            WebhookEdit {
                enabled: true,
                ..all
            },
        ];
        for other in others {
            assert!(!other.describes(&webhook), "{other:?}");
        }
    }

    #[test]
    fn an_edit_holds_what_changes_and_always_enabled() {
        let nothing = WebhookEdit {
            name: None,
            url: None,
            events: None,
            enabled: false,
        };
        let all = WebhookEdit {
            name: Some("n".to_owned()),
            url: Some("u".to_owned()),
            events: Some(BTreeSet::new()),
            enabled: true,
        };

        assert_eq!(nothing.to_json(), json!({"enabled": false}));
        let expected = json!({"name": "n", "url": "u", "events": [], "enabled": true});
        assert_eq!(all.to_json(), expected);
    }
}
