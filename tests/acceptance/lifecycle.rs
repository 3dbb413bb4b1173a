//! A webhook from its creation to its end.

use realtimekit::mock_api::{Envelope, Quirks};
use serde_json::{Value, json};

use crate::support::*;

/// With the API as documented and as met, and each envelope; `tests/client` has all combinations.
#[test]
fn webhook_is_created_kept_updated_and_deleted() {
    for (mode, envelope) in [
        (Quirks::documented(), Envelope::Data),
        (Quirks::live(), Envelope::ResultData),
        (Quirks::live(), Envelope::Result),
    ] {
        let w = Workspace::with(builder().quirks(Quirks { envelope, ..mode }));

        let planned = w.apply_planned(bell(""));

        assert_eq!(planned["actions"], json!(["create"]));
        for computed in ["id", "created_at", "updated_at"] {
            assert_eq!(planned["after_unknown"][computed], true, "{computed}");
        }
        let (state, webhook) = (w.state(BELL), w.webhook());
        let expected = json!({
            "id": webhook.id,
            "account_id": ACCOUNT,
            "app_id": APP,
            "name": "door bell",
            "url": "https://example.com/bell",
            "events": ["meeting.ended", "meeting.started"],
            "enabled": true,
            "created_at": webhook.created_at,
            "updated_at": webhook.updated_at,
            "timeouts": null,
        });
        assert_eq!(state, expected);
        assert_eq!(planned["after"]["app_id"], APP);

        w.apply(bell("name = 'gong'"));

        w.expect_state(BELL, json!({ "id": state["id"], "name": "gong" }));
        assert_eq!(w.webhook().name, "gong");

        w.destroy();

        assert!(w.webhooks().is_empty());
        assert_eq!(w.state(BELL), Value::Null);
    }
}

#[test]
fn attribute_is_updated_in_place_with_one_put() {
    let w = Workspace::applied(bell(""));
    let mut before = w.state(BELL);
    for changed in [
        "name = 'gong'",
        "url = 'https://example.com/gong'",
        "events = ['meeting.ended', 'recording.statusUpdate']",
        "enabled = false",
        "", // all of it back, enabled to its default
    ] {
        w.api.clear_calls();

        let change = w.apply_planned(bell(changed));

        assert_eq!(change["actions"], json!(["update"]), "{changed}");
        assert_eq!(change["after_unknown"]["updated_at"], true);
        assert_eq!(w.writes(), ["PUT"], "{changed}");
        let after = w.state(BELL);
        for same in ["id", "created_at"] {
            assert_eq!(change["after"][same], before[same]);
            assert_eq!(after[same], before[same]);
        }
        assert_ne!(after["updated_at"], before["updated_at"]);
        before = after;
    }
    assert!(w.webhook().enabled);
}

#[test]
fn another_spelling_of_the_same_value_is_no_change() {
    let w = Workspace::new();
    w.api.change_quirks(|quirks| quirks.normalizes_url = true);
    w.apply(bell("url = 'https://Example.com'"));
    assert_eq!(w.webhook().url, "https://example.com/");
    assert_eq!(w.state(BELL)["url"], "https://Example.com");

    let reordered = "events = ['meeting.ended', 'meeting.started', 'meeting.ended']";
    w.write(bell(&format!("url = 'https://Example.com'\n{reordered}")));

    w.expect_no_changes();
}

#[test]
fn app_or_account_changed_requires_replacement() {
    let first = "lifecycle {\n    create_before_destroy = true\n  }";
    for (attribute, value, lifecycle, writes) in [
        ("app_id", OTHER_APP, "", ["DELETE", "POST"]),
        ("account_id", "4f1c2d7be1a863", "", ["DELETE", "POST"]),
        ("app_id", OTHER_APP, first, ["POST", "DELETE"]),
    ] {
        let w = Workspace::applied(bell(lifecycle));
        w.api.clear_calls();

        let change = w.apply_planned(bell(&format!("{attribute} = '{value}'\n{lifecycle}")));

        assert_eq!(change["replace_paths"], json!([[attribute]]));
        assert_eq!(change["after_unknown"]["id"], true);
        assert_eq!(w.writes(), writes);
        assert!(w.webhooks().is_empty());
        assert_eq!(w.state(BELL)[attribute], value);
    }
}
