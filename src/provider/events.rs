//! The events that RealtimeKit reports, and what is said of a name that is none of them. Pure.

use crate::framework::Diagnostics;

/// The events known when this version was made (API: Add a webhook, `events`).
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

/// Up to so many wrong, missing, surplus or swapped letters make a name a misspelt one.
const MAX_EDIT_DISTANCE: usize = 2;

/// Nothing for a known event; an error for a misspelt one; a warning for any other, since the
/// list grows and the API has the last word.
pub(super) fn check_event(name: &str) -> Diagnostics {
    if KNOWN_EVENTS.contains(&name) {
        return Diagnostics::new();
    }
    let (distance, nearest) = nearest_event(name);
    if distance <= MAX_EDIT_DISTANCE {
        return Diagnostics::error(
            "Misspelt Event",
            format!("There is no event {name:?}. Did you mean {nearest:?}?"),
        );
    }
    Diagnostics::warning(
        "Unknown Event",
        format!(
            "{name:?} is none of the events that this version of the provider knows. If RealtimeKit \
             does not know it either, it will refuse the webhook. The nearest known event is \
             {nearest:?}; all of them: {}.",
            KNOWN_EVENTS.join(", ")
        ),
    )
}

/// A warning for an event that is not known, and looked for: no webhook may report it.
pub(super) fn check_wanted_event(name: &str) -> Diagnostics {
    if KNOWN_EVENTS.contains(&name) {
        return Diagnostics::new();
    }
    let (_, nearest) = nearest_event(name);
    Diagnostics::warning(
        "Unknown Event",
        format!(
            "{name:?} is none of the events that this version of the provider knows, so perhaps no \
             webhook reports it. The nearest known event is {nearest:?}; all of them: {}.",
            KNOWN_EVENTS.join(", ")
        ),
    )
}

/// The known event that differs least, and by how many slips. Case and punctuation do not
/// count: `MEETING_STARTED` is `meeting.started`.
fn nearest_event(name: &str) -> (usize, &'static str) {
    let name = letters(name);
    let distances = KNOWN_EVENTS.map(|known| (strsim::osa_distance(&name, &letters(known)), known));
    distances
        .into_iter()
        .min()
        .unwrap_or((usize::MAX, "meeting.started"))
}

fn letters(name: &str) -> String {
    // Longer than any event by far: no need to compare more.
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
    fn a_misspelt_event_is_an_error_that_names_the_right_one() {
        let cases = [
            ("meeting.strated", "meeting.started"),
            ("Meeting.Started", "meeting.started"),
            ("meeting_ended", "meeting.ended"),
            ("meeting.participantjoined", "meeting.participantJoined"),
            ("recording.statusUpdates", "recording.statusUpdate"),
        ];
        for (misspelt, right) in cases {
            let found = check_event(misspelt);

            assert!(found.has_error(), "{misspelt}");
            let detail = &found.iter().next().unwrap().detail;
            assert!(
                detail.ends_with(&format!("Did you mean {right:?}?")),
                "{detail}"
            );
        }
    }

    #[test]
    fn an_unknown_event_may_be_looked_for_with_a_warning_that_names_the_nearest() {
        for event in KNOWN_EVENTS {
            assert!(check_wanted_event(event).is_empty());
        }

        let found = check_wanted_event("meeting.strated");

        let found = found.iter().next().unwrap();
        assert_eq!(found.severity, Severity::Warning);
        assert!(
            found.detail.contains("is \"meeting.started\";"),
            "{}",
            found.detail
        );
    }

    #[test]
    fn an_event_of_the_future_is_a_warning() {
        for event in ["meeting.recordingReady", "stage.opened", "x", ""] {
            assert_eq!(severity(event), Some(Severity::Warning), "{event}");
        }
    }
}
