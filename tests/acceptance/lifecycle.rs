//! A webhook from its creation to its end.

use realtimekit::mock_api::Quirks;
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn webhook_is_created_kept_updated_and_deleted() {
    in_every_mode(|w| {
        w.apply(bell(""));
        w.expect_no_changes();

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

        w.apply(bell("name = 'gong'"));
        w.expect_no_changes();

        w.expect_state(BELL, json!({ "id": state["id"], "name": "gong" }));
        assert_eq!(w.webhook().name, "gong");

        w.destroy();

        assert!(w.webhooks().is_empty());
        assert_eq!(w.state(BELL), Value::Null);
    });
}

#[test]
fn attribute_is_updated_in_place_with_one_put() {
    let w = Workspace::new();
    w.apply(bell(""));
    let mut before = w.state(BELL);
    for changed in [
        "name = 'gong'",
        "url = 'https://example.com/gong'",
        "events = ['meeting.ended', 'recording.statusUpdate']",
        "enabled = false",
        "", // all of it back, enabled to its default
    ] {
        let plan = w.plan(bell(changed));
        w.api.clear_calls();
        w.succeeds("apply plan");

        assert_eq!(plan.actions(BELL), ["update"], "{changed}");
        let unknown = &plan.change(BELL)["after_unknown"];
        assert_eq!(unknown["updated_at"], true);
        assert_eq!(unknown["id"], Value::Null);
        assert_eq!(w.writes(), ["PUT webhooks/ID"], "{changed}");
        let after = w.state(BELL);
        for same in ["id", "created_at"] {
            assert_eq!(after[same], before[same]);
        }
        assert_ne!(after["updated_at"], before["updated_at"]);
        w.expect_no_changes();
        before = after;
    }
    assert!(w.webhook().enabled);
}

#[test]
fn another_spelling_of_the_same_value_is_no_change() {
    let w = Workspace::of(Quirks {
        normalises_url: true,
        ..Quirks::live()
    });
    w.apply(bell("url = 'https://Example.com'"));
    assert_eq!(w.webhook().url, "https://example.com/");
    assert_eq!(w.state(BELL)["url"], "https://Example.com");

    let reordered = r#"events = ["meeting.ended", "meeting.started", "meeting.ended"]"#;
    let plan = w.plan(bell(&format!("url = 'https://Example.com'\n{reordered}")));

    assert_eq!(plan.actions(BELL), ["no-op"]);
}

#[test]
fn app_or_account_changed_requires_replacement() {
    let first = "lifecycle {\n    create_before_destroy = true\n  }";
    for (attribute, value, lifecycle) in [
        ("app_id", OTHER_APP, ""),
        ("account_id", "4f1c2d7be1a863", ""),
        ("app_id", OTHER_APP, first),
    ] {
        let w = Workspace::new();
        w.apply(bell(lifecycle));
        w.api.clear_calls();

        let plan = w.plan(bell(&format!("{attribute} = '{value}'\n{lifecycle}")));
        w.succeeds("apply plan");

        let change = plan.change(BELL);
        assert_eq!(change["replace_paths"], json!([[attribute]]));
        assert_eq!(change["after_unknown"]["id"], true);
        let mut expected = ["DELETE webhooks/ID", "POST webhooks"];
        if lifecycle == first {
            expected.reverse();
        }
        assert_eq!(w.writes(), expected);
        assert!(w.webhooks().is_empty());
        assert_eq!(w.state(BELL)[attribute], value);
        w.expect_no_changes();
    }
}

#[test]
fn provider_default_changed_replaces_only_what_uses_it() {
    let mut w = Workspace::new();
    let pinned = format!("url = 'https://example.com/pinned'\napp_id = '{APP}'");
    let pinned = webhook("pinned", &pinned);
    let configuration = bell("") + &pinned;
    w.apply(&configuration);

    w.set("REALTIMEKIT_APP_ID", OTHER_APP);
    let plan = w.plan(&configuration);

    assert_eq!(plan.actions(BELL), ["delete", "create"]);
    assert_eq!(plan.actions("realtimekit_webhook.pinned"), ["no-op"]);
}
