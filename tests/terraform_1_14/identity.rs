//! The identity of a webhook, and the import by it.

use serde_json::json;

use crate::{IDENTITY, features::*, support::*};

/// Fails unless [`BELL`] has the identity of the app's webhook in the state.
#[track_caller]
fn expect_identity(w: &Workspace) {
    let expected = json!({ "account_id": ACCOUNT, "app_id": APP, "id": w.webhook().id });
    assert_eq!(w.instance(BELL)["identity"], expected);
}

#[test]
fn webhook_keeps_its_identity_until_it_is_replaced() {
    requires!(IDENTITY);
    let w = Workspace::new();
    w.write(bell(""));

    let creation = w.succeeds("plan");
    w.succeeds(APPLY);
    expect_identity(&w);
    w.apply(bell("name = 'gong'"));
    expect_identity(&w);
    w.write(bell(&format!("app_id = '{OTHER_APP}'")));
    let replacement = w.succeeds("plan");

    let panic = "Failed to marshal";
    let created = "will be created | \"door bell\" | 1 to add";
    creation.says(created).lacks(panic);
    let replaced = "must be replaced | # forces replacement | 1 to add";
    replacement.says(replaced).lacks(panic);
}

#[test]
fn import_identity_defaults_to_the_provider_block() {
    requires!(IDENTITY);
    let whole = format!("account_id = '{ACCOUNT}'\napp_id = '{APP}'\n");
    for app in ["", &whole] {
        let w = Workspace::new();
        let identity = format!("identity = {{\n{app}id = '{}'\n}}", w.existing());
        let import = block("import", &format!("to = {BELL}\n{identity}"));

        let ran = w.apply(import + &bell(""));

        ran.says("1 imported, 0 added, 0 changed, 0 destroyed");
        assert!(w.writes().is_empty(), "an import changes nothing");
        expect_identity(&w);
    }
}

#[test]
fn import_identity_example_and_guide_work() {
    requires!(IDENTITY);
    let w = Workspace::new();
    let id = w.meetings();
    let example = |file| read(&format!("examples/resources/realtimekit_webhook/{file}"));
    let import = example("import-by-identity.tf").replace(SAMPLE_ID, &id);
    let ran = w.apply(import + &example("resource.tf"));
    ran.says("1 imported, 1 added, 0 changed");

    let w = Workspace::new();
    let id = w.meetings();
    w.write(guide("importing-existing-webhooks/identity.tf").replace(SAMPLE_ID, &id));
    w.runs_script(&guide("importing-existing-webhooks/one.sh"));
    w.write("provider \"realtimekit\" {}\n"); // the block is removed
    w.expect_state(MEETINGS, json!({ "id": id }));
    assert!(w.writes().is_empty());
    w.expect_no_changes();
}
