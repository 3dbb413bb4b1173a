//! Functions of the provider, in expressions.

use realtimekit::mock_api::Webhook;
use serde_json::{Value, json};

use crate::features::*;
use crate::support::*;

fn output(expression: &str) -> String {
    let expression = expression.replace("rk::", "provider::realtimekit::");
    block("output it", &format!("value = {expression}"))
}

#[test]
fn function_returns_its_value_without_settings() {
    requires!(FUNCTIONS);
    let cases = r#"
length(rk::webhook_events())                          | 9
rk::webhook_events("live", "meeting.s")               | ["livestreaming.statusUpdate","meeting.started","meeting.summary"]
rk::webhook_import_id("acc", "app", "ID")             | "acc/app/ID"
rk::parse_webhook_import_id("acc/app/ID")             | {"account_id":"acc","app_id":"app","webhook_id":"ID"}
rk::parse_webhook_import_id("ID")                     | {"account_id":null,"app_id":null,"webhook_id":"ID"}
rk::parse_webhook_import_id(terraform_data.id.output) | {"account_id":null,"app_id":"app","webhook_id":"ID"}
"#;
    // Known only after another change is applied.
    let later = block("resource terraform_data id", "input = 'app/ID'");
    let w = Workspace::without_settings();
    for [expression, expected] in rows(cases) {
        let configuration = output(expression) + &later;
        w.apply(configuration.replace("ID", SAMPLE_ID));

        let expected: Value = serde_json::from_str(&expected.replace("ID", SAMPLE_ID)).unwrap();
        assert_eq!(w.output("it"), expected, "{expression}");
        w.destroy();
    }
}

#[test]
fn function_result_can_be_used_as_an_argument() {
    requires!(FUNCTIONS);
    let w = Workspace::new();
    let meetings = bell("events = provider::realtimekit::webhook_events('meeting')");
    w.apply(&meetings);
    let Webhook { id, events, .. } = w.webhook();
    assert_eq!(events.len(), 7);
    w.expect_no_changes();

    for prefix in [
        String::new(),
        format!("{APP}/"),
        format!("{ACCOUNT}/{APP}/"),
    ] {
        let parsed = format!("provider::realtimekit::parse_webhook_import_id('{prefix}{id}')");
        let parsed = block("locals", &format!("it = {parsed}"));
        let parts = "account_id = local.it.account_id\napp_id = local.it.app_id\n\
                     id = local.it.webhook_id";
        w.apply(parsed + &block("data realtimekit_webhook one", parts) + &meetings);

        w.expect_state("data.realtimekit_webhook.one", json!({ "id": id }));
    }
}

#[test]
fn invalid_argument_is_an_error_that_names_its_parameter() {
    requires!(FUNCTIONS);
    let call = "webhook_import_id(\"acc\", \"a/b\", \"x\")";
    let parameter =
        "\"app_id\" parameter: The identifier \"a/b\" must not contain the character '/'.";
    let told = format!("Error: Invalid function argument | {call} | {parameter}");
    Workspace::without_settings().plan_fails(output(&format!("rk::{call}")), &told);
}
