//! What the guide to imports shows works as it stands.

use realtimekit::mock_api::MockApi;
use serde_json::Value;

use crate::features::*;
use crate::shown::{read, run};
use crate::support::*;

/// The webhook that the guide imports.
const SAMPLE_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
const MEETINGS: &str = "realtimekit_webhook.meetings";

fn meetings(api: &MockApi) -> String {
    let url = "https://hooks.example.com/meetings";
    let events = ["meeting.started", "meeting.ended"];
    api.add_webhook(ACCOUNT, APP, "meetings", url, &events).id
}

#[test]
fn import_guide_lists_webhooks_with_their_ids() {
    let api = live();
    let id = meetings(&api);
    let terraform = Terraform::new(&api);

    terraform.apply(&read("importing-existing-webhooks/all.tf"));

    let listed = terraform.succeeds(&["output", "-json", "webhooks"]).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[&id], "https://hooks.example.com/meetings");
}

#[test]
fn import_guide_imports_with_generated_configuration() {
    requires!(IMPORT_BLOCKS);
    let api = live();
    let id = meetings(&api);
    let terraform = Terraform::new(&api);
    terraform.write(&read("importing-existing-webhooks/one.tf").replace(SAMPLE_ID, &id));

    run(&terraform, "importing-existing-webhooks/one.sh");
    terraform.write(""); // the block is removed

    assert_eq!(terraform.state(MEETINGS)["id"], id.as_str());
    assert!(writes(&api).is_empty());
    terraform.expect_no_changes();
}

#[test]
fn import_guide_for_each_imports_existing_and_creates_missing() {
    requires!(IMPORT_FOR_EACH);
    let api = live();
    let id = meetings(&api);
    let terraform = Terraform::new(&api);

    let ran = terraform.apply(&read("importing-existing-webhooks/for_each.tf"));

    ran.says(&["1 imported, 1 added, 0 changed, 0 destroyed."]);
    let imported = terraform.state("realtimekit_webhook.this[\"meetings\"]");
    assert_eq!(imported["id"], id.as_str());
    assert_eq!(writes(&api), ["POST webhooks"]);
    terraform.expect_no_changes();
}

#[test]
fn import_guide_command_imports() {
    let api = live();
    let id = meetings(&api);
    let terraform = Terraform::new(&api);
    terraform.write(&read("receiving-deliveries/webhook.tf"));
    let command = read("importing-existing-webhooks/cli.sh").replace(SAMPLE_ID, &id);
    let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();

    terraform.succeeds(&arguments);

    assert_eq!(terraform.state(MEETINGS)["id"], id.as_str());
    assert!(writes(&api).is_empty());
}
