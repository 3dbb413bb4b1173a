//! Mistakes in a configuration: found before any API request, at their place.

use crate::support::*;

fn provider(arguments: &str) -> String {
    block("provider realtimekit", arguments) + &bell("")
}

#[test]
fn missing_setting_error_names_all_places() {
    let mut w = Workspace::without_settings();
    w.set("CLOUDFLARE_API_KEY", "0123456789abcdef");
    let no_token = "Missing API Token | api_token | CLOUDFLARE_API_TOKEN | does not accept global";
    w.plan_fails(bell(""), no_token).lacks("0123456789abcdef");

    w.set("CLOUDFLARE_API_TOKEN", TOKEN);
    let all = block("data realtimekit_webhooks all", "");
    let failed = w.plan_fails(bell("") + &all, "here or in the provider block");
    for address in [BELL, "data.realtimekit_webhooks.all"] {
        let missing = format!("Missing account_id | with {address}, | CLOUDFLARE_ACCOUNT_ID");
        failed.reports(&missing);
        let missing = format!("Missing app_id | with {address}, | REALTIMEKIT_APP_ID");
        failed.reports(&missing);
    }
}

#[test]
fn provider_block_takes_precedence_over_the_environment() {
    let mut w = Workspace::new();
    w.set("CLOUDFLARE_API_TOKEN", "another");
    w.set("REALTIMEKIT_APP_ID", "another");
    w.set("CLOUDFLARE_BASE_URL", "https://api.example.invalid");
    w.set("TF_APPEND_USER_AGENT", "pipeline/7 (team a)");
    let base_url = format!("base_url = '{}'", w.api.base_url());

    let settings = format!("api_token = '{TOKEN}'\napp_id = '{APP}'\naccount_id = ''");
    w.apply(provider(&format!("{settings}\n{base_url}")));

    assert_eq!(w.webhooks().len(), 1);
    let agent = w.api.calls()[0].user_agent.clone().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let start = format!("terraform-provider-realtimekit/{version} terraform/1.");
    assert!(agent.starts_with(&start), "{agent}");
    assert!(agent.ends_with(" pipeline/7 (team a)"), "{agent}");
}

#[test]
fn provider_setting_mistake_is_an_error_at_its_place() {
    let mut w = Workspace::new();
    let mistakes = rows::<3>(
        r#"
        base_url = "http://api.example.com" | Invalid Base URL          | must start with https
        account_id = "a/b"                  | Invalid Identifier        | account_id = "a/b"
        app_id = ".."                       | Invalid Identifier        | app_id = ".."
        max_retries = 1.5                   | Invalid Number of Retries | whole number from 0
        requests_per_second = 0             | Invalid Request Rate      | per second from 0.01
        "#,
    );
    let arguments: Vec<&str> = mistakes.iter().map(|row| row[0]).collect();
    w.plan_fails(provider(&arguments.join("\n")), "")
        .reports_each(&mistakes);

    w.set("CLOUDFLARE_BASE_URL", "ftp://api.example.com");
    w.set("CLOUDFLARE_ACCOUNT_ID", "a b/");
    let base_url = "Invalid Base URL | environment variable CLOUDFLARE_BASE_URL";
    let account = "Invalid Identifier | environment variable CLOUDFLARE_ACCOUNT_ID";
    w.plan_fails(bell(""), base_url).says(account);
    assert!(w.api.calls().is_empty());
}

#[test]
fn invalid_token_is_not_printed_with_its_line() {
    let w = Workspace::new();
    w.write(provider("api_token = 'Bearer s3cret'"));
    for command in ["validate", "plan"] {
        let place = "Invalid API Token | This is about api_token.";
        w.fails(command, place).lacks("s3");
    }
}

#[test]
fn webhook_mistake_is_an_error_and_unusual_value_a_warning_at_its_attribute() {
    let mistakes = rows::<3>(
        r#"
        name = " "                          | Blank Name             | name = " "
        name = null                         | Missing Configuration for Required Attribute | name
        url = "ftp://example.com"           | Invalid URL            | must start with https://
        events = []                         | No Events              | enabled = false
        events = [" "]                      | Blank Event            | must not be blank
        events = ["meeting.*"]              | No Wildcards in Events | webhook_events
        app_id = "a/b"                      | Invalid Identifier     | app_id = "a/b"
        account_id = ""                     | Invalid Identifier     | must not be empty
        timeouts = { create = "5 minutes" } | Invalid Timeout        | about timeouts.create.
        id = "x"                            | Invalid Configuration for Read-Only Attribute | remove it
        "#,
    );
    let unusual = rows::<3>(
        r#"
        url = "http://example.com"                | Unencrypted URL        | url = "http:
        url = "https://user:password@example.com" | Credentials in the URL | user name
        events = ["meeting.strated"]              | Unknown Event          | "meeting.started"?
        "#,
    );
    let w = Workspace::without_settings();
    for (rows, is_valid) in [(mistakes, false), (unusual, true)] {
        let attributes = rows.iter().map(|row| row[0]).enumerate();
        let webhooks = attributes.map(|(row, it)| webhook(&format!("row{row}"), it));
        w.write(webhooks.collect::<String>());

        let ran = w.run("validate");

        assert_eq!(ran.succeeded, is_valid, "{ran}");
        ran.reports_each(&rows);
    }
}
