//! What a delivery says: a body for each event, in the shape of Cloudflare's guide to webhooks.

use super::store::timestamp;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// The app that an event is from.
#[derive(Debug)]
pub(super) struct Organization {
    pub(super) id: String,
    pub(super) name: String,
}

/// A meeting of half an hour that has just ended, or, while it lasts, began half an hour ago.
struct Meeting<'a> {
    id: String,
    session_id: String,
    now: OffsetDateTime,
    organization: &'a Organization,
}

/// The body for an event; one that is not known has the meeting alone.
pub(super) fn payload(event: &str, organization: &Organization, now: OffsetDateTime) -> Value {
    let meeting = Meeting {
        id: uuid(),
        session_id: uuid(),
        now,
        organization,
    };
    let mut payload = match event {
        "meeting.ended" => json!({
            "meeting": meeting.ended(),
            "reason": "ALL_PARTICIPANTS_LEFT",
        }),
        "meeting.participantJoined" => json!({
            "meeting": meeting.live(),
            "participant": meeting.participant(),
        }),
        "meeting.participantLeft" => meeting.participant_left(),
        "meeting.chatSynced" => meeting.chat_synced(),
        "recording.statusUpdate" => json!({
            "meeting": meeting.ended(),
            "recording": meeting.recording(),
        }),
        "livestreaming.statusUpdate" => meeting.livestream(),
        "meeting.transcript" => json!({
            "meeting": meeting.ended(),
            "transcriptDownloadUrl": "https://example.com/transcript.csv",
            "transcriptDownloadUrlExpiry": meeting.expiry(),
        }),
        "meeting.summary" => meeting.summary(),
        _ => json!({"meeting": meeting.live()}),
    };
    payload["event"] = json!(event);
    payload
}

impl Meeting<'_> {
    fn before_now(&self, minutes: i64) -> String {
        timestamp(self.now - Duration::minutes(minutes))
    }

    fn expiry(&self) -> String {
        timestamp(self.now + Duration::days(7))
    }

    fn organized_by(&self) -> Value {
        json!({"id": self.organization.id, "name": self.organization.name})
    }

    fn live(&self) -> Value {
        json!({
            "id": self.id,
            "sessionId": self.session_id,
            "title": "Weekly sync",
            "status": "LIVE",
            "createdAt": self.before_now(30),
            "startedAt": self.before_now(30),
            "organizedBy": self.organized_by(),
        })
    }

    /// Still `LIVE`, as in the guide.
    fn ended(&self) -> Value {
        let mut meeting = self.live();
        meeting["endedAt"] = json!(self.before_now(0));
        meeting
    }

    fn participant(&self) -> Value {
        json!({
            "peerId": uuid(),
            "userDisplayName": "Mary Sue",
            "customParticipantId": "user-123",
            "clientSpecificId": "user-123",
            "joinedAt": self.before_now(25),
        })
    }

    fn participant_left(&self) -> Value {
        let mut participant = self.participant();
        participant["leftAt"] = json!(self.before_now(5));
        json!({"meeting": self.ended(), "participant": participant})
    }

    fn chat_synced(&self) -> Value {
        json!({
            "meetingId": self.id,
            "sessionId": self.session_id,
            "title": "Weekly sync",
            "createdAt": self.before_now(30),
            "startedAt": self.before_now(30),
            "endedAt": self.before_now(0),
            "chatDownloadUrl": "https://example.com/chat.json",
            "chatDownloadUrlExpiry": self.expiry(),
            "organizedBy": self.organized_by(),
        })
    }

    fn recording(&self) -> Value {
        let id = uuid();
        json!({
            "id": id,
            "recordingId": id,
            "status": "UPLOADED",
            "downloadUrl": "https://example.com/recording.mp4",
            "audioDownloadUrl": "https://example.com/recording.mp3",
            "downloadUrlExpiry": self.expiry(),
            "startedTime": self.before_now(30),
            "stoppedTime": self.before_now(0),
            "fileSize": "2044680",
            "outputFileName": "weekly-sync.mp4",
            "meetingId": self.id,
            "recordingDuration": 1800,
            "organizationId": self.organization.id,
            "roomUUID": self.session_id,
        })
    }

    fn livestream(&self) -> Value {
        json!({
            "streamId": uuid(),
            "status": "LIVE",
            "manualIngest": false,
            "playbackUrl": "https://example.com/live.m3u8",
            "ingestServer": "rtmps://example.com/live",
            "streamKey": "stream-key",
            "meeting": {
                "id": self.id,
                "title": "Weekly sync",
                "createdAt": self.before_now(30),
                "status": "LIVE",
                "organizedBy": self.organized_by(),
            },
        })
    }

    fn summary(&self) -> Value {
        json!({
            "meeting": {
                "id": self.id,
                "sessionId": self.session_id,
                "organizedBy": self.organized_by(),
            },
            "summaryDownloadUrl": "https://example.com/summary.txt",
            "summaryDownloadUrlExpiry": self.expiry(),
        })
    }
}

fn uuid() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::checks::EVENTS;
    use super::*;

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
    fn each_known_event_names_itself_and_has_members_of_its_own() {
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
    fn a_meeting_ends_half_an_hour_after_it_began() {
        let ended = sample("meeting.ended");

        assert_eq!(ended["meeting"]["startedAt"], "1969-12-31T23:30:00.000Z");
        assert_eq!(ended["meeting"]["endedAt"], "1970-01-01T00:00:00.000Z");
        assert_eq!(ended["reason"], "ALL_PARTICIPANTS_LEFT");
        assert_eq!(ended["meeting"]["organizedBy"]["name"], "Town hall");
    }

    #[test]
    fn a_recording_belongs_to_its_meeting_and_app() {
        let update = sample("recording.statusUpdate");

        assert_eq!(update["recording"]["meetingId"], update["meeting"]["id"]);
        assert_eq!(update["recording"]["organizationId"], "app-id");
    }
}
