//! What names a webhook for all of its life, and the import by it.

use serde_json::{Value, json};

use crate::{support::*, terraform};

fn existing(api: &realtimekit::mock_api::MockApi) -> String {
    let events = ["meeting.ended", "meeting.started"];
    let url = "https://example.com/bell";
    api.add_webhook(ACCOUNT, APP, "door bell", url, &events).id
}

/// An import block by the identity with these attributes, in HCL.
fn import_block(identity: &str) -> String {
    format!("import {{\n  to = {BELL}\n  identity = {{\n{identity}\n  }}\n}}\n")
}

/// The identity of [`BELL`] in the state file.
fn identity(terraform: &Terraform) -> Value {
    let state = std::fs::read_to_string(terraform.path().join("terraform.tfstate")).unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    state["resources"][0]["instances"][0]["identity"].clone()
}

#[test]
fn a_webhook_keeps_its_identity_from_its_creation_on() {
    let api = live();
    let terraform = terraform(&api);

    terraform.apply(&bell(BELL_ATTRIBUTES));
    let created = identity(&terraform);
    terraform.apply(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));

    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();
    let expected = json!({ "account_id": ACCOUNT, "app_id": APP, "id": id });
    assert_eq!(created, expected);
    assert_eq!(identity(&terraform), expected);
}

#[test]
fn an_import_by_identity_needs_no_more_than_the_provider_block_leaves_open() {
    let id_alone = "id = \"ID\"".to_owned();
    let whole = format!("account_id = \"{ACCOUNT}\"\napp_id = \"{APP}\"\nid = \"ID\"");
    for named in [id_alone, whole] {
        let api = live();
        let id = existing(&api);
        let terraform = terraform(&api);
        let import = import_block(&named.replace("ID\"", &format!("{id}\"")));

        let ran = terraform.apply(&format!("{import}{}", bell(BELL_ATTRIBUTES)));

        ran.says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
        assert!(writes(&api).is_empty(), "an import changes nothing");
        let expected = json!({ "account_id": ACCOUNT, "app_id": APP, "id": id });
        assert_eq!(identity(&terraform), expected);
        terraform.expect_no_changes();
    }
}
