//! Webhooks that exist already, by command and by block.

use crate::features::*;
use crate::support::*;

/// Applies the import of a webhook whose resource Terraform writes. The plan needs a `provider`
/// argument in Terraform 1.16.0 to 1.16.2, which the written resource must not have beside it.
#[track_caller]
fn import_with_generated_configuration(terraform: &Terraform, id: &str) -> Ran {
    let block = import_block(id);
    terraform.write(&block.replace("\n}", "\n  provider = realtimekit\n}"));
    terraform.succeeds(&["plan", "-generate-config-out=generated.tf"]);
    terraform.apply(&block)
}

#[test]
fn import_id_of_every_form_imports_without_changes() {
    in_every_mode(|api| {
        let id = existing(api);
        for form in [
            format!("{ACCOUNT}/{APP}/{id}"),
            format!("{APP}/{id}"),
            id.clone(),
        ] {
            let terraform = Terraform::new(api);
            terraform.write(&bell(BELL_ATTRIBUTES));

            terraform.succeeds(&["import", BELL, &form]);

            assert_eq!(terraform.state(BELL)["id"], id.as_str());
            terraform.expect_no_changes();
        }
    });
}

#[test]
fn full_import_id_needs_nothing_from_the_provider_block() {
    let api = live();
    let id = existing(&api);
    let mut terraform = Terraform::new(&api);
    terraform.unset("CLOUDFLARE_ACCOUNT_ID");
    terraform.unset("REALTIMEKIT_APP_ID");
    let attributes =
        format!("{BELL_ATTRIBUTES}\n  account_id = \"{ACCOUNT}\"\n  app_id = \"{APP}\"");
    terraform.write(&bell(&attributes));

    terraform.succeeds(&["import", BELL, &format!("{ACCOUNT}/{APP}/{id}")]);

    terraform.expect_no_changes();
}

#[test]
fn import_block_imports_without_changes() {
    requires!(IMPORT_BLOCKS);
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);

    let configuration = format!("{}{}", import_block(&id), bell(BELL_ATTRIBUTES));
    let plan = terraform.plan(&configuration);
    terraform.succeeds(&["apply", "plan"]);

    assert_eq!(plan.actions(BELL), ["no-op"]);
    assert!(writes(&api).is_empty(), "an import changes nothing");
    assert_eq!(terraform.state(BELL)["id"], id.as_str());
    terraform.expect_no_changes();
}

#[test]
fn generated_configuration_imports_without_changes() {
    requires!(IMPORT_BLOCKS);
    let api = live();
    let id = existing(&api);
    let url = "https://example.com/paused";
    let paused = api.add_webhook(ACCOUNT, OTHER_APP, "paused", url, &["meeting.ended"]);
    let disabled = api.edit_webhook(&paused.id, |webhook| webhook.enabled = false);
    assert!(disabled.is_some());
    for id in [
        format!("{ACCOUNT}/{APP}/{id}"),
        format!("{OTHER_APP}/{}", paused.id),
    ] {
        let terraform = Terraform::new(&api);

        let ran = import_with_generated_configuration(&terraform, &id);

        ran.says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
        let generated = std::fs::read_to_string(terraform.path().join("generated.tf")).unwrap();
        for computed in ["created_at", "updated_at", "  id "] {
            assert!(!generated.contains(computed), "{generated}");
        }
        assert!(writes(&api).is_empty());
        terraform.expect_no_changes();
    }
}

#[test]
fn imported_webhook_that_differs_is_updated() {
    requires!(IMPORT_BLOCKS);
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);
    let gong = bell(&BELL_ATTRIBUTES.replace("door bell", "gong"));

    terraform.apply(&format!("{}{gong}", import_block(&id)));

    assert_eq!(writes(&api), ["PUT webhooks/ID"]);
    assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "gong");
}

#[test]
fn malformed_import_id_is_an_error_that_lists_the_forms() {
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);
    terraform.write(&bell(BELL_ATTRIBUTES));
    for bad in [
        "bell",
        &format!("a/b/c/{id}"),
        &format!("{APP}//{id}"),
        "all",
    ] {
        let ran = terraform.fails(&["import", BELL, bad]);

        let forms = [
            "Invalid Import ID",
            "<account_id>/<app_id>/<webhook_id>",
            "<webhook_id>, with",
        ];
        ran.says(&forms);
        assert!(terraform.state(BELL).is_null());
    }
    assert!(api.calls().is_empty(), "nothing was asked with a bad id");
}

#[test]
fn import_of_a_missing_webhook_names_app_and_account() {
    in_every_mode(|api| {
        let terraform = Terraform::new(api);
        terraform.write(&bell(BELL_ATTRIBUTES));
        let missing = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

        let ran = terraform.fails(&["import", BELL, missing]);

        ran.says(&[
            "No Such Webhook",
            APP,
            ACCOUNT,
            missing,
            "realtimekit_webhooks lists",
        ]);
    });
}

#[test]
fn import_id_without_app_is_an_error_that_names_the_variable() {
    let api = live();
    let id = existing(&api);
    let mut terraform = Terraform::new(&api);
    terraform.unset("REALTIMEKIT_APP_ID");
    terraform.write(&bell(&format!("{BELL_ATTRIBUTES}\n  app_id = \"{APP}\"")));

    let ran = terraform.fails(&["import", BELL, &id]);

    ran.says(&[
        "Missing app_id",
        "REALTIMEKIT_APP_ID",
        "<app_id>/<webhook_id>",
    ]);
}
