//! Functions of the provider, in expressions.

use serde_json::{Value, json};

use crate::support::*;

const WEBHOOK: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// A directory without any of the provider's settings: functions need none.
fn unconfigured() -> (realtimekit::mock_api::MockApi, Terraform) {
    let api = live();
    let mut terraform = Terraform::new(&api);
    for variable in [
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_ACCOUNT_ID",
        "REALTIMEKIT_APP_ID",
    ] {
        terraform.unset(variable);
    }
    (api, terraform)
}

fn output(expression: &str) -> String {
    format!("output \"it\" {{\n  value = {expression}\n}}\n")
}

/// What an expression comes to.
#[track_caller]
fn value(terraform: &Terraform, expression: &str) -> Value {
    terraform.apply(&output(expression));
    let shown = terraform.succeeds(&["output", "-json", "it"]);
    serde_json::from_str(&shown.stdout).unwrap()
}

/// What is printed of an expression that is wrong.
#[track_caller]
fn refused(expression: &str) -> Ran {
    let (_api, terraform) = unconfigured();
    terraform.plan_fails(&output(expression))
}

#[test]
fn the_known_events_are_a_set_with_or_without_a_prefix() {
    let (api, terraform) = unconfigured();

    let all = value(&terraform, "provider::realtimekit::webhook_events()");
    let some = "provider::realtimekit::webhook_events(\"recording\", \"meeting.participant\")";
    let some = value(&terraform, some);

    assert_eq!(all.as_array().unwrap().len(), 9);
    let expected = [
        "meeting.participantJoined",
        "meeting.participantLeft",
        "recording.statusUpdate",
    ];
    assert_eq!(some, json!(expected));
    assert!(api.calls().is_empty());
}

#[test]
fn the_known_events_may_be_assigned_as_they_are() {
    let api = live();
    let terraform = Terraform::new(&api);
    let configuration = bell(
        r#"
  name   = "door bell"
  url    = "https://example.com/bell"
  events = provider::realtimekit::webhook_events("meeting")
"#,
    );

    terraform.apply(&configuration);

    assert_eq!(api.webhooks(ACCOUNT, APP)[0].events.len(), 7);
    terraform.expect_no_changes();
}

#[test]
fn a_prefix_that_matches_nothing_is_told_with_what_would() {
    let ran = refused("provider::realtimekit::webhook_events(\"meeting\", \"stage\")");

    ran.says(&[
        "Error: Invalid function argument",
        "webhook_events(\"meeting\", \"stage\")",
        "Invalid value for \"prefixes\" parameter: no known event starts with \"stage\", but with \
         livestreaming, meeting, recording; the known events are livestreaming.statusUpdate,",
        "recording.statusUpdate.",
    ]);
}

#[test]
fn an_import_id_is_put_together_and_taken_apart() {
    let (_api, terraform) = unconfigured();

    let id = value(
        &terraform,
        &format!("provider::realtimekit::webhook_import_id(\"acc\", \"app\", \"{WEBHOOK}\")"),
    );
    let parts = value(
        &terraform,
        &format!("provider::realtimekit::parse_webhook_import_id(\"acc/app/{WEBHOOK}\")"),
    );
    let fewer = value(
        &terraform,
        &format!("provider::realtimekit::parse_webhook_import_id(\"{WEBHOOK}\")"),
    );

    assert_eq!(id, json!(format!("acc/app/{WEBHOOK}")));
    let expected = json!({"account_id": "acc", "app_id": "app", "webhook_id": WEBHOOK});
    assert_eq!(parts, expected);
    let expected = json!({"account_id": null, "app_id": null, "webhook_id": WEBHOOK});
    assert_eq!(fewer, expected);
}

#[test]
fn the_parts_of_any_form_of_the_id_may_be_used_as_arguments() {
    let api = live();
    let events = ["meeting.ended"];
    let id = api
        .add_webhook(ACCOUNT, APP, "bell", "https://example.com/bell", &events)
        .id;
    let terraform = Terraform::new(&api);
    for given in [
        id.clone(),
        format!("{APP}/{id}"),
        format!("{ACCOUNT}/{APP}/{id}"),
    ] {
        terraform.apply(&format!(
            "locals {{\n  it = provider::realtimekit::parse_webhook_import_id(\"{given}\")\n}}\n\
             data \"realtimekit_webhook\" \"one\" {{\n  account_id = local.it.account_id\n  \
             app_id = local.it.app_id\n  id = local.it.webhook_id\n}}\n"
        ));

        assert_eq!(terraform.state("data.realtimekit_webhook.one")["id"], id);
    }
}

#[test]
fn a_wrong_part_of_an_import_id_is_told_by_its_parameter() {
    let call = |arguments: &str| {
        refused(&format!(
            "provider::realtimekit::webhook_import_id({arguments})"
        ))
    };

    call("\"\", \"app\", \"x\"").says(&[
        "Invalid value for \"account_id\" parameter: The identifier \"\" must not be empty.",
        "Copy it from the Cloudflare dashboard.",
    ]);
    call("\"acc\", \"a/b\", \"x\"").says(&[
        "Invalid value for \"app_id\" parameter: The identifier \"a/b\" must not contain the \
         character '/'.",
    ]);
    call("\"acc\", \"app\", \"a%b\"").says(&[
        "Invalid value for \"webhook_id\" parameter: The identifier \"a%b\" must not contain the \
         character '%'.",
    ]);
}

#[test]
fn a_text_that_is_no_import_id_is_told_with_the_forms_of_one() {
    let ran = refused("provider::realtimekit::parse_webhook_import_id(\"a/b/c/d\")");

    ran.says(&[
        "Invalid value for \"id\" parameter: \"a/b/c/d\" does not name a webhook.",
        "<account_id>/<app_id>/<webhook_id>",
    ]);
}

#[test]
fn of_an_id_that_is_known_later_the_parts_are_known_later() {
    let (_api, terraform) = unconfigured();

    let parts = value(
        &terraform,
        &format!(
            "provider::realtimekit::parse_webhook_import_id(terraform_data.id.output)\n}}\n\
             resource \"terraform_data\" \"id\" {{\n  input = \"app/{WEBHOOK}\""
        ),
    );

    let expected = json!({"account_id": null, "app_id": "app", "webhook_id": WEBHOOK});
    assert_eq!(parts, expected);
}
