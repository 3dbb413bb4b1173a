//! Functions of the provider, in expressions.

use serde_json::{Value, json};

use crate::features::*;
use crate::support::*;

const WEBHOOK: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

fn output(expression: &str) -> String {
    let expression = expression.replace("rk::", "provider::realtimekit::");
    format!("output \"it\" {{\n  value = {expression}\n}}\n")
}

/// The value of an expression. Functions need no settings.
#[track_caller]
fn value(expression: &str) -> Value {
    let terraform = Terraform::without_settings();
    terraform.apply(&output(expression));
    let shown = terraform.succeeds(&["output", "-json", "it"]);
    serde_json::from_str(&shown.stdout).unwrap()
}

#[test]
fn function_returns_its_value_without_settings() {
    requires!(FUNCTIONS);
    let parsed =
        |account, app| json!({"account_id": account, "app_id": app, "webhook_id": WEBHOOK});
    let recording = json!([
        "meeting.participantJoined",
        "meeting.participantLeft",
        "recording.statusUpdate"
    ]);
    for (expression, expected) in [
        ("length(rk::webhook_events())".to_owned(), json!(9)),
        (
            "rk::webhook_events(\"recording\", \"meeting.participant\")".to_owned(),
            recording,
        ),
        (
            format!("rk::webhook_import_id(\"acc\", \"app\", \"{WEBHOOK}\")"),
            json!(format!("acc/app/{WEBHOOK}")),
        ),
        (
            format!("rk::parse_webhook_import_id(\"acc/app/{WEBHOOK}\")"),
            parsed(Some("acc"), Some("app")),
        ),
        (
            format!("rk::parse_webhook_import_id(\"{WEBHOOK}\")"),
            parsed(None, None),
        ),
        // Known only after another change is applied.
        (
            format!(
                "rk::parse_webhook_import_id(terraform_data.id.output)\n}}\n\
                 resource \"terraform_data\" \"id\" {{\n  input = \"app/{WEBHOOK}\""
            ),
            parsed(None, Some("app")),
        ),
    ] {
        assert_eq!(value(&expression), expected, "{expression}");
    }
}

#[test]
fn events_function_can_be_assigned_to_events() {
    requires!(FUNCTIONS);
    let (api, terraform) = setup();
    let events = "provider::realtimekit::webhook_events(\"meeting\")";
    let listed = "[\"meeting.started\", \"meeting.ended\"]";

    terraform.apply(&bell(&BELL_ATTRIBUTES.replace(listed, events)));

    assert_eq!(api.webhooks(ACCOUNT, APP)[0].events.len(), 7);
    terraform.expect_no_changes();
}

#[test]
fn parsed_parts_of_any_form_can_be_used_as_arguments() {
    requires!(FUNCTIONS);
    let api = live();
    let id = add(&api, "bell", "https://example.com/bell").id;
    let terraform = Terraform::new(&api);
    for given in [
        &id,
        &format!("{APP}/{id}"),
        &format!("{ACCOUNT}/{APP}/{id}"),
    ] {
        terraform.apply(&format!(
            "locals {{\n  it = provider::realtimekit::parse_webhook_import_id(\"{given}\")\n}}\n\
             data \"realtimekit_webhook\" \"one\" {{\n  account_id = local.it.account_id\n  \
             app_id = local.it.app_id\n  id = local.it.webhook_id\n}}\n"
        ));

        assert_eq!(terraform.state("data.realtimekit_webhook.one")["id"], *id);
    }
}

#[test]
fn invalid_argument_is_an_error_that_names_its_parameter() {
    requires!(FUNCTIONS);
    for (call, words) in [
        (
            "webhook_events(\"meeting\", \"stage\")",
            [
                "Invalid value for \"prefixes\" parameter: no known event starts with \"stage\", but \
                 with livestreaming, meeting, recording; the known events are",
                "recording.statusUpdate.",
            ],
        ),
        (
            "webhook_import_id(\"acc\", \"a/b\", \"x\")",
            [
                "\"app_id\" parameter: The identifier \"a/b\" must not contain the character '/'.",
                "Copy it from the Cloudflare dashboard.",
            ],
        ),
        (
            "parse_webhook_import_id(\"a/b/c/d\")",
            [
                "Invalid value for \"id\" parameter: \"a/b/c/d\" does not name a webhook.",
                "<account_id>/<app_id>/<webhook_id>",
            ],
        ),
    ] {
        let ran = Terraform::without_settings().plan_fails(&output(&format!("rk::{call}")));

        ran.says(&["Error: Invalid function argument", call]);
        ran.says(&words);
    }
}
