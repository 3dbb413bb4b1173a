//! Reads webhooks, and whatever has fields, from the value of an answer. Pure.
//!
//! By hand, for the sake of the errors: they name the field at fault and its type, and never
//! show a value.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::path::is_webhook_id;
use super::response::describe;
use super::webhook::Webhook;

/// What an answer holds of a webhook: not always all of it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PartialWebhook {
    pub(super) id: Option<String>,
    name: Option<String>,
    url: Option<String>,
    events: Option<BTreeSet<String>>,
    enabled: Option<bool>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

impl PartialWebhook {
    /// Reads what there is. Fields that no webhook has are ignored; null is absent.
    ///
    /// The error names the field that has the wrong type, never its value.
    pub(super) fn from_json(value: Value) -> Result<Self, String> {
        Fields::new("", value)?.webhook()
    }

    /// The webhook, or the name of the first field that is missing.
    pub(super) fn complete(self) -> Result<Webhook, &'static str> {
        Ok(Webhook {
            id: self.id.ok_or("id")?,
            name: self.name.ok_or("name")?,
            url: self.url.ok_or("url")?,
            events: self.events.ok_or("events")?,
            enabled: self.enabled.ok_or("enabled")?,
            created_at: self.created_at.ok_or("created_at")?,
            updated_at: self.updated_at.ok_or("updated_at")?,
        })
    }
}

/// Reads a complete webhook.
pub(super) fn webhook(value: Value) -> Result<Webhook, String> {
    let partial = PartialWebhook::from_json(value)?;
    partial.complete().map_err(missing)
}

/// Reads a list of complete webhooks.
pub(super) fn webhooks(value: Value) -> Result<Vec<Webhook>, String> {
    let webhooks = list("the list of webhooks", value)?;
    let numbered = webhooks.into_iter().enumerate();
    numbered
        .map(|(index, value)| {
            let at = format!("[{index}]");
            let partial = Fields::new(&at, value)?.webhook()?;
            partial
                .complete()
                .map_err(|field| missing(&format!("{at}.{field}")))
        })
        .collect()
}

/// Reads a list of strings.
pub(super) fn strings(path: &str, value: Value) -> Result<Vec<String>, String> {
    let numbered = list(path, value)?.into_iter().enumerate();
    numbered
        .map(|(index, value)| match value {
            Value::String(text) => Ok(text),
            other => Err(mismatch(&format!("{path}[{index}]"), &other, "a string")),
        })
        .collect()
}

/// The fields of an object that stands at `path` in an answer.
pub(super) struct Fields<'a> {
    path: &'a str,
    fields: Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(path: &'a str, value: Value) -> Result<Self, String> {
        match value {
            Value::Object(fields) => Ok(Self { path, fields }),
            other if path.is_empty() => Err(mismatch("the webhook", &other, "an object")),
            other => Err(mismatch(path, &other, "an object")),
        }
    }

    fn webhook(mut self) -> Result<PartialWebhook, String> {
        Ok(PartialWebhook {
            id: self.uuid("id")?,
            name: self.string("name")?,
            url: self.string("url")?,
            events: self.string_set("events")?,
            enabled: self.boolean("enabled")?,
            created_at: self.string("created_at")?,
            updated_at: self.string("updated_at")?,
        })
    }

    fn uuid(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.string(name)? {
            Some(id) if !is_webhook_id(&id) => Err(format!("{} is not a UUID", self.at(name))),
            id => Ok(id),
        }
    }

    /// A string that has to be there.
    pub(super) fn required_string(&mut self, name: &str) -> Result<String, String> {
        self.string(name)?.ok_or_else(|| missing(&self.at(name)))
    }

    /// A string; null is absent.
    pub(super) fn string(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(mismatch(&self.at(name), &other, "a string")),
        }
    }

    fn boolean(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(other) => Err(mismatch(&self.at(name), &other, "a boolean")),
        }
    }

    fn string_set(&mut self, name: &str) -> Result<Option<BTreeSet<String>>, String> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let texts = strings(&self.at(name), value)?;
                Ok(Some(texts.into_iter().collect()))
            }
        }
    }

    fn at(&self, name: &str) -> String {
        match self.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }
}

/// Reads a list of anything.
pub(super) fn list(path: &str, value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(values) => Ok(values),
        other => Err(mismatch(path, &other, "a list")),
    }
}

fn mismatch(path: &str, found: &Value, expected: &str) -> String {
    format!("{path} is {}, expected {expected}", describe(found))
}

fn missing(path: &str) -> String {
    format!("{path} is missing")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

    fn complete() -> Value {
        json!({
            "id": ID,
            "name": "door bell",
            "url": "https://example.com/hook",
            "events": ["meeting.started", "meeting.ended", "meeting.started"],
            "enabled": false,
            "created_at": "2022-05-28T07:01:53.075Z",
            "updated_at": "2022-05-28T07:01:53.075Z",
        })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut webhook = complete();
        webhook[field] = value;
        webhook
    }

    #[test]
    fn a_webhook_is_read_whatever_else_the_answer_holds() {
        let webhook = webhook(with("organization_id", json!(1))).unwrap();

        let expected = Webhook {
            id: ID.to_owned(),
            name: "door bell".to_owned(),
            url: "https://example.com/hook".to_owned(),
            events: BTreeSet::from(["meeting.ended", "meeting.started"].map(str::to_owned)),
            enabled: false,
            created_at: "2022-05-28T07:01:53.075Z".to_owned(),
            updated_at: "2022-05-28T07:01:53.075Z".to_owned(),
        };
        assert_eq!(webhook, expected);
    }

    #[test]
    fn a_missing_field_is_named() {
        let fields = [
            "id",
            "name",
            "url",
            "events",
            "enabled",
            "created_at",
            "updated_at",
        ];

        for field in fields {
            let absent = {
                let mut webhook = complete();
                webhook.as_object_mut().unwrap().remove(field);
                webhook
            };

            for incomplete in [absent, with(field, Value::Null)] {
                let problem = webhook(incomplete).unwrap_err();

                assert_eq!(problem, format!("{field} is missing"));
            }
        }
    }

    #[test]
    fn a_wrong_type_is_named_without_the_value() {
        let cases = [
            (json!("x"), "the webhook is a string, expected an object"),
            (json!([]), "the webhook is a list, expected an object"),
            (with("id", json!("all")), "id is not a UUID"),
            (
                with("name", json!({"secret": 1})),
                "name is an object, expected a string",
            ),
            (
                with("url", json!(["secret"])),
                "url is a list, expected a string",
            ),
            (
                with("enabled", json!("true")),
                "enabled is a string, expected a boolean",
            ),
            (
                with("events", json!("secret")),
                "events is a string, expected a list",
            ),
            (
                with("events", json!(["a", "b", 3])),
                "events[2] is a number, expected a string",
            ),
            (
                with("events", json!([null])),
                "events[0] is null, expected a string",
            ),
            (
                with("created_at", json!(17)),
                "created_at is a number, expected a string",
            ),
        ];

        for (value, expected) in cases {
            assert_eq!(webhook(value).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_fault_in_a_list_is_named_with_its_place() {
        let cases = [
            (
                json!({}),
                "the list of webhooks is an object, expected a list",
            ),
            (
                json!([complete(), 1]),
                "[1] is a number, expected an object",
            ),
            (
                json!([with("events", json!([1]))]),
                "[0].events[0] is a number, expected a string",
            ),
            (json!([with("url", Value::Null)]), "[0].url is missing"),
        ];

        for (value, expected) in cases {
            assert_eq!(webhooks(value).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_part_of_a_webhook_is_read_as_far_as_it_goes() {
        let partial = PartialWebhook::from_json(json!({"id": ID, "enabled": true})).unwrap();

        let expected = PartialWebhook {
            id: Some(ID.to_owned()),
            enabled: Some(true),
            ..PartialWebhook::default()
        };
        assert_eq!(partial, expected);
        assert_eq!(partial.complete(), Err("name"));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            Just(Value::from("confidential")),
            Just(Value::from(ID)),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let field = prop_oneof![
                Just("id"),
                Just("url"),
                Just("events"),
                Just("confidential")
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((field.prop_map(str::to_owned), inner), 0..4)
                    .prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_an_answer_holds_no_problem_shows_it(value in any_value()) {
            let problems = [
                PartialWebhook::from_json(value.clone()).err(),
                webhook(value.clone()).err(),
                webhooks(value.clone()).err(),
                strings("the list", value).err(),
            ];

            for problem in problems.into_iter().flatten() {
                prop_assert!(!problem.contains("confidential"), "{problem}");
            }
        }
    }
}
