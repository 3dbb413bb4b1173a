//! What the guide to imports shows works as it stands.

use realtimekit::mock_api::MockApi;
use serde_json::Value;

use crate::shown::{read, run};
use crate::support::*;

/// The webhook that the guide imports.
const SAMPLE_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
const MEETINGS: &str = "realtimekit_webhook.meetings";

fn existing(api: &MockApi) -> String {
    let url = "https://hooks.example.com/meetings";
    let events = ["meeting.started", "meeting.ended"];
    api.add_webhook(ACCOUNT, APP, "meetings", url, &events).id
}

#[test]
fn the_webhooks_of_an_app_are_listed_with_their_ids() {
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);

    terraform.apply(&read("importing-existing-webhooks/all.tf"));

    let listed = terraform.succeeds(&["output", "-json", "webhooks"]).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[&id], "https://hooks.example.com/meetings");
}

#[test]
fn one_webhook_is_imported_with_a_generated_configuration() {
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);
    terraform.write(&read("importing-existing-webhooks/one.tf").replace(SAMPLE_ID, &id));

    run(&terraform, "importing-existing-webhooks/one.sh");
    terraform.write(""); // the block is removed

    assert_eq!(terraform.state(MEETINGS)["id"], id.as_str());
    assert!(writes(&api).is_empty());
    terraform.expect_no_changes();
}

#[test]
fn what_exists_is_imported_and_what_does_not_is_created() {
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);

    let ran = terraform.apply(&read("importing-existing-webhooks/for_each.tf"));

    ran.says(&["1 imported, 1 added, 0 changed, 0 destroyed."]);
    let imported = terraform.state("realtimekit_webhook.this[\"meetings\"]");
    assert_eq!(imported["id"], id.as_str());
    assert_eq!(writes(&api), ["POST webhooks"]);
    terraform.expect_no_changes();
}

#[test]
fn a_webhook_is_imported_from_the_command_line() {
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);
    terraform.write(&read("receiving-deliveries/webhook.tf"));
    let command = read("importing-existing-webhooks/cli.sh").replace(SAMPLE_ID, &id);
    let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();

    terraform.succeeds(&arguments);

    assert_eq!(terraform.state(MEETINGS)["id"], id.as_str());
    assert!(writes(&api).is_empty());
}
