//! `provider::realtimekit::…`: the known events, and import IDs built and parsed.

use std::collections::BTreeSet;

use super::{events::KNOWN_EVENTS, validators::path_segment, webhook::import_id::ImportIdParts};
use crate::framework::{
    Field, Function, FunctionError, Model, Parameter, Signature, Type, Value, check_argument,
};

pub(super) struct WebhookImportIdFunction;

pub(super) struct ParseWebhookImportIdFunction;

impl Function for WebhookImportIdFunction {
    fn name(&self) -> &'static str {
        "webhook_import_id"
    }

    fn signature(&self) -> Signature {
        let text = |name, description| Parameter::new(name, Type::String, description);
        Signature {
            summary: "Import ID of a webhook.".to_owned(),
            description: "Returns the import ID of a `realtimekit_webhook` in its full form, \
                          `<account_id>/<app_id>/<webhook_id>`, and checks its parts."
                .to_owned(),
            parameters: vec![
                text(
                    "account_id",
                    "ID of the Cloudflare account that the app belongs to.",
                ),
                text("app_id", "ID of the RealtimeKit app."),
                text("webhook_id", "ID of the webhook, a UUID."),
            ],
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        for (position, argument) in arguments.iter().enumerate() {
            check_argument(position, path_segment(argument))?;
        }
        let parts: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        Ok(parts.join("/").into())
    }
}

impl Function for ParseWebhookImportIdFunction {
    fn name(&self) -> &'static str {
        "parse_webhook_import_id"
    }

    fn signature(&self) -> Signature {
        let kinds = ImportIdParts::FIELDS
            .iter()
            .map(|&name| (name, Type::String));
        Signature {
            summary: "Parts of the import ID of a webhook.".to_owned(),
            description: "Returns the parts of the import ID of a `realtimekit_webhook`, as an \
                          object with the attributes `account_id`, `app_id` and `webhook_id`.\n\n\
                          The ID can have every form that an import accepts: \
                          `<account_id>/<app_id>/<webhook_id>`, `<app_id>/<webhook_id>` or \
                          `<webhook_id>`. A part that the ID leaves out is null, because a function \
                          does not know the provider block. As an argument of a resource or data \
                          source, null has the same meaning as in the shorter ID: the value of the \
                          provider."
                .to_owned(),
            parameters: vec![Parameter::new(
                "id",
                Type::String,
                "Import ID of a webhook, in every form that an import accepts.",
            )],
            variadic: None,
            returns: Type::object(kinds),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let id = arguments.first().and_then(Value::as_str);
        match ImportIdParts::parse(id.unwrap_or_default()) {
            Ok(parts) => Ok(Value::Object(parts.into_object())),
            Err(found) => check_argument(0, found).map(|()| Value::Null),
        }
    }
}

pub(super) struct WebhookEventsFunction;

impl Function for WebhookEventsFunction {
    fn name(&self) -> &'static str {
        "webhook_events"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Names of the events that RealtimeKit sends.".to_owned(),
            description: "Returns the names of the events that RealtimeKit's documentation lists, \
                          as this version of the provider knows them: all of them, or those that \
                          start with one of the given prefixes. Makes no API request; to get the \
                          names from the API, use the data source `realtimekit_webhook_events`."
                .to_owned(),
            parameters: Vec::new(),
            variadic: Some(Parameter::new(
                "prefixes",
                Type::String,
                "Prefixes of the names to return, such as `meeting`. A name must start with one of \
                 them. Each prefix must match at least one known name.",
            )),
            returns: Type::set(Type::String),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let prefixes: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        for (position, prefix) in prefixes.iter().enumerate() {
            if !KNOWN_EVENTS.iter().any(|event| event.starts_with(prefix)) {
                return Err(FunctionError::argument(position, no_such_prefix(prefix)));
            }
        }
        let is_wanted = |event: &&str| {
            prefixes.is_empty() || prefixes.iter().any(|prefix| event.starts_with(prefix))
        };
        let events = KNOWN_EVENTS.into_iter().filter(is_wanted);
        let events: BTreeSet<String> = events.map(str::to_owned).collect();
        Ok(events.into_value())
    }
}

fn no_such_prefix(prefix: &str) -> String {
    let kinds = KNOWN_EVENTS.map(|event| event.split('.').next().unwrap_or(event));
    let kinds = BTreeSet::from(kinds).into_iter().collect::<Vec<_>>();
    format!(
        "no known event starts with {prefix:?}, but with {}; the known events are {}",
        kinds.join(", "),
        KNOWN_EVENTS.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WEBHOOK: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

    fn join(parts: [&str; 3]) -> Result<Value, FunctionError> {
        WebhookImportIdFunction.call(parts.map(Value::from).to_vec())
    }

    fn parse(id: Value) -> Result<Value, FunctionError> {
        ParseWebhookImportIdFunction.call(vec![id])
    }

    fn parts(account_id: Option<&str>, app_id: Option<&str>, webhook_id: &str) -> Value {
        let parts = ImportIdParts {
            account_id: account_id.map(str::to_owned),
            app_id: app_id.map(str::to_owned),
            webhook_id: webhook_id.to_owned(),
        };
        Value::Object(parts.into_object())
    }

    #[test]
    fn import_id_has_the_full_form() {
        let id = format!("acc/app/{WEBHOOK}");

        assert_eq!(join(["acc", "app", WEBHOOK]), Ok(id.into()));
    }

    #[test]
    fn import_id_bad_part_is_an_error_at_its_argument() {
        for (arguments, position) in [
            (["", "app", WEBHOOK], 0),
            (["acc", "a/b", WEBHOOK], 1),
            (["acc", "app", "a%b"], 2),
        ] {
            let error = join(arguments).unwrap_err();

            assert_eq!(error.argument, Some(position), "{arguments:?}");
            assert!(!error.text.ends_with('.'), "{}", error.text);
        }
    }

    #[test]
    fn parse_shorter_form_leaves_parts_null() {
        let full = format!("acc/app/{WEBHOOK}");
        let shorter = format!("app/{WEBHOOK}");

        let expected = parts(Some("acc"), Some("app"), WEBHOOK);
        assert_eq!(parse(full.into()), Ok(expected));
        let expected = parts(None, Some("app"), WEBHOOK);
        assert_eq!(parse(shorter.into()), Ok(expected));
        assert_eq!(parse(WEBHOOK.into()), Ok(parts(None, None, WEBHOOK)));
    }

    #[test]
    fn parse_malformed_id_is_an_error_that_lists_the_forms() {
        for id in ["", "a/b/c/d", "acc/app/ ", "acc//x", "../a/b"] {
            let error = parse(id.into()).unwrap_err();

            assert_eq!(error.argument, Some(0), "{id}");
            let full = "<account_id>/<app_id>/<webhook_id>";
            assert!(error.text.contains(full), "{}", error.text);
        }
    }

    fn events(prefixes: &[&str]) -> Result<Vec<String>, FunctionError> {
        let arguments = prefixes.iter().map(|&prefix| prefix.into()).collect();
        let events = WebhookEventsFunction.call(arguments)?;
        let events = BTreeSet::<String>::from_value(events).unwrap();
        Ok(events.into_iter().collect())
    }

    #[test]
    fn events_without_prefix_are_all_known_events() {
        assert_eq!(events(&[]).unwrap(), KNOWN_EVENTS);
        assert_eq!(events(&[""]).unwrap(), KNOWN_EVENTS);
    }

    #[test]
    fn events_match_one_of_several_prefixes() {
        let found = events(&["recording.", "meeting.participant", "meeting.participantL"]);

        let expected = [
            "meeting.participantJoined",
            "meeting.participantLeft",
            "recording.statusUpdate",
        ];
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn events_prefix_without_match_is_an_error_at_its_argument() {
        let error = events(&["meeting", "Recording"]).unwrap_err();

        assert_eq!(error.argument, Some(1));
        let expected = "no known event starts with \"Recording\", but with livestreaming, meeting, \
                        recording; the known events are livestreaming.statusUpdate, ";
        assert!(error.text.starts_with(expected), "{}", error.text);
        assert!(!error.text.ends_with('.'));
    }

    proptest! {
        #[test]
        fn import_id_parses_to_its_parts(
            account_id in ".{0,12}",
            app_id in ".{0,12}",
            id in any::<u128>(),
        ) {
            let id = uuid::Uuid::from_u128(id).to_string();

            match join([&account_id, &app_id, &id]) {
                Ok(joined) => {
                    let expected = parts(Some(&account_id), Some(&app_id), &id);
                    prop_assert_eq!(parse(joined), Ok(expected));
                }
                Err(error) => prop_assert!(error.argument < Some(2)),
            }
        }
    }
}
