//! The known events, and diagnostics for other names. Pure.

use crate::framework::Diagnostics;

/// The documented events (API: Add a webhook, `events`).
pub(super) const KNOWN_EVENTS: [&str; 9] = [
    "livestreaming.statusUpdate",
    "meeting.chatSynced",
    "meeting.ended",
    "meeting.participantJoined",
    "meeting.participantLeft",
    "meeting.started",
    "meeting.summary",
    "meeting.transcript",
    "recording.statusUpdate",
];

/// Largest number of wrong, missing, surplus or swapped letters in a similar name.
const MAX_EDIT_DISTANCE: usize = 2;

/// Checks an event to send: a warning for an unknown name, because RealtimeKit may support newer
/// events; an error for what can never be a name.
pub(super) fn check_event(name: &str) -> Diagnostics {
    if name.trim().is_empty() {
        return Diagnostics::error("Blank Event", "The name of an event must not be blank.");
    }
    if name.contains('*') {
        return Diagnostics::error(
            "No Wildcards in Events",
            format!(
                "{name:?} is not the name of an event: there are no wildcards. List the events, or \
                 use provider::realtimekit::webhook_events() for all known events and \
                 provider::realtimekit::webhook_events(\"meeting.\") for those that start with \
                 meeting."
            ),
        );
    }
    unknown_event(
        name,
        "the API refuses the webhook if it does not know the event either",
    )
}

/// A warning if the name is unknown, with what may come of it.
pub(super) fn unknown_event(name: &str, consequence: &str) -> Diagnostics {
    if KNOWN_EVENTS.contains(&name) {
        return Diagnostics::new();
    }
    let suggestion = similar_event(name)
        .map(|similar| format!(" Did you mean {similar:?}?"))
        .unwrap_or_default();
    Diagnostics::warning(
        "Unknown Event",
        format!(
            "This version of the provider does not know the event {name:?}: {consequence}.\
             {suggestion} Known events: {}.",
            KNOWN_EVENTS.join(", ")
        ),
    )
}

/// The known event with almost the same letters. Case and punctuation do not count:
/// `MEETING_STARTED` is `meeting.started`.
fn similar_event(name: &str) -> Option<&'static str> {
    let name = letters(name);
    let distances = KNOWN_EVENTS.map(|known| (strsim::osa_distance(&name, &letters(known)), known));
    let (distance, nearest) = distances.into_iter().min()?;
    (distance <= MAX_EDIT_DISTANCE).then_some(nearest)
}

fn letters(name: &str) -> String {
    // Far longer than any event.
    name.chars()
        .take(64)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Severity;

    fn severity(name: &str) -> Option<Severity> {
        check_event(name).iter().next().map(|found| found.severity)
    }

    #[test]
    fn known_events_pass() {
        for event in KNOWN_EVENTS {
            assert_eq!(severity(event), None);
        }
    }

    #[test]
    fn unknown_event_is_a_warning_that_suggests_only_a_similar_one() {
        let cases = [
            ("meeting.strated", Some("meeting.started")),
            ("Meeting.Started", Some("meeting.started")),
            ("meeting_ended", Some("meeting.ended")),
            ("recording.statusUpdated", Some("recording.statusUpdate")),
            ("meeting.recordingReady", None),
            ("stage.opened", None),
            ("x", None),
        ];
        for (name, similar) in cases {
            for found in [check_event(name), unknown_event(name, "no webhook")] {
                let found = found.iter().next().unwrap();

                assert_eq!(found.severity, Severity::Warning, "{name}");
                let suggestion = similar.map(|similar| format!("Did you mean {similar:?}?"));
                let has_suggestion = found.detail.contains("Did you mean");
                assert_eq!(has_suggestion, suggestion.is_some(), "{}", found.detail);
                assert!(found.detail.contains(&suggestion.unwrap_or_default()));
            }
        }
    }

    #[test]
    fn blank_name_and_wildcard_are_errors() {
        for (name, summary) in [
            ("", "Blank Event"),
            (" ", "Blank Event"),
            ("*", "No Wildcards in Events"),
            ("meeting.*", "No Wildcards in Events"),
        ] {
            let found = check_event(name);

            assert!(found.has_error(), "{name}");
            assert_eq!(found.iter().next().unwrap().summary, summary);
        }
    }
}
