//! What a plan shows before anything is done.

use std::time::{Duration, Instant};

use http::StatusCode;
use realtimekit::mock_api::Fault;

use crate::support::*;

#[test]
fn a_creation_shows_all_that_the_configuration_and_the_provider_decide() {
    let api = live();
    let terraform = Terraform::new(&api);

    let plan = terraform.plan(&bell(BELL_ATTRIBUTES));

    assert_eq!(plan.actions(BELL), ["create"]);
    assert_eq!(plan.after(BELL, "account_id"), ACCOUNT);
    assert_eq!(plan.after(BELL, "app_id"), APP);
    assert_eq!(plan.after(BELL, "enabled"), true);
    for computed in ["id", "created_at", "updated_at"] {
        assert!(plan.is_unknown(BELL, computed), "{computed}");
    }
    assert_eq!(
        requests(&api.calls()),
        ["GET webhooks"],
        "to see whether the URL is free"
    );
}

#[test]
fn an_update_leaves_only_the_time_of_the_update_open() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));

    let plan = terraform.plan(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));

    assert!(plan.is_unknown(BELL, "updated_at"));
    for known in ["id", "created_at"] {
        assert!(!plan.is_unknown(BELL, known), "{known}");
    }
}

#[test]
fn change_of_timeouts_alone_keeps_the_time_of_the_last_update() {
    let api = live();
    let terraform = Terraform::new(&api);
    let with_timeouts = format!("{BELL_ATTRIBUTES}\n  timeouts = {{ create = \"1m\" }}");
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let before = terraform.state(BELL)["updated_at"].clone();

    let plan = terraform.plan(&bell(&with_timeouts));
    terraform.succeeds(&["apply", "plan"]);

    assert_eq!(plan.after(BELL, "updated_at"), &before);
    assert_eq!(terraform.state(BELL)["timeouts"]["create"], "1m");
    assert_eq!(writes(&api), ["POST webhooks"]);
    terraform.expect_no_changes();
}

#[test]
fn import_with_timeouts_keeps_the_time_of_the_last_update() {
    let api = live();
    let url = "https://example.com/bell";
    let events = ["meeting.started", "meeting.ended"];
    let webhook = api.add_webhook(ACCOUNT, APP, "door bell", url, &events);
    let terraform = Terraform::new(&api);
    let block = format!("import {{\n  to = {BELL}\n  id = \"{}\"\n}}\n", webhook.id);
    let attributes = format!("{BELL_ATTRIBUTES}\n  timeouts = {{ create = \"1m\" }}");

    let plan = terraform.plan(&format!("{block}{}", bell(&attributes)));

    assert!(!plan.is_unknown(BELL, "updated_at"));
    assert_eq!(plan.after(BELL, "updated_at"), webhook.updated_at.as_str());
}

/// A value that is known only after another resource was applied.
const LATER: &str = "resource \"terraform_data\" \"later\" {\n  input = \"LATER\"\n}\n";

#[test]
fn every_attribute_may_come_from_another_resource() {
    let cases = [
        ("name", "gong", "terraform_data.later.output"),
        (
            "url",
            "https://example.com/later",
            "terraform_data.later.output",
        ),
        ("events", "meeting.summary", "[terraform_data.later.output]"),
        (
            "enabled",
            "false",
            "terraform_data.later.output == \"true\"",
        ),
        ("app_id", OTHER_APP, "terraform_data.later.output"),
        (
            "account_id",
            "4f1c2d7be1a863",
            "terraform_data.later.output",
        ),
    ];
    for (attribute, value, expression) in cases {
        let api = live();
        let terraform = Terraform::new(&api);
        let lines = BELL_ATTRIBUTES
            .lines()
            .filter(|line| !line.trim().starts_with(attribute));
        let attributes = lines.collect::<Vec<_>>().join("\n");
        let attributes = format!("{attributes}\n  {attribute} = {expression}");
        let configuration = format!("{}{}", LATER.replace("LATER", value), bell(&attributes));

        let plan = terraform.plan(&configuration);
        terraform.succeeds(&["apply", "plan"]);

        assert_ne!(
            plan.after(BELL, attribute).as_str(),
            Some(value),
            "{attribute}"
        );
        let stored = terraform.state(BELL)[attribute].to_string();
        assert!(stored.contains(value), "{attribute} = {stored}");
        terraform.expect_no_changes();
    }
}

#[test]
fn an_update_to_an_unknown_value_is_one_put_with_the_value() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let attributes = BELL_ATTRIBUTES.replace("\"door bell\"", "terraform_data.later.output");
    let configuration = format!("{}{}", LATER.replace("LATER", "gong"), bell(&attributes));

    api.clear_calls();
    terraform.apply(&configuration);

    assert_eq!(writes(&api), ["PUT webhooks/ID"]);
    assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "gong");
}

#[test]
fn a_provider_setting_that_is_known_later_does_not_stop_a_creation() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.unset("REALTIMEKIT_APP_ID");
    terraform.unset("CLOUDFLARE_API_TOKEN");
    let configuration = format!(
        r#"
resource "terraform_data" "token" {{
  input = "{TOKEN}"
}}
{}
provider "realtimekit" {{
  api_token = terraform_data.token.output
  app_id    = terraform_data.later.output
}}
{}"#,
        LATER.replace("LATER", APP),
        bell(BELL_ATTRIBUTES)
    );

    let plan = terraform.plan(&configuration);
    terraform.succeeds(&["apply", "plan"]);

    assert!(plan.is_unknown(BELL, "app_id"));
    assert_eq!(terraform.state(BELL)["app_id"], APP);
    terraform.expect_no_changes();
}

#[test]
fn what_needs_a_setting_that_is_known_later_says_so() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    terraform.unset("CLOUDFLARE_API_TOKEN");
    let configuration = format!(
        "{}provider \"realtimekit\" {{\n  api_token = terraform_data.later.output\n}}\n{}",
        LATER.replace("LATER", TOKEN),
        bell(BELL_ATTRIBUTES)
    );

    let ran = terraform.plan_fails(&configuration);

    ran.says(&[
        "Provider Configuration Not Known Yet",
        "\"api_token\" in the provider block",
    ]);
    assert_eq!(terraform.state(BELL)["name"], "door bell");
}

#[test]
fn a_plan_of_many_new_webhooks_lists_each_app_once() {
    let configuration = format!(
        r#"
resource "realtimekit_webhook" "each" {{
  count  = 30
  app_id = count.index < 20 ? "{APP}" : "{OTHER_APP}"
  name   = "bell ${{count.index}}"
  url    = "https://example.com/${{count.index}}"
  events = ["meeting.started"]
}}
"#
    );
    let api = live();
    let terraform = Terraform::new(&api);

    terraform.plan(&configuration);

    assert_eq!(requests(&api.calls()), ["GET webhooks", "GET webhooks"]);
}

#[test]
fn list_that_fails_gives_no_advice_and_no_delay() {
    for fault in [
        Fault::status(StatusCode::TOO_MANY_REQUESTS)
            .header("retry-after", "60")
            .unwrap(),
        Fault::status(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::html(StatusCode::FORBIDDEN),
        Fault::drop_connection(),
    ] {
        let api = live();
        api.fail_next(99, fault);
        let terraform = Terraform::new(&api);
        let start = Instant::now();

        let plan = terraform.plan(&bell(BELL_ATTRIBUTES));

        assert_eq!(plan.actions(BELL), ["create"]);
        assert_eq!(requests(&api.calls()), ["GET webhooks"]);
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn refused_token_is_warned_of_by_the_plan() {
    for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
        let api = live();
        api.fail_next(99, status);
        let terraform = Terraform::new(&api);
        terraform.write(&bell(BELL_ATTRIBUTES));

        let ran = terraform.succeeds(&["plan"]);

        ran.says(&["Warning: API Token Refused", status.as_str(), "api_token"]);
        assert!(!ran.text.to_lowercase().contains("apply again"), "{ran}");
    }
}

#[test]
fn a_url_that_another_webhook_has_is_warned_of_with_its_import_block() {
    let api = live();
    let theirs = api.add_webhook(
        ACCOUNT,
        APP,
        "theirs",
        "https://example.com/bell",
        &["meeting.ended"],
    );
    let terraform = Terraform::new(&api);
    terraform.write(&bell(BELL_ATTRIBUTES));

    let ran = terraform.succeeds(&["plan"]);

    let id = format!("id = \"{ACCOUNT}/{APP}/{}\"", theirs.id);
    let expected = [
        "Warning: URL Already in Use",
        "named \"theirs\"",
        "unless this configuration changes or deletes that webhook in the same run",
        "moved block",
        "import {",
        &id,
    ];
    ran.says(&expected);
}

#[test]
fn a_webhook_that_is_only_replaced_or_kept_is_not_warned_of() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    for arguments in [
        &["plan"][..],
        &["plan", "-replace", BELL],
        &["plan", "-destroy"],
    ] {
        let ran = terraform.succeeds(arguments);

        assert!(
            !ran.text.contains("URL Already in Use"),
            "{arguments:?}: {ran}"
        );
    }
    terraform.succeeds(&["apply", "-auto-approve", "-replace", BELL]);
    terraform.expect_no_changes();
}
