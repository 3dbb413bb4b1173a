//! What a plan shows before anything is done.

use http::StatusCode;
use realtimekit::mock_api::Fault;
use serde_json::json;

use crate::features::*;
use crate::support::*;

#[test]
fn timeouts_changed_alone_keep_the_update_time_and_send_nothing() {
    let w = Workspace::applied(bell(""));
    let with_timeouts = bell("timeouts = { create = '1m' }");

    let change = w.apply_planned(&with_timeouts);

    let updated_at = w.webhook().updated_at;
    assert_eq!(change["after"]["updated_at"], updated_at);
    assert_eq!(w.state(BELL)["timeouts"]["create"], "1m");
    assert_eq!(w.writes(), ["POST"]);
    if has(&IMPORT_BLOCKS) {
        w.succeeds(&format!("state rm {BELL}"));
        let change = w.plan(import_block(&w.webhook().id) + &with_timeouts);
        assert_eq!(change["after"]["updated_at"], updated_at);
    }
}

/// A resource with an output that is known only after it was applied.
fn later(label: &str, output: &str) -> String {
    let input = format!("input = {output}");
    block(&format!("resource terraform_data {label}"), &input)
}

#[test]
fn unknown_value_is_planned_and_applied() {
    requires!(TERRAFORM_DATA);
    let w = Workspace::new();
    let values = format!(
        "{{\nname = 'later'\nurl = 'https://example.com/later'\napp_id = '{OTHER_APP}'\n\
         account_id = '4f1c2d7be1a863'\nenabled = false\nevent = 'meeting.summary'\n}}"
    );
    let attributes = ["name", "url", "enabled", "app_id", "account_id"];
    let all = attributes.map(|name| format!("{name} = terraform_data.all.output.{name}\n"));
    let all = all.concat() + "events = [terraform_data.all.output.event]";

    let change = w.apply_planned(later("all", &values) + &bell(&all));

    for attribute in attributes {
        assert_eq!(change["after_unknown"][attribute], true, "{attribute}");
    }
    let expected = json!({
        "name": "later", "app_id": OTHER_APP, "events": ["meeting.summary"], "enabled": false,
    });
    w.expect_state(BELL, expected);
}

#[test]
fn unknown_provider_setting_does_not_prevent_a_creation() {
    requires!(TERRAFORM_DATA);
    let mut w = Workspace::new();
    w.unset("REALTIMEKIT_APP_ID");
    w.unset("CLOUDFLARE_API_TOKEN");
    let later = later("app", &format!("'{APP}'")) + &later("token", &format!("'{TOKEN}'"));
    let settings = "api_token = terraform_data.token.output\napp_id = terraform_data.app.output";
    let provider = block("provider realtimekit", settings);

    let change = w.apply_planned(later + &provider + &bell(""));

    assert_eq!(change["after_unknown"]["app_id"], true);
    assert_eq!(w.state(BELL)["app_id"], APP);
}

#[test]
fn list_that_fails_is_a_warning_only_if_the_token_is_refused() {
    let limit = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    for (fault, is_refused) in [
        (limit.header("retry-after", "60").unwrap(), false), // and no delay
        (Fault::html(StatusCode::FORBIDDEN), false),
        (StatusCode::UNAUTHORIZED.into(), true),
        (StatusCode::FORBIDDEN.into(), true),
    ] {
        let w = Workspace::new();
        w.api.fail_next(99, fault);
        w.write(bell(""));

        let planned = w.succeeds("plan").says("1 to add");

        assert_eq!(w.api.calls().len(), 1); // a list, to see whether the URL is free
        match is_refused {
            true => planned.says("Warning: API Token Refused | api_token"),
            false => planned.lacks("Warning: API"),
        };
    }
}

#[test]
fn url_in_use_is_a_warning_with_the_import_block_unless_the_webhook_is_replaced() {
    let w = Workspace::new();
    let theirs = w.add("theirs", "https://example.com/bell");
    w.write(bell(""));

    let planned = w.succeeds("plan");

    planned.reports(&format!(
        "Warning: URL Already in Use | named \"theirs\" | moved block | import {{ | \
         id = \"{ACCOUNT}/{APP}/{theirs}\" | unless this configuration changes or deletes that \
         webhook in the same run"
    ));
    w.api.clear_webhooks();
    w.succeeds(APPLY);
    let replace = format!("{APPLY} -replace={BELL}");
    for command in ["plan", "plan -destroy", &replace] {
        w.succeeds(command).lacks("URL Already in Use");
    }
    w.expect_no_changes();
}
