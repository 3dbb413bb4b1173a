//! Webhooks that exist already, by command and by block.

use serde_json::json;

use crate::features::*;
use crate::support::*;

#[test]
fn import_id_of_every_form_imports_without_changes() {
    let mut w = Workspace::new();
    let id = w.existing();
    let app = format!("account_id = '{ACCOUNT}'\napp_id = '{APP}'");
    w.write(bell(&app));
    // The last one needs nothing from the provider block.
    for prefix in [
        String::new(),
        format!("{APP}/"),
        format!("{ACCOUNT}/{APP}/"),
    ] {
        if prefix.starts_with(ACCOUNT) {
            w.unset("CLOUDFLARE_ACCOUNT_ID");
            w.unset("REALTIMEKIT_APP_ID");
        }
        w.succeeds(&format!("import {BELL} {prefix}{id}"));

        w.expect_state(BELL, json!({ "id": id }));
        w.expect_no_changes();
        w.succeeds(&format!("state rm {BELL}"));
    }
}

#[test]
fn imported_webhook_is_changed_only_if_it_differs() {
    requires!(IMPORT_BLOCKS);
    for (attributes, action, writes) in [
        ("", "no-op", &[][..]),
        ("name = 'gong'", "update", &["PUT webhooks/ID"]),
    ] {
        let w = Workspace::new();
        let id = w.existing();

        let plan = w.plan(import_block(&id) + &bell(attributes));
        w.succeeds("apply plan");

        assert_eq!(plan.actions(BELL), [action]);
        assert_eq!(w.writes(), writes);
        w.expect_state(BELL, json!({ "id": id }));
        w.expect_no_changes();
    }
}

/// The plan needs a `provider` argument in Terraform 1.16.0 to 1.16.2, which the written resource
/// must not have beside it.
#[test]
fn generated_configuration_imports_without_changes() {
    requires!(IMPORT_BLOCKS);
    let w = Workspace::new();
    let paused = w
        .add_to(ACCOUNT, OTHER_APP, "paused", "https://example.com/paused")
        .id;
    assert!(
        w.api
            .edit_webhook(&paused, |it| it.enabled = false)
            .is_some()
    );
    let import = import_block(&format!("{OTHER_APP}/{paused}"));
    w.write(import.replace("\n}", "\n  provider = realtimekit\n}"));
    w.succeeds("plan -generate-config-out=generated.tf");

    let imported = w.apply(&import);

    imported.says("1 imported, 0 added, 0 changed, 0 destroyed");
    let generated = w.get("generated.tf");
    for computed in ["created_at", "updated_at", "  id "] {
        assert!(!generated.contains(computed), "{generated}");
    }
    assert!(w.writes().is_empty());
    w.expect_no_changes();
}

#[test]
fn import_failure_says_what_to_write() {
    let mut w = Workspace::new();
    w.write(bell(&format!("app_id = '{APP}'")));
    for malformed in ["bell", "all", &format!("{APP}//{SAMPLE_ID}")] {
        let forms = "Invalid Import ID | <account_id>/<app_id>/<webhook_id> | <webhook_id>, with";
        w.fails(&format!("import {BELL} {malformed}"), forms);
    }
    assert!(w.api.calls().is_empty(), "nothing was asked with a bad id");

    let missing =
        format!("No Such Webhook | {APP} | {ACCOUNT} | {SAMPLE_ID} | realtimekit_webhooks lists");
    w.fails(&format!("import {BELL} {SAMPLE_ID}"), &missing);

    w.unset("REALTIMEKIT_APP_ID");
    let no_app = "Missing app_id | REALTIMEKIT_APP_ID | <app_id>/<webhook_id>";
    w.fails(&format!("import {BELL} {SAMPLE_ID}"), no_app);
    assert!(w.state(BELL).is_null());
}
