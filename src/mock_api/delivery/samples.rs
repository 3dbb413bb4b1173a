//! Bodies of sample deliveries: one for each event, in the shape of Cloudflare's guide to webhooks.

use crate::mock_api::model::store::timestamp;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// By event; texts with `$` are filled in. What has ended is still `LIVE`, as in the guide.
const SAMPLES: &str = include_str!("samples.json");

/// A sample body for an event; that of an unknown event has only the meeting.
///
/// The meeting began half an hour ago and, if it has ended, ended now.
pub(crate) fn payload(event: &str, app_id: &str, app_name: &str, now: OffsetDateTime) -> Value {
    let before_now = |minutes| timestamp(now - Duration::minutes(minutes));
    let fill = |text: &str| match text {
        "$app_id" => Some(app_id.to_owned()),
        "$app_name" => Some(app_name.to_owned()),
        "$started" => Some(before_now(30)),
        "$joined" => Some(before_now(25)),
        "$left" => Some(before_now(5)),
        "$ended" => Some(before_now(0)),
        "$expiry" => Some(timestamp(now + Duration::days(7))),
        _ => None,
    };
    let mut samples = SAMPLES.to_owned();
    for id in ["$meeting", "$session", "$other"] {
        let id = format!("\"{id}\"");
        samples = samples.replace(&id, &json!(Uuid::new_v4().to_string()).to_string());
    }
    // A test parses the document, so null is never used.
    let mut samples: Value = serde_json::from_str(&samples).unwrap_or_default();
    let known = match samples.get(event) {
        Some(_) => event,
        None => "meeting.started",
    };
    let mut payload = samples[known].take();
    fill_in(&mut payload, &fill);
    payload["event"] = json!(event);
    payload
}

fn fill_in(value: &mut Value, fill: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| fill_in(value, fill)),
        Value::String(text) => *text = fill(text).unwrap_or_else(|| std::mem::take(text)),
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock_api::model::webhook::EVENTS;

    fn sample(event: &str) -> Value {
        payload(event, "app-id", "Town hall", OffsetDateTime::UNIX_EPOCH)
    }

    fn members(value: &Value) -> Vec<&str> {
        value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect()
    }

    #[test]
    fn sample_of_each_event_has_its_name_and_its_own_members() {
        let shapes: Vec<Vec<String>> = EVENTS
            .iter()
            .filter(|event| **event != "meeting.started")
            .map(|event| {
                let sample = sample(event);
                assert_eq!(sample["event"], *event);
                assert!(!sample.to_string().contains('$'), "{sample}");
                members(&sample).into_iter().map(str::to_owned).collect()
            })
            .collect();

        let plain = ["event", "meeting"];
        assert_eq!(members(&sample("meeting.started")), plain);
        assert!(shapes.iter().all(|members| members.len() > plain.len()));
    }

    #[test]
    fn meeting_ends_half_an_hour_after_it_began() {
        let ended = sample("meeting.ended");

        assert_eq!(ended["meeting"]["startedAt"], "1969-12-31T23:30:00.000Z");
        assert_eq!(ended["meeting"]["endedAt"], "1970-01-01T00:00:00.000Z");
        assert_eq!(ended["reason"], "ALL_PARTICIPANTS_LEFT");
        assert_eq!(ended["meeting"]["organizedBy"]["name"], "Town hall");
    }

    #[test]
    fn recording_belongs_to_its_meeting_and_app() {
        let update = sample("recording.statusUpdate");

        assert_eq!(update["recording"]["meetingId"], update["meeting"]["id"]);
        assert_eq!(update["recording"]["organizationId"], "app-id");
    }
}
