//! Bodies of sample deliveries: one for each event, in the shape of Cloudflare's guide to webhooks.

use crate::mock_api::model::store::timestamp;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// The app that an event is from.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A sample body for an event; that of an unknown event has only the meeting.
///
/// The meeting began half an hour ago and, if it has ended, ended now.
pub(crate) fn payload(event: &str, organization: &Organization, now: OffsetDateTime) -> Value {
    let before_now = |minutes| timestamp(now - Duration::minutes(minutes));
    let (started, ended) = (before_now(30), before_now(0));
    let expiry = timestamp(now + Duration::days(7));
    let (id, session_id) = (uuid(), uuid());
    let organized_by = json!({"id": organization.id, "name": organization.name});
    let live = json!({
        "id": id,
        "sessionId": session_id,
        "title": "Weekly sync",
        "status": "LIVE",
        "createdAt": started,
        "startedAt": started,
        "organizedBy": organized_by,
    });
    // Still `LIVE`, as in the guide.
    let mut over = live.clone();
    over["endedAt"] = json!(ended);
    let mut participant = json!({
        "peerId": uuid(),
        "userDisplayName": "Mary Sue",
        "customParticipantId": "user-123",
        "clientSpecificId": "user-123",
        "joinedAt": before_now(25),
    });
    let mut payload = match event {
        "meeting.ended" => json!({"meeting": over, "reason": "ALL_PARTICIPANTS_LEFT"}),
        "meeting.participantJoined" => json!({"meeting": live, "participant": participant}),
        "meeting.participantLeft" => {
            participant["leftAt"] = json!(before_now(5));
            json!({"meeting": over, "participant": participant})
        }
        "meeting.chatSynced" => json!({
            "meetingId": id,
            "sessionId": session_id,
            "title": "Weekly sync",
            "createdAt": started,
            "startedAt": started,
            "endedAt": ended,
            "chatDownloadUrl": "https://example.com/chat.json",
            "chatDownloadUrlExpiry": expiry,
            "organizedBy": organized_by,
        }),
        "recording.statusUpdate" => {
            let recording_id = uuid();
            json!({
                "meeting": over,
                "recording": {
                    "id": recording_id,
                    "recordingId": recording_id,
                    "status": "UPLOADED",
                    "downloadUrl": "https://example.com/recording.mp4",
                    "audioDownloadUrl": "https://example.com/recording.mp3",
                    "downloadUrlExpiry": expiry,
                    "startedTime": started,
                    "stoppedTime": ended,
                    "fileSize": "2044680",
                    "outputFileName": "weekly-sync.mp4",
                    "meetingId": id,
                    "recordingDuration": 1800,
                    "organizationId": organization.id,
                    "roomUUID": session_id,
                },
            })
        }
        "livestreaming.statusUpdate" => json!({
            "streamId": uuid(),
            "status": "LIVE",
            "manualIngest": false,
            "playbackUrl": "https://example.com/live.m3u8",
            "ingestServer": "rtmps://example.com/live",
            "streamKey": "stream-key",
            "meeting": {
                "id": id,
                "title": "Weekly sync",
                "createdAt": started,
                "status": "LIVE",
                "organizedBy": organized_by,
            },
        }),
        "meeting.transcript" => json!({
            "meeting": over,
            "transcriptDownloadUrl": "https://example.com/transcript.csv",
            "transcriptDownloadUrlExpiry": expiry,
        }),
        "meeting.summary" => json!({
            "meeting": {"id": id, "sessionId": session_id, "organizedBy": organized_by},
            "summaryDownloadUrl": "https://example.com/summary.txt",
            "summaryDownloadUrlExpiry": expiry,
        }),
        _ => json!({"meeting": live}),
    };
    payload["event"] = json!(event);
    payload
}

fn uuid() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock_api::model::webhook::EVENTS;

    fn sample(event: &str) -> Value {
        let organization = Organization {
            id: "app-id".to_owned(),
            name: "Town hall".to_owned(),
        };
        payload(event, &organization, OffsetDateTime::UNIX_EPOCH)
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
