//! Webhooks that exist already, by command and by block.

use realtimekit::mock_api::MockApi;

use crate::support::*;

/// A webhook that was made in the dashboard, such as [`BELL_ATTRIBUTES`] describe.
fn existing(api: &MockApi) -> String {
    let events = ["meeting.ended", "meeting.started"];
    api.add_webhook(
        ACCOUNT,
        APP,
        "door bell",
        "https://example.com/bell",
        &events,
    )
    .id
}

fn import_block(id: &str) -> String {
    format!("import {{\n  to = {BELL}\n  id = \"{id}\"\n}}\n")
}

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
fn every_form_of_the_id_imports_and_the_plan_is_empty_afterwards() {
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
fn the_whole_id_needs_nothing_of_the_provider_block() {
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
fn an_import_block_imports_while_it_applies() {
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
fn a_generated_configuration_plans_to_change_nothing() {
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);

    let ran = import_with_generated_configuration(&terraform, &format!("{ACCOUNT}/{APP}/{id}"));

    ran.says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
    let generated = std::fs::read_to_string(terraform.path().join("generated.tf")).unwrap();
    for computed in ["created_at", "updated_at", "  id "] {
        assert!(!generated.contains(computed), "{generated}");
    }
    terraform.expect_no_changes();
}

#[test]
fn a_configuration_generated_for_a_paused_webhook_of_another_app_does_as_well() {
    let api = live();
    let url = "https://example.com/paused";
    let webhook = api.add_webhook(ACCOUNT, OTHER_APP, "paused", url, &["meeting.ended"]);
    let paused = api.edit_webhook(&webhook.id, |webhook| webhook.enabled = false);
    assert!(paused.is_some());
    let terraform = Terraform::new(&api);

    let id = format!("{OTHER_APP}/{}", webhook.id);
    let ran = import_with_generated_configuration(&terraform, &id);

    ran.says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
    assert!(writes(&api).is_empty());
    terraform.expect_no_changes();
}

#[test]
fn an_imported_webhook_that_differs_is_updated_to_the_configuration() {
    let api = live();
    let id = existing(&api);
    let terraform = Terraform::new(&api);
    let gong = bell(&BELL_ATTRIBUTES.replace("door bell", "gong"));

    terraform.apply(&format!("{}{gong}", import_block(&id)));

    assert_eq!(writes(&api), ["PUT webhooks/ID"]);
    assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "gong");
}

#[test]
fn a_bad_id_is_answered_with_the_forms_that_there_are() {
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
fn a_missing_webhook_says_so_and_where_it_was_looked_for() {
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
fn a_part_that_is_nowhere_set_is_named() {
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
