//! A webhook from its creation to its end: this Terraform finds the provider as any other does.

use serde_json::Value;

use crate::{support::*, terraform};

#[test]
fn a_webhook_is_created_kept_changed_and_deleted() {
    let api = live();
    let terraform = terraform(&api);

    terraform.apply(&bell(BELL_ATTRIBUTES));
    terraform.expect_no_changes();
    let created = terraform.state(BELL);
    terraform.apply(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));
    terraform.expect_no_changes();

    let [webhook] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
    assert_eq!(created["id"], webhook.id.as_str());
    assert_eq!(webhook.name, "gong");

    terraform.destroy();

    assert!(api.webhooks(ACCOUNT, APP).is_empty());
    assert_eq!(terraform.state(BELL), Value::Null);
}

#[test]
fn an_import_block_takes_over_a_webhook_as_it_is() {
    let api = live();
    let events = ["meeting.ended", "meeting.started"];
    let url = "https://example.com/bell";
    let id = api.add_webhook(ACCOUNT, APP, "door bell", url, &events).id;
    let terraform = terraform(&api);

    let import = format!("import {{\n  to = {BELL}\n  id = \"{id}\"\n}}\n");
    let ran = terraform.apply(&format!("{import}{}", bell(BELL_ATTRIBUTES)));

    ran.says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
    assert!(writes(&api).is_empty(), "an import changes nothing");
    assert_eq!(terraform.state(BELL)["id"], id.as_str());
    terraform.expect_no_changes();
}
