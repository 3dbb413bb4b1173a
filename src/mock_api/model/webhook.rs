//! Webhooks, and the documents that describe them.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The names of events in Cloudflare's OpenAPI document.
pub(crate) const EVENTS: [&str; 9] = [
    "meeting.started",
    "meeting.ended",
    "meeting.participantJoined",
    "meeting.participantLeft",
    "meeting.chatSynced",
    "recording.statusUpdate",
    "livestreaming.statusUpdate",
    "meeting.transcript",
    "meeting.summary",
];

/// A webhook as the service holds it; fields are spelled as in the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// Identifier, a UUID.
    pub id: String,
    /// Name; does not have to be unique.
    pub name: String,
    /// Where events are delivered.
    pub url: String,
    /// Names of the events that are delivered.
    pub events: Vec<String>,
    /// Whether events are delivered.
    pub enabled: bool,
    /// When it was created: RFC 3339, UTC, with milliseconds.
    pub created_at: String,
    /// When it was last written, in the same form.
    pub updated_at: String,
}

/// A webhook to create.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// `None` for a random ID.
    #[serde(default, deserialize_with = "uuid")]
    pub(crate) id: Option<Uuid>,
    pub(crate) name: String,
    #[serde(deserialize_with = "absolute_url")]
    pub(crate) url: String,
    #[serde(deserialize_with = "events")]
    pub(crate) events: Vec<String>,
    #[serde(default = "enabled")]
    pub(crate) enabled: bool,
}

impl NewWebhook {
    /// The body of a POST or PUT: everything is required but `enabled`, which defaults to true.
    ///
    /// # Errors
    /// The first violation, in the words of the service.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, String> {
        let patch = WebhookPatch::from_body(body)?;
        let required = |field| move || format!("\"{field}\" is required");
        Ok(Self {
            id: None,
            name: patch.name.ok_or_else(required("name"))?,
            url: patch.url.ok_or_else(required("url"))?,
            events: patch.events.ok_or_else(required("events"))?,
            enabled: patch.enabled.unwrap_or(true),
        })
    }
}

/// The fields that a PATCH sets.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebhookPatch {
    #[serde(deserialize_with = "present")]
    name: Option<String>,
    #[serde(deserialize_with = "present_url")]
    pub(crate) url: Option<String>,
    #[serde(deserialize_with = "present_events")]
    events: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    pub(crate) enabled: Option<bool>,
}

impl WebhookPatch {
    /// The body of a PATCH: nothing is required. Unknown fields are refused, which the
    /// documentation does not say, so that a misspelled field fails a test.
    ///
    /// # Errors
    /// The first violation, in the words of the service.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, String> {
        let body: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
        if !body.is_object() {
            return Err("\"value\" must be of type object".to_owned());
        }
        serde_path_to_error::deserialize(body).map_err(|error| {
            let (field, reason) = (error.path().to_string(), error.inner().to_string());
            let rule = match field.as_str() {
                _ if reason.starts_with("unknown field") => "is not allowed".to_owned(),
                "url" if reason.starts_with(INVALID_URL) => "must be a valid uri".to_owned(),
                "name" | "url" => "must be a string".to_owned(),
                "enabled" => "must be a boolean".to_owned(),
                "events" => "must be an array".to_owned(),
                _ => format!("must be one of [{}]", EVENTS.join(", ")),
            };
            format!("\"{field}\" {rule}")
        })
    }

    pub(crate) fn apply_to(self, webhook: &mut Webhook) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut webhook.name, self.name);
        set(&mut webhook.url, self.url);
        set(&mut webhook.events, self.events);
        set(&mut webhook.enabled, self.enabled);
    }
}

const INVALID_URL: &str = "must be an absolute URL";

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Event(String);

impl TryFrom<String> for Event {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match EVENTS.contains(&name.as_str()) {
            true => Ok(Self(name)),
            false => Err(format!(
                "`{name}` is not one of the events {}",
                EVENTS.join(", ")
            )),
        }
    }
}

fn enabled() -> bool {
    true
}

fn uuid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let uuid = Uuid::try_parse(&text);
    uuid.map(Some)
        .map_err(|_| D::Error::custom("must be a UUID"))
}

fn absolute_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match url::Url::parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(D::Error::custom(format!("{INVALID_URL}: {error}"))),
    }
}

fn events<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let events = Vec::<Event>::deserialize(deserializer)?;
    Ok(events.into_iter().map(|event| event.0).collect())
}

/// A field that may be absent, but not `null`.
fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

fn present_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    absolute_url(deserializer).map(Some)
}

fn present_events<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    events(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn valid() -> Value {
        json!({"name": "n", "url": "https://example.com", "events": ["meeting.ended"]})
    }

    fn parse(body: &Value) -> Result<NewWebhook, String> {
        NewWebhook::from_body(body.to_string().as_bytes())
    }

    #[test]
    fn invalid_field_is_refused_in_the_words_of_the_service() {
        let cases = [
            ("name", json!(1), "\"name\" must be a string"),
            ("url", json!(["https://a.test"]), "\"url\" must be a string"),
            ("url", json!("/hook"), "\"url\" must be a valid uri"),
            ("events", json!("a"), "\"events\" must be an array"),
            (
                "events",
                json!(["meeting.ended", "meeting.end"]),
                "\"events[1]\" must be one of [meeting.",
            ),
            (
                "events",
                json!([1]),
                "\"events[0]\" must be one of [meeting.",
            ),
            ("enabled", json!("true"), "\"enabled\" must be a boolean"),
            ("enabled", Value::Null, "\"enabled\" must be a boolean"),
            ("enable", json!(true), "\"enable\" is not allowed"),
            ("id", json!("1"), "\"id\" is not allowed"),
        ];

        for (field, value, expected) in cases {
            let mut body = valid();
            body[field] = value;
            let refused = parse(&body).unwrap_err();

            assert!(refused.starts_with(expected), "{refused}");
        }
    }

    #[test]
    fn every_field_but_enabled_is_required() {
        for field in ["name", "url", "events"] {
            let mut body = valid();
            body.as_object_mut().unwrap().remove(field);

            assert_eq!(parse(&body), Err(format!("\"{field}\" is required")));
        }
        assert!(parse(&valid()).unwrap().enabled);
        assert!(WebhookPatch::from_body(b"{}").is_ok());
    }

    #[test]
    fn body_that_is_no_object_is_refused() {
        let refused = parse(&json!([])).unwrap_err();
        assert_eq!(refused, "\"value\" must be of type object");
        let refused = NewWebhook::from_body(b"{").unwrap_err();
        assert_eq!(refused, "the body is not JSON");
    }

    #[test]
    fn empty_name_and_no_events_are_valid() {
        assert!(parse(&json!({"name": "", "url": "https://a.test", "events": []})).is_ok());
    }
}
