//! What a plan shows before anything is done.

use http::StatusCode;
use realtimekit::mock_api::Fault;
use serde_json::json;

use crate::features::*;
use crate::support::*;

#[test]
fn create_plan_shows_defaults_and_unknown_computed_values() {
    let w = Workspace::new();

    let plan = w.plan(bell(""));

    assert_eq!(plan.actions(BELL), ["create"]);
    let change = plan.change(BELL);
    let after = &change["after"];
    assert_eq!([&after["account_id"], &after["app_id"]], [ACCOUNT, APP]);
    assert_eq!(after["enabled"], true);
    for computed in ["id", "created_at", "updated_at"] {
        assert_eq!(change["after_unknown"][computed], true, "{computed}");
    }
    let list = ["GET webhooks"]; // to see whether the URL is free
    assert_eq!(w.requests(), list);
}

#[test]
fn timeouts_changed_alone_keep_the_update_time_and_send_nothing() {
    let w = Workspace::new();
    let with_timeouts = bell("timeouts = { create = '1m' }");
    w.apply(bell(""));
    let updated_at = w.webhook().updated_at;

    let mut plans = vec![w.plan(&with_timeouts)];
    w.succeeds("apply plan");
    assert_eq!(w.state(BELL)["timeouts"]["create"], "1m");
    assert_eq!(w.writes(), ["POST webhooks"]);
    w.expect_no_changes();
    if has(&IMPORT_BLOCKS) {
        w.succeeds(&format!("state rm {BELL}"));
        plans.push(w.plan(import_block(&w.webhook().id) + &with_timeouts));
    }

    for plan in plans {
        let after = &plan.change(BELL)["after"];
        assert_eq!(after["updated_at"], updated_at.as_str());
    }
}

#[test]
fn unknown_value_is_planned_and_applied() {
    requires!(TERRAFORM_DATA);
    let w = Workspace::new();
    // What is known only after another resource was applied, a resource for each round.
    let later = |label: &str| {
        let values = "enabled = false\nevent = 'meeting.summary'\naccount_id = '4f1c2d7be1a863'";
        let url = format!("url = 'https://example.com/{label}'\napp_id = '{OTHER_APP}'");
        let input = format!("input = {{\nname = '{label}'\n{url}\n{values}\n}}");
        block(&format!("resource terraform_data {label}"), &input)
    };
    let attributes = ["name", "url", "enabled", "app_id", "account_id"];
    let all = attributes.map(|name| format!("{name} = terraform_data.a.output.{name}\n"));
    let all = all.concat() + "events = [terraform_data.a.output.event]";

    let plan = w.plan(later("a") + &bell(&all));
    w.succeeds("apply plan");

    let unknown = &plan.change(BELL)["after_unknown"];
    for attribute in attributes {
        assert_eq!(unknown[attribute], true, "{attribute}");
    }
    let events = ["meeting.summary"];
    let expected = json!({ "name": "a", "app_id": OTHER_APP, "events": events, "enabled": false });
    w.expect_state(BELL, expected);
    w.expect_no_changes();

    let renamed = all.replace("a.output.name", "b.output.name");
    w.api.clear_calls();
    w.apply(later("a") + &later("b") + &bell(&renamed));

    assert_eq!(w.writes(), ["PUT webhooks/ID"]);
    w.expect_state(BELL, json!({ "name": "b" }));
}

#[test]
fn unknown_provider_setting_does_not_prevent_a_creation() {
    requires!(TERRAFORM_DATA);
    let mut w = Workspace::new();
    w.unset("REALTIMEKIT_APP_ID");
    w.unset("CLOUDFLARE_API_TOKEN");
    let later = |label, value| {
        let input = format!("input = '{value}'");
        block(&format!("resource terraform_data {label}"), &input)
    };
    let later = later("app", APP) + &later("token", TOKEN);
    let settings = "api_token = terraform_data.token.output\napp_id = terraform_data.app.output";
    let provider = block("provider realtimekit", settings);

    let plan = w.plan(later + &provider + &bell(""));
    w.succeeds("apply plan");

    assert_eq!(plan.change(BELL)["after_unknown"]["app_id"], true);
    assert_eq!(w.state(BELL)["app_id"], APP);
    w.expect_no_changes();
}

#[test]
fn list_that_fails_is_a_warning_only_if_the_token_is_refused() {
    let limit = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    let limit = limit.header("retry-after", "60").unwrap();
    for (fault, is_refused) in [
        (limit, false), // and no delay
        (Fault::html(StatusCode::FORBIDDEN), false),
        (StatusCode::UNAUTHORIZED.into(), true),
        (StatusCode::FORBIDDEN.into(), true),
    ] {
        let w = Workspace::new();
        w.api.fail_next(99, fault);
        w.write(bell(""));

        let planned = w.succeeds("plan").says("1 to add");

        assert_eq!(w.requests(), ["GET webhooks"]);
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

    let words = "Warning: URL Already in Use | named \"theirs\" | moved block | import { | unless \
                 this configuration changes or deletes that webhook in the same run";
    let planned = w.succeeds("plan").says(words);
    planned.says(&format!("id = \"{ACCOUNT}/{APP}/{}\"", theirs.id));

    w.api.clear_webhooks();
    w.succeeds(APPLY);
    for argument in [
        "-refresh=true",
        "-destroy",
        "-replace=realtimekit_webhook.bell",
    ] {
        w.succeeds(&format!("plan {argument}"))
            .lacks("URL Already in Use");
    }
    w.succeeds(&format!("apply -auto-approve -replace {BELL}"));
    w.expect_no_changes();
}
