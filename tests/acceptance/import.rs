//! Webhooks that exist already, by command and by block, as the example and the guide show it.

use realtimekit::mock_api::Webhook;
use serde_json::json;

use crate::features::*;
use crate::support::*;

#[test]
fn import_example_imports_without_changes() {
    let example = |file| read(&format!("examples/resources/realtimekit_webhook/{file}"));
    let commands = commands(&example("import.sh")).into_iter();
    let mut forms: Vec<_> = commands.map(|command| (command, String::new())).collect();
    assert_eq!(forms.len(), 3, "each form of the ID");
    if has(&IMPORT_BLOCKS) {
        forms.push(("plan".to_owned(), example("import-by-string-id.tf")));
    }
    for (command, block) in forms {
        let w = Workspace::new();
        let id = w.meetings();
        w.write(example("resource.tf") + &block.replace(SAMPLE_ID, &id));

        w.succeeds(&command.replace(SAMPLE_ID, &id));
        w.succeeds(APPLY);

        w.expect_state(MEETINGS, json!({ "id": id }));
        assert_eq!(w.writes(), ["POST"], "of the other webhook");
        w.expect_no_changes();
    }
}

#[test]
fn imported_webhook_that_differs_is_updated() {
    requires!(IMPORT_BLOCKS);
    let w = Workspace::new();
    let id = w.existing();

    let change = w.apply_planned(import_block(&id) + &bell("name = 'gong'"));

    assert_eq!(change["actions"], json!(["update"]));
    assert_eq!(w.writes(), ["PUT"]);
    w.expect_state(BELL, json!({ "id": id, "name": "gong" }));
}

#[test]
fn guide_lists_and_imports_by_command() {
    let w = Workspace::new();
    let id = w.meetings();
    w.apply(guide("importing-existing-webhooks/all.tf"));
    assert_eq!(w.output("webhooks")[&id], w.webhook().url);

    w.write(guide("receiving-deliveries/webhook.tf"));
    w.runs_script(&guide("importing-existing-webhooks/cli.sh").replace(SAMPLE_ID, &id));

    w.expect_state(MEETINGS, json!({ "id": id }));
    assert!(w.writes().is_empty());
}

#[test]
fn guide_imports_with_generated_configuration() {
    requires!(IMPORT_BLOCKS);
    let w = Workspace::new();
    let id = w.meetings();
    let disable = |webhook: &mut Webhook| webhook.enabled = false;
    w.api.edit_webhook(&id, disable).unwrap();
    w.write(guide("importing-existing-webhooks/one.tf").replace(SAMPLE_ID, &id));

    w.runs_script(&guide("importing-existing-webhooks/one.sh"));

    w.write(""); // the block is removed
    w.expect_state(MEETINGS, json!({ "id": id, "enabled": false }));
    assert!(w.writes().is_empty());
    let generated = w.get("generated.tf");
    let computed = ["created_at", "updated_at", "  id "];
    assert!(
        !computed.iter().any(|it| generated.contains(it)),
        "{generated}"
    );
    w.expect_no_changes();
}

#[test]
fn guide_imports_existing_and_creates_missing_with_for_each() {
    requires!(IMPORT_FOR_EACH);
    let w = Workspace::new();
    let id = w.add("meetings", "https://hooks.example.com/meetings");

    let ran = w.apply(guide("importing-existing-webhooks/for_each.tf"));

    ran.says("1 imported, 1 added, 0 changed, 0 destroyed.");
    w.expect_state("realtimekit_webhook.this", json!({ "id": id }));
    assert_eq!(w.writes(), ["POST"]);
}

#[test]
fn import_of_a_missing_webhook_says_what_to_look_for_and_keeps_the_state() {
    let w = Workspace::new();
    w.write(bell(""));

    let told = format!("No Such Webhook | {APP} | {ACCOUNT} | realtimekit_webhooks lists");
    w.fails(&format!("import {BELL} {SAMPLE_ID}"), &told);

    assert!(w.state(BELL).is_null());
}
