//! Functions of the provider, in expressions.

use serde_json::json;

use crate::features::*;
use crate::support::*;

fn output(expression: &str) -> String {
    let expression = expression.replace("rk::", "provider::realtimekit::");
    block("output it", &format!("value = {expression}"))
}

#[test]
fn function_returns_its_value_without_settings() {
    requires!(FUNCTIONS);
    let parsed =
        |account, app| json!({"account_id": account, "app_id": app, "webhook_id": SAMPLE_ID});
    let recording = [
        "meeting.participantJoined",
        "meeting.participantLeft",
        "recording.statusUpdate",
    ];
    // Known only after another change is applied.
    let later = block(
        "resource terraform_data id",
        &format!("input = \"app/{SAMPLE_ID}\""),
    );
    let w = Workspace::without_settings();
    for (expression, expected) in [
        ("length(rk::webhook_events())", json!(9)),
        (
            "rk::webhook_events(\"recording\", \"meeting.participant\")",
            json!(recording),
        ),
        (
            "rk::webhook_import_id(\"acc\", \"app\", \"WEBHOOK\")",
            json!(format!("acc/app/{SAMPLE_ID}")),
        ),
        (
            "rk::parse_webhook_import_id(\"acc/app/WEBHOOK\")",
            parsed(Some("acc"), Some("app")),
        ),
        (
            "rk::parse_webhook_import_id(\"WEBHOOK\")",
            parsed(None, None),
        ),
        (
            "rk::parse_webhook_import_id(terraform_data.id.output)",
            parsed(None, Some("app")),
        ),
    ] {
        w.apply(&(output(&expression.replace("WEBHOOK", SAMPLE_ID)) + &later));

        assert_eq!(w.output("it"), expected, "{expression}");
        w.destroy();
    }
}

#[test]
fn function_result_can_be_used_as_an_argument() {
    requires!(FUNCTIONS);
    let w = Workspace::new();
    let meetings = bell("events = provider::realtimekit::webhook_events(\"meeting\")");
    w.apply(&meetings);
    assert_eq!(w.webhook().events.len(), 7);
    w.expect_no_changes();

    let id = w.webhook().id;
    for given in [
        &id,
        &format!("{APP}/{id}"),
        &format!("{ACCOUNT}/{APP}/{id}"),
    ] {
        let parse = format!("it = provider::realtimekit::parse_webhook_import_id(\"{given}\")");
        let parts = "account_id = local.it.account_id\napp_id = local.it.app_id\n\
                     id = local.it.webhook_id";
        w.apply(
            &(meetings.clone()
                + &block("locals", &parse)
                + &block("data realtimekit_webhook one", parts)),
        );

        assert_eq!(w.state("data.realtimekit_webhook.one")["id"], id.as_str());
    }
}

#[test]
fn invalid_argument_is_an_error_that_names_its_parameter() {
    requires!(FUNCTIONS);
    let w = Workspace::without_settings();
    for (call, words) in [
        (
            "webhook_events(\"meeting\", \"stage\")",
            "Invalid value for \"prefixes\" parameter: no known event starts with \"stage\", but \
             with livestreaming, meeting, recording; the known events are",
        ),
        (
            "webhook_import_id(\"acc\", \"a/b\", \"x\")",
            "\"app_id\" parameter: The identifier \"a/b\" must not contain the character '/'.",
        ),
        (
            "parse_webhook_import_id(\"a/b/c/d\")",
            "Invalid value for \"id\" parameter: \"a/b/c/d\" does not name a webhook.",
        ),
    ] {
        let told = ["Error: Invalid function argument", call, words];
        w.plan_fails(&output(&format!("rk::{call}")), &told);
    }
}
