//! Functions of the provider, in expressions.

use serde_json::Value;

use crate::features::*;
use crate::support::*;

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
    let cases = cases
        .replace("ID", SAMPLE_ID)
        .replace("rk::", "provider::realtimekit::");
    let cases = rows(&cases);
    let w = Workspace::without_settings();

    let outputs = cases.iter().map(|[label, expression, _]| {
        block(&format!("output {label}"), &format!("value = {expression}"))
    });
    // Known only after another change is applied.
    let later = block("resource terraform_data id", "input = 'app/ID'");
    w.apply(outputs.collect::<String>() + &later.replace("ID", SAMPLE_ID));

    for [label, _, expected] in cases {
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(w.output(label), expected, "{label}");
    }
}
