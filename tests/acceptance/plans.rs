//! What a plan shows before anything is done.

use std::time::{Duration, Instant};

use http::StatusCode;
use realtimekit::mock_api::Fault;

use crate::features::*;
use crate::support::*;

#[test]
fn create_plan_shows_defaults_and_unknown_computed_values() {
    let (api, terraform) = setup();

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
fn update_plan_leaves_only_the_update_time_unknown() {
    let (_api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));

    let plan = terraform.plan(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));

    assert!(plan.is_unknown(BELL, "updated_at"));
    for known in ["id", "created_at"] {
        assert!(!plan.is_unknown(BELL, known), "{known}");
    }
}

#[test]
fn timeouts_changed_alone_keep_the_update_time_and_send_nothing() {
    let (api, terraform) = setup();
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
fn import_with_timeouts_keeps_the_update_time() {
    requires!(IMPORT_BLOCKS);
    let api = live();
    let block = import_block(&existing(&api));
    let terraform = Terraform::new(&api);
    let attributes = format!("{BELL_ATTRIBUTES}\n  timeouts = {{ create = \"1m\" }}");

    let plan = terraform.plan(&format!("{block}{}", bell(&attributes)));

    let updated_at = &api.webhooks(ACCOUNT, APP)[0].updated_at;
    assert_eq!(plan.after(BELL, "updated_at"), updated_at.as_str());
}

/// A value that is known only after another resource was applied.
const LATER: &str = "resource \"terraform_data\" \"later\" {\n  input = \"LATER\"\n}\n";

#[test]
fn unknown_attribute_is_planned_and_applied() {
    requires!(TERRAFORM_DATA);
    let cases = r#"
name       | gong                      | terraform_data.later.output
url        | https://example.com/later | terraform_data.later.output
events     | meeting.summary           | [terraform_data.later.output]
enabled    | false                     | terraform_data.later.output == "true"
app_id     | 5d9c2b1a-0f7e-4c66-9a3b   | terraform_data.later.output
account_id | 4f1c2d7be1a863            | terraform_data.later.output
"#;
    for [attribute, value, expression] in rows(cases) {
        let (_api, terraform) = setup();
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
fn update_to_an_unknown_value_is_one_put_with_the_value() {
    requires!(TERRAFORM_DATA);
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let attributes = BELL_ATTRIBUTES.replace("\"door bell\"", "terraform_data.later.output");
    let configuration = format!("{}{}", LATER.replace("LATER", "gong"), bell(&attributes));

    api.clear_calls();
    terraform.apply(&configuration);

    assert_eq!(writes(&api), ["PUT webhooks/ID"]);
    assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "gong");
}

#[test]
fn unknown_provider_setting_does_not_prevent_a_creation() {
    requires!(TERRAFORM_DATA);
    let (_api, mut terraform) = setup();
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
fn unknown_provider_setting_that_a_read_needs_is_an_error() {
    requires!(TERRAFORM_DATA);
    let (_api, mut terraform) = setup();
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
fn plan_of_many_new_webhooks_lists_each_app_once() {
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
    let (api, terraform) = setup();

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
fn refused_token_is_a_warning_of_the_plan() {
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
fn url_in_use_is_a_warning_with_the_import_block() {
    let api = live();
    let theirs = add(&api, "theirs", "https://example.com/bell");
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
fn url_of_the_replaced_webhook_itself_is_no_warning() {
    let (_api, terraform) = setup();
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
