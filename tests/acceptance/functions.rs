//! Functions of the provider, in expressions.

use serde_json::Value;

use crate::features::*;
use crate::support::*;

fn output(label: &str, expression: &str) -> String {
    let expression = expression.replace("rk::", "provider::realtimekit::");
    block(&format!("output {label}"), &format!("value = {expression}"))
}

#[test]
fn function_returns_its_value_without_settings() {
    requires!(FUNCTIONS);
    let cases = r#"
count  | length(rk::webhook_events())                          | 9
events | rk::webhook_events("live", "meeting.s")               | ["livestreaming.statusUpdate","meeting.started","meeting.summary"]
id     | rk::webhook_import_id("acc", "app", "ID")             | "acc/app/ID"
whole  | rk::parse_webhook_import_id("acc/app/ID")             | {"account_id":"acc","app_id":"app","webhook_id":"ID"}
short  | rk::parse_webhook_import_id("ID")                     | {"account_id":null,"app_id":null,"webhook_id":"ID"}
later  | rk::parse_webhook_import_id(terraform_data.id.output) | {"account_id":null,"app_id":"app","webhook_id":"ID"}
"#;
    let cases = cases.replace("ID", SAMPLE_ID);
    let cases = rows(&cases);
    // Known only after another change is applied.
    let mut configuration = block("resource terraform_data id", "input = 'app/ID'");
    for [label, expression, _] in &cases {
        configuration += &output(label, expression);
    }
    let w = Workspace::without_settings();

    w.apply(configuration.replace("ID", SAMPLE_ID));

    for [label, _, expected] in cases {
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(w.output(label), expected, "{label}");
    }
}

#[test]
fn invalid_argument_is_an_error_that_names_its_parameter() {
    requires!(FUNCTIONS);
    let call = "webhook_import_id(\"acc\", \"a/b\", \"x\")";
    let parameter =
        "\"app_id\" parameter: The identifier \"a/b\" must not contain the character '/'.";
    let told = format!("Error: Invalid function argument | {call} | {parameter}");
    let w = Workspace::without_settings();
    w.plan_fails(output("it", &format!("rk::{call}")), &told);
}
