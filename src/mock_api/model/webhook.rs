//! Webhooks, and the documents that describe them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
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

/// The fields of a webhook that a request or a seed sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub(crate) struct WebhookFields {
    /// Only a seed can set it.
    pub(crate) id: Option<Uuid>,
    pub(crate) name: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) events: Option<Vec<String>>,
    pub(crate) enabled: Option<bool>,
}

impl WebhookFields {
    /// The fields of a request's body. An error is the first violation, in the words of the service.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, String> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::try_from(members)?.without_id(),
            Ok(_) => Err("\"value\" must be of type object".to_owned()),
            Err(_) => Err("the body is not JSON".to_owned()),
        }
    }

    /// The fields, if they could be those of a request.
    pub(crate) fn without_id(self) -> Result<Self, String> {
        match self.id {
            Some(_) => Err("\"id\" is not allowed".to_owned()),
            None => Ok(self),
        }
    }

    /// Checks for what a POST or PUT needs: everything but `enabled`, which is then true.
    pub(crate) fn check_complete(&self) -> Result<(), String> {
        let missing = match self {
            Self { name: None, .. } => "name",
            Self { url: None, .. } => "url",
            Self { events: None, .. } => "events",
            _ => return Ok(()),
        };
        Err(format!("\"{missing}\" is required"))
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

/// Unknown fields are refused, which the documentation does not say, so that a misspelled field
/// fails a test.
impl TryFrom<Map<String, Value>> for WebhookFields {
    type Error = String;

    fn try_from(members: Map<String, Value>) -> Result<Self, String> {
        let mut fields = Self::default();
        for (name, value) in members {
            let broken = |rule: &str| Err(format!("\"{name}\" {rule}"));
            match (name.as_str(), value) {
                ("id", Value::String(id)) => match Uuid::try_parse(&id) {
                    Ok(id) => fields.id = Some(id),
                    Err(_) => return broken("must be a valid GUID"),
                },
                ("name", Value::String(name)) => fields.name = Some(name),
                ("url", Value::String(url)) => match url::Url::parse(&url) {
                    Ok(_) => fields.url = Some(url),
                    Err(_) => return broken("must be a valid uri"),
                },
                ("events", Value::Array(events)) => {
                    let events = events.iter().enumerate().map(event);
                    fields.events = Some(events.collect::<Result<_, _>>()?);
                }
                ("enabled", Value::Bool(enabled)) => fields.enabled = Some(enabled),
                ("id" | "name" | "url", _) => return broken("must be a string"),
                ("events", _) => return broken("must be an array"),
                ("enabled", _) => return broken("must be a boolean"),
                _ => return broken("is not allowed"),
            }
        }
        Ok(fields)
    }
}

fn event((index, name): (usize, &Value)) -> Result<String, String> {
    match name.as_str().filter(|name| EVENTS.contains(name)) {
        Some(name) => Ok(name.to_owned()),
        None => {
            let events = EVENTS.join(", ");
            Err(format!("\"events[{index}]\" must be one of [{events}]"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const UUID: &str = "6b7f7b52-6e4b-4c8e-9f3d-0c2b8d1a4e10";

    fn valid() -> Value {
        json!({"name": "n", "url": "https://example.com", "events": ["meeting.ended"]})
    }

    fn parse(body: &Value) -> Result<WebhookFields, String> {
        let fields = WebhookFields::from_body(body.to_string().as_bytes())?;
        fields.check_complete().map(|()| fields)
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
            ("id", json!(UUID), "\"id\" is not allowed"),
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
        assert_eq!(parse(&valid()).unwrap().enabled, None);
        assert!(WebhookFields::from_body(b"{}").is_ok());
    }

    #[test]
    fn body_that_is_no_object_is_refused() {
        let refused = parse(&json!([])).unwrap_err();
        assert_eq!(refused, "\"value\" must be of type object");
        let refused = WebhookFields::from_body(b"{").unwrap_err();
        assert_eq!(refused, "the body is not JSON");
    }

    #[test]
    fn empty_name_and_no_events_are_valid() {
        assert!(parse(&json!({"name": "", "url": "https://a.test", "events": []})).is_ok());
    }
}
