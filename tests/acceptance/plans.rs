//! What a plan shows before anything is done.

use http::StatusCode;
use realtimekit::mock_api::Fault;

use crate::features::*;
use crate::support::*;

#[test]
fn create_plan_shows_defaults_and_unknown_computed_values() {
    let w = Workspace::new();

    let plan = w.plan(&bell(""));

    assert_eq!(plan.actions(BELL), ["create"]);
    let change = plan.change(BELL);
    let after = &change["after"];
    assert_eq!([&after["account_id"], &after["app_id"]], [ACCOUNT, APP]);
    assert_eq!(after["enabled"], true);
    for computed in ["id", "created_at", "updated_at"] {
        assert_eq!(change["after_unknown"][computed], true, "{computed}");
    }
    assert_eq!(
        w.requests(),
        ["GET webhooks"],
        "to see whether the URL is free"
    );
}

#[test]
fn timeouts_changed_alone_keep_the_update_time_and_send_nothing() {
    let w = Workspace::new();
    let with_timeouts = bell("timeouts = { create = \"1m\" }");
    w.apply(&bell(""));
    let updated_at = w.webhook().updated_at;

    let mut plans = vec![w.plan(&with_timeouts)];
    w.succeeds(&["apply", "plan"]);
    assert_eq!(w.state(BELL)["timeouts"]["create"], "1m");
    assert_eq!(w.writes(), ["POST webhooks"]);
    w.expect_no_changes();
    if has(&IMPORT_BLOCKS) {
        w.succeeds(&["state", "rm", BELL]);
        plans.push(w.plan(&(import_block(&w.webhook().id) + &with_timeouts)));
    }

    for plan in plans {
        assert_eq!(
            plan.change(BELL)["after"]["updated_at"],
            updated_at.as_str()
        );
    }
}

#[test]
fn unknown_value_is_planned_and_applied() {
    requires!(TERRAFORM_DATA);
    let w = Workspace::new();
    // What is known only after another resource was applied, a resource for each round.
    let later = |label: &str| {
        let values = format!(
            "input = {{\n  name = \"{label}\"\n  url = \"https://example.com/{label}\"\n  \
             event = \"meeting.summary\"\n  enabled = false\n  app_id = \"{OTHER_APP}\"\n  \
             account_id = \"4f1c2d7be1a863\"\n}}"
        );
        block(&format!("resource terraform_data {label}"), &values)
    };
    let all = "name = terraform_data.a.output.name\nurl = terraform_data.a.output.url\n\
               events = [terraform_data.a.output.event]\nenabled = terraform_data.a.output.enabled\n\
               app_id = terraform_data.a.output.app_id\n\
               account_id = terraform_data.a.output.account_id";

    let plan = w.plan(&(later("a") + &bell(all)));
    w.succeeds(&["apply", "plan"]);

    let unknown = &plan.change(BELL)["after_unknown"];
    for attribute in ["name", "url", "enabled", "app_id", "account_id"] {
        assert_eq!(unknown[attribute], true, "{attribute}");
    }
    let state = w.state(BELL);
    assert_eq!([&state["name"], &state["app_id"]], ["a", OTHER_APP]);
    assert_eq!(
        (&state["events"][0], &state["enabled"]),
        (&"meeting.summary".into(), &false.into())
    );
    w.expect_no_changes();

    let renamed = all.replace(
        "terraform_data.a.output.name",
        "terraform_data.b.output.name",
    );
    w.api.clear_calls();
    w.apply(&(later("a") + &later("b") + &bell(&renamed)));

    assert_eq!(
        w.writes(),
        ["PUT webhooks/ID"],
        "for an update to an unknown value"
    );
    assert_eq!(w.state(BELL)["name"], "b");
}

#[test]
fn unknown_provider_setting_does_not_prevent_a_creation() {
    requires!(TERRAFORM_DATA);
    let mut w = Workspace::new();
    w.unset("REALTIMEKIT_APP_ID");
    w.unset("CLOUDFLARE_API_TOKEN");
    let later = block("resource terraform_data app", &format!("input = \"{APP}\""))
        + &block(
            "resource terraform_data token",
            &format!("input = \"{TOKEN}\""),
        );
    let settings = "api_token = terraform_data.token.output\napp_id = terraform_data.app.output";
    let provider = block("provider realtimekit", settings);

    let plan = w.plan(&(later + &provider + &bell("")));
    w.succeeds(&["apply", "plan"]);

    assert_eq!(plan.change(BELL)["after_unknown"]["app_id"], true);
    assert_eq!(w.state(BELL)["app_id"], APP);
    w.expect_no_changes();
}

#[test]
fn list_that_fails_is_a_warning_only_if_the_token_is_refused() {
    let limit = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    let limit = limit.header("retry-after", "60").unwrap();
    let refused = ["Warning: API Token Refused", "api_token"];
    for (fault, words) in [
        (limit, &[][..]), // and no delay
        (Fault::html(StatusCode::FORBIDDEN), &[]),
        (StatusCode::UNAUTHORIZED.into(), &refused),
        (StatusCode::FORBIDDEN.into(), &refused),
    ] {
        let w = Workspace::new();
        w.api.fail_next(99, fault);
        w.write(&bell(""));

        let planned = w.succeeds(&["plan"]);

        assert_eq!(w.requests(), ["GET webhooks"]);
        assert_eq!(planned.text.contains("Warning: API"), !words.is_empty());
        planned
            .says(&["1 to add"])
            .says(words)
            .lacks(&["pply again"]);
    }
}

#[test]
fn url_in_use_is_a_warning_with_the_import_block_unless_the_webhook_is_replaced() {
    let w = Workspace::new();
    let theirs = w.add("theirs", "https://example.com/bell");
    w.write(&bell(""));

    w.succeeds(&["plan"]).says(&[
        "Warning: URL Already in Use",
        "named \"theirs\"",
        "unless this configuration changes or deletes that webhook in the same run",
        "moved block",
        "import {",
        &format!("id = \"{ACCOUNT}/{APP}/{}\"", theirs.id),
    ]);

    w.api.clear_webhooks();
    w.succeeds(APPLY);
    for arguments in [
        &["plan"][..],
        &["plan", "-destroy"],
        &["plan", "-replace", BELL],
    ] {
        w.succeeds(arguments).lacks(&["URL Already in Use"]);
    }
    w.succeeds(&["apply", "-auto-approve", "-replace", BELL]);
    w.expect_no_changes();
}
