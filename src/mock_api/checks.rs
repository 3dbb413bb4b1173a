//! Checks the body of a request as the service does; the first thing wrong is answered.

use super::envelope::ApiError;
use super::store::{NewWebhook, Webhook};
use http::StatusCode;
use serde_json::{Map, Value};

/// The names of events in Cloudflare's OpenAPI document.
pub(super) const EVENTS: [&str; 9] = [
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

const FIELDS: [&str; 4] = ["name", "url", "events", "enabled"];

/// What a PATCH says; `None` is what it leaves out.
#[derive(Debug)]
pub(super) struct WebhookPatch {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<String>>,
    pub(super) enabled: Option<bool>,
}

impl WebhookPatch {
    pub(super) fn apply_to(self, webhook: &mut Webhook) {
        let Self {
            name,
            url,
            events,
            enabled,
        } = self;
        webhook.name = name.unwrap_or_else(|| webhook.name.clone());
        webhook.url = url.unwrap_or_else(|| webhook.url.clone());
        webhook.events = events.unwrap_or_else(|| webhook.events.clone());
        webhook.enabled = enabled.unwrap_or(webhook.enabled);
    }
}

/// The body of a POST or PUT: everything is required but `enabled`, which defaults to true.
pub(super) fn new_webhook(body: &[u8]) -> Result<NewWebhook, ApiError> {
    let patch = webhook_patch(body)?;
    Ok(NewWebhook {
        name: required("name", patch.name)?,
        url: required("url", patch.url)?,
        events: required("events", patch.events)?,
        enabled: patch.enabled.unwrap_or(true),
    })
}

/// The body of a PATCH: nothing is required.
pub(super) fn webhook_patch(body: &[u8]) -> Result<WebhookPatch, ApiError> {
    let fields = object(body)?;
    // Not in the documentation: it makes a misspelt field fail a test.
    if let Some(unknown) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(bad_request(format!("\"{unknown}\" is not allowed")));
    }
    Ok(WebhookPatch {
        name: fields.get("name").map(|v| string("name", v)).transpose()?,
        url: fields.get("url").map(url).transpose()?,
        events: fields.get("events").map(events).transpose()?,
        enabled: fields.get("enabled").map(enabled).transpose()?,
    })
}

/// An error in the words that the documentation shows.
pub(super) fn bad_request(what: impl std::fmt::Display) -> ApiError {
    ApiError::service(StatusCode::BAD_REQUEST, format!("BAD_REQUEST: {what}"))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(bad_request("\"value\" must be of type object")),
        Err(_) => Err(bad_request("the body is not JSON")),
    }
}

fn required<T>(field: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| bad_request(format!("\"{field}\" is required")))
}

fn string(field: &str, value: &Value) -> Result<String, ApiError> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| bad_request(format!("\"{field}\" must be a string")))
}

fn url(value: &Value) -> Result<String, ApiError> {
    let text = string("url", value)?;
    match reqwest::Url::parse(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(bad_request("\"url\" must be a valid uri")),
    }
}

fn events(value: &Value) -> Result<Vec<String>, ApiError> {
    let Some(names) = value.as_array() else {
        return Err(bad_request("\"events\" must be an array"));
    };
    let indexed = names.iter().enumerate();
    indexed.map(|(index, name)| event(index, name)).collect()
}

fn event(index: usize, value: &Value) -> Result<String, ApiError> {
    match value.as_str() {
        Some(name) if EVENTS.contains(&name) => Ok(name.to_owned()),
        _ => Err(bad_request(format!(
            "\"events[{index}]\" must be one of [{}]",
            EVENTS.join(", ")
        ))),
    }
}

fn enabled(value: &Value) -> Result<bool, ApiError> {
    let known = value.as_bool();
    known.ok_or_else(|| bad_request("\"enabled\" must be a boolean"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn refused(body: &Value, message: &str) {
        let refusal = new_webhook(body.to_string().as_bytes()).unwrap_err();

        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
        assert!(refusal.message.starts_with(message), "{}", refusal.message);
    }

    fn valid() -> Value {
        json!({"name": "n", "url": "https://example.com", "events": ["meeting.ended"]})
    }

    fn with(field: &str, value: Value) -> Value {
        let mut body = valid();
        body[field] = value;
        body
    }

    fn without(field: &str) -> Value {
        let mut body = valid();
        body.as_object_mut().unwrap().remove(field);
        body
    }

    #[test]
    fn every_field_but_enabled_is_required() {
        refused(&without("name"), "BAD_REQUEST: \"name\" is required");
        refused(&without("url"), "BAD_REQUEST: \"url\" is required");
        refused(&without("events"), "BAD_REQUEST: \"events\" is required");
        assert!(new_webhook(valid().to_string().as_bytes()).unwrap().enabled);
    }

    #[test]
    fn every_field_has_its_type() {
        let name = with("name", json!(1));
        let url = with("url", json!(["https://example.com"]));
        let relative = with("url", json!("/hook"));
        let events = with("events", json!("meeting.ended"));
        let enabled = with("enabled", json!("true"));
        let null = with("enabled", Value::Null);

        refused(&name, "BAD_REQUEST: \"name\" must be a string");
        refused(&url, "BAD_REQUEST: \"url\" must be a string");
        refused(&relative, "BAD_REQUEST: \"url\" must be a valid uri");
        refused(&events, "BAD_REQUEST: \"events\" must be an array");
        refused(&enabled, "BAD_REQUEST: \"enabled\" must be a boolean");
        refused(&null, "BAD_REQUEST: \"enabled\" must be a boolean");
    }

    #[test]
    fn an_event_is_one_of_the_known_names() {
        let body = with("events", json!(["meeting.ended", "meeting.end"]));

        refused(&body, "BAD_REQUEST: \"events[1]\" must be one of [meeting.");
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let body = with("enable", json!(true));

        refused(&body, "BAD_REQUEST: \"enable\" is not allowed");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        refused(&json!([]), "BAD_REQUEST: \"value\" must be of type object");
        let refusal = new_webhook(b"{").unwrap_err();
        assert_eq!(refusal.message, "BAD_REQUEST: the body is not JSON");
    }

    #[test]
    fn an_empty_name_and_no_events_pass() {
        let mut body = with("name", json!(""));
        body["events"] = json!([]);

        assert!(new_webhook(body.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn a_patch_may_be_empty() {
        let patch = webhook_patch(b"{}").unwrap();

        assert!(patch.name.is_none() && patch.enabled.is_none());
    }
}
