//! `provider::realtimekit::webhook_events`: the events that this version knows, offline.

use std::collections::BTreeSet;

use super::events::KNOWN_EVENTS;
use crate::framework::{Field, Function, FunctionError, Parameter, Signature, Type, Value};

pub(super) struct WebhookEventsFunction;

impl Function for WebhookEventsFunction {
    fn name(&self) -> &'static str {
        "webhook_events"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Names of the events that RealtimeKit reports.".to_owned(),
            description: "Returns the names of the events that RealtimeKit's documentation lists, \
                          as this version of the provider knows them: all of them, or those that \
                          start with one of the given prefixes. It asks nobody; the data source \
                          `realtimekit_webhook_events` asks the API."
                .to_owned(),
            parameters: Vec::new(),
            variadic: Some(Parameter::new(
                "prefixes",
                Type::String,
                "What a name starts with, such as `meeting`. Of several prefixes, a name needs to \
                 start with one. A prefix that no known name starts with is an error.",
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
    use super::*;

    fn call(prefixes: &[&str]) -> Result<Vec<String>, FunctionError> {
        let arguments = prefixes.iter().map(|&prefix| prefix.into()).collect();
        let events = WebhookEventsFunction.call(arguments)?;
        let events = BTreeSet::<String>::from_value(events).unwrap();
        Ok(events.into_iter().collect())
    }

    #[test]
    fn without_a_prefix_all_known_events_are_returned() {
        assert_eq!(call(&[]).unwrap(), KNOWN_EVENTS);
        assert_eq!(call(&[""]).unwrap(), KNOWN_EVENTS);
    }

    #[test]
    fn of_several_prefixes_one_has_to_match() {
        let events = call(&["recording.", "meeting.participant", "meeting.participantL"]);

        let expected = [
            "meeting.participantJoined",
            "meeting.participantLeft",
            "recording.statusUpdate",
        ];
        assert_eq!(events.unwrap(), expected);
    }

    #[test]
    fn a_prefix_that_matches_nothing_is_told_by_its_place_with_what_would_match() {
        let error = call(&["meeting", "Recording"]).unwrap_err();

        assert_eq!(error.argument, Some(1));
        let expected = "no known event starts with \"Recording\", but with livestreaming, meeting, \
                        recording; the known events are livestreaming.statusUpdate, ";
        assert!(error.text.starts_with(expected), "{}", error.text);
        assert!(!error.text.ends_with('.'));
    }
}
