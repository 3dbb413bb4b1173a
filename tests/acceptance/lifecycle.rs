//! A webhook from its creation to its end.

use serde_json::{Value, json};

use crate::support::*;

#[test]
fn webhook_is_created_kept_updated_and_deleted() {
    in_every_mode(|api| {
        let terraform = Terraform::new(api);

        terraform.apply(&bell(BELL_ATTRIBUTES));
        terraform.expect_no_changes();

        let state = terraform.state(BELL);
        let [webhook] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
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

        terraform.apply(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));
        terraform.expect_no_changes();

        assert_eq!(terraform.state(BELL)["id"], state["id"]);
        assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "gong");

        terraform.destroy();

        assert!(api.webhooks(ACCOUNT, APP).is_empty());
        assert_eq!(terraform.state(BELL), Value::Null);
    });
}

#[test]
fn attribute_is_updated_in_place_with_one_put() {
    let changes = [
        ("name   = \"door bell\"", "name   = \"gong\""),
        ("https://example.com/bell", "https://example.com/gong"),
        (
            "\"meeting.ended\"]",
            "\"meeting.ended\", \"recording.statusUpdate\"]",
        ),
        ("\"meeting.started\", ", ""),
        ("name ", "enabled = false\n  name "),
    ];
    for (from, to) in changes {
        let (api, terraform) = setup();
        terraform.apply(&bell(BELL_ATTRIBUTES));
        let before = terraform.state(BELL);
        let changed = bell(&BELL_ATTRIBUTES.replacen(from, to, 1));

        let plan = terraform.plan(&changed);
        api.clear_calls();
        terraform.succeeds(&["apply", "plan"]);

        assert_eq!(plan.actions(BELL), ["update"], "{to}");
        assert_eq!(writes(&api), ["PUT webhooks/ID"], "{to}");
        let after = terraform.state(BELL);
        assert_eq!(after["id"], before["id"]);
        assert_eq!(after["created_at"], before["created_at"]);
        assert_ne!(after["updated_at"], before["updated_at"]);
        terraform.expect_no_changes();
    }
}

#[test]
fn write_sends_all_four_fields() {
    let (api, terraform) = setup();

    terraform.apply(&bell(BELL_ATTRIBUTES));
    terraform.apply(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));

    let calls = api.calls();
    let bodies: Vec<_> = calls.iter().filter_map(|call| call.body.as_ref()).collect();
    for (body, name) in bodies.iter().zip(["door bell", "gong"]) {
        let expected = json!({
            "name": name,
            "url": "https://example.com/bell",
            "events": ["meeting.ended", "meeting.started"],
            "enabled": true,
        });
        assert_eq!(**body, expected);
    }
    assert_eq!(bodies.len(), 2);
}

#[test]
fn enabled_removed_from_the_configuration_becomes_true() {
    let (api, terraform) = setup();
    terraform.apply(&bell(&format!("{BELL_ATTRIBUTES}\n  enabled = false")));
    assert!(!api.webhooks(ACCOUNT, APP)[0].enabled);

    let plan = terraform.plan(&bell(BELL_ATTRIBUTES));
    terraform.succeeds(&["apply", "plan"]);

    assert_eq!(plan.after(BELL, "enabled"), true);
    assert!(api.webhooks(ACCOUNT, APP)[0].enabled);
}

#[test]
fn events_reordered_or_repeated_are_no_change() {
    let (_api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));

    let reordered = r#"["meeting.ended", "meeting.started", "meeting.ended"]"#;
    let same = BELL_ATTRIBUTES.replace(r#"["meeting.started", "meeting.ended"]"#, reordered);
    let plan = terraform.plan(&bell(&same));

    assert_eq!(plan.actions(BELL), ["no-op"]);
}

#[test]
fn url_normalized_by_the_api_keeps_its_spelling() {
    let api = live();
    api.change_quirks(|quirks| quirks.normalises_url = true);
    let terraform = Terraform::new(&api);

    terraform.apply(&bell(
        &BELL_ATTRIBUTES.replace("https://example.com/bell", "https://Example.com"),
    ));

    assert_eq!(api.webhooks(ACCOUNT, APP)[0].url, "https://example.com/");
    assert_eq!(terraform.state(BELL)["url"], "https://Example.com");
    terraform.expect_no_changes();
}

#[test]
fn app_or_account_changed_requires_replacement() {
    for (attribute, value) in [("app_id", OTHER_APP), ("account_id", "4f1c2d7be1a863")] {
        let (api, terraform) = setup();
        terraform.apply(&bell(BELL_ATTRIBUTES));

        let plan = terraform.plan(&bell(&format!(
            "{BELL_ATTRIBUTES}\n  {attribute} = \"{value}\""
        )));
        terraform.succeeds(&["apply", "plan"]);

        assert_eq!(plan.actions(BELL), ["delete", "create"]);
        assert_eq!(plan.forces_replacement(BELL), [attribute]);
        assert!(plan.is_unknown(BELL, "id"));
        assert!(api.webhooks(ACCOUNT, APP).is_empty());
        assert_eq!(terraform.state(BELL)[attribute], value);
        terraform.expect_no_changes();
    }
}

#[test]
fn provider_default_changed_replaces_only_what_uses_it() {
    let (_api, mut terraform) = setup();
    let pinned = format!(
        "resource \"realtimekit_webhook\" \"pinned\" {{\n{}\n  app_id = \"{APP}\"\n}}\n",
        BELL_ATTRIBUTES.replace("/bell", "/pinned")
    );
    let configuration = format!("{}{pinned}", bell(BELL_ATTRIBUTES));
    terraform.apply(&configuration);

    terraform.set("REALTIMEKIT_APP_ID", OTHER_APP);
    let plan = terraform.plan(&configuration);

    assert_eq!(plan.actions(BELL), ["delete", "create"]);
    assert_eq!(plan.forces_replacement(BELL), ["app_id"]);
    assert_eq!(plan.actions("realtimekit_webhook.pinned"), ["no-op"]);
}

#[test]
fn create_before_destroy_works_for_another_app() {
    let (api, terraform) = setup();
    let first =
        format!("{BELL_ATTRIBUTES}\n  lifecycle {{\n    create_before_destroy = true\n  }}");
    terraform.apply(&bell(&first));

    api.clear_calls();
    terraform.apply(&bell(&format!("{first}\n  app_id = \"{OTHER_APP}\"")));

    assert_eq!(writes(&api), ["POST webhooks", "DELETE webhooks/ID"]);
    assert!(api.webhooks(ACCOUNT, APP).is_empty());
    assert_eq!(api.webhooks(ACCOUNT, OTHER_APP).len(), 1);
    terraform.expect_no_changes();
}

#[test]
fn for_each_creates_and_deletes_webhooks() {
    let configuration = |names: &str| {
        format!(
            r#"
resource "realtimekit_webhook" "each" {{
  for_each = toset({names})
  name     = each.key
  url      = "https://example.com/${{each.key}}"
  events   = ["meeting.started"]
}}
"#
        )
    };
    let (api, terraform) = setup();

    terraform.apply(&configuration(
        r#"["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]"#,
    ));
    terraform.expect_no_changes();
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 12);

    api.clear_calls();
    terraform.apply(&configuration(r#"["a", "z"]"#));

    let mut written = writes(&api);
    written.sort();
    assert_eq!(
        written,
        [vec!["DELETE webhooks/ID"; 11], vec!["POST webhooks"]].concat()
    );
    let names: Vec<_> = api
        .webhooks(ACCOUNT, APP)
        .into_iter()
        .map(|webhook| webhook.name)
        .collect();
    assert_eq!(names, ["a", "z"]);
}
