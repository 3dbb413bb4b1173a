//! The identity of a webhook, and the import by it.

use serde_json::{Value, json};

use crate::IDENTITY;
use crate::features::*;
use crate::support::*;

/// An import block by the identity with these attributes, in HCL.
fn identity_block(identity: &str) -> String {
    format!("import {{\n  to = {BELL}\n  identity = {{\n{identity}\n  }}\n}}\n")
}

/// The identity of [`BELL`] in the state file.
fn identity(terraform: &Terraform) -> Value {
    let state = std::fs::read_to_string(terraform.path().join("terraform.tfstate")).unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    state["resources"][0]["instances"][0]["identity"].clone()
}

#[test]
fn webhook_keeps_its_identity() {
    requires!(IDENTITY);
    let (api, terraform) = setup();

    terraform.apply(&bell(BELL_ATTRIBUTES));
    let created = identity(&terraform);
    terraform.apply(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));

    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();
    let expected = json!({ "account_id": ACCOUNT, "app_id": APP, "id": id });
    assert_eq!(created, expected);
    assert_eq!(identity(&terraform), expected);
}

#[test]
fn unknown_identity_is_planned_for_creation_and_replacement() {
    requires!(IDENTITY);
    let (_api, terraform) = setup();

    terraform.write(&bell(BELL_ATTRIBUTES));
    let creation = terraform.succeeds(&["plan"]);
    terraform.succeeds(&["apply", "-auto-approve"]);
    terraform.write(&bell(&format!(
        "{BELL_ATTRIBUTES}\napp_id = \"{OTHER_APP}\""
    )));
    let replacement = terraform.succeeds(&["plan"]);

    creation.says(&["will be created", "\"door bell\"", "1 to add"]);
    replacement.says(&["must be replaced", "# forces replacement", "1 to add"]);
    for plan in [creation, replacement] {
        assert!(!plan.text.contains("Failed to marshal"), "{plan}");
    }
}

#[test]
fn import_identity_defaults_to_the_provider_block() {
    requires!(IDENTITY);
    let id_alone = "id = \"ID\"".to_owned();
    let whole = format!("account_id = \"{ACCOUNT}\"\napp_id = \"{APP}\"\nid = \"ID\"");
    for named in [id_alone, whole] {
        let api = live();
        let id = existing(&api);
        let terraform = Terraform::new(&api);
        let import = identity_block(&named.replace("ID\"", &format!("{id}\"")));

        let ran = terraform.apply(&format!("{import}{}", bell(BELL_ATTRIBUTES)));

        ran.says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
        assert!(writes(&api).is_empty(), "an import changes nothing");
        let expected = json!({ "account_id": ACCOUNT, "app_id": APP, "id": id });
        assert_eq!(identity(&terraform), expected);
        terraform.expect_no_changes();
    }
}

#[test]
fn import_identity_example_works() {
    requires!(IDENTITY);
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let example = |file: &str| {
        let path = examples.join("resources/realtimekit_webhook").join(file);
        std::fs::read_to_string(path).unwrap()
    };
    let import = example("import-by-identity.tf");
    let named = import
        .split('"')
        .find(|text| text.len() == id.len() && *text != APP);

    let ran = terraform.apply(&format!(
        "{}{}",
        import.replace(named.unwrap(), &id),
        example("resource.tf")
    ));

    ran.says(&["1 imported, 1 added, 1 changed"]);
}
