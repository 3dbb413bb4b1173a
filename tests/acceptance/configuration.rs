//! Mistakes in a configuration: found before any API request, at their place.

use crate::support::*;

fn provider(arguments: &str) -> String {
    block("provider realtimekit", arguments) + &bell("")
}

const ALL: &str = "data \"realtimekit_webhooks\" \"all\" {}\n";

#[test]
fn missing_setting_error_names_all_places() {
    let mut w = Workspace::new();
    w.set("CLOUDFLARE_API_TOKEN", "");
    let missing = "Missing API Token | api_token | CLOUDFLARE_API_TOKEN";
    w.plan_fails(bell(""), missing).lacks("CLOUDFLARE_API_KEY");
    w.set("CLOUDFLARE_API_KEY", "0123456789abcdef");
    let global = "Missing API Token | does not accept global API keys";
    w.plan_fails(bell(""), global).lacks("0123456789abcdef");

    for variable in ["CLOUDFLARE_ACCOUNT_ID", "REALTIMEKIT_APP_ID"] {
        let mut w = Workspace::new();
        w.unset(variable);
        let attribute = variable.split_once('_').unwrap().1.to_lowercase();
        let words = format!("Missing {attribute} | here or in the provider block | {variable}");
        for configuration in [&bell(""), ALL] {
            w.plan_fails(configuration, &words);
        }
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
fn provider_setting_mistake_is_an_error_that_names_its_place() {
    let cases = r#"
api_token = "s3cret\n"                  | Invalid API Token         | This is about api_token.
base_url = "https:///client/v4"         | Invalid Base URL          | must name a host
base_url = "https://localhost:0/v4"     | Invalid Base URL          | a port from 1 to 65535
base_url = "api.example.com"            | Invalid Base URL          | must be absolute
base_url = "http://api.example.com"     | Invalid Base URL          | https
base_url = "https://u:p@api.example.com" | Invalid Base URL         | user name
account_id = "a/b"                      | Invalid Identifier        | account_id = "a/b"
app_id = ".."                           | Invalid Identifier        | app_id = ".."
max_retries = -1                        | Invalid Number of Retries | whole number from 0
max_retries = 1.5                       | Invalid Number of Retries | whole number from 0
requests_per_second = 0                 | Invalid Request Rate      | requests per second from 0.01
"#;
    let mut w = Workspace::new();
    for [argument, summary, words] in rows(cases) {
        w.plan_fails(provider(argument), &format!("{summary} | {words}"));
    }
    w.set("CLOUDFLARE_BASE_URL", "ftp://api.example.com");
    w.set("CLOUDFLARE_ACCOUNT_ID", "a b/");
    let base_url = "Invalid Base URL | environment variable CLOUDFLARE_BASE_URL";
    let account = "Invalid Identifier | environment variable CLOUDFLARE_ACCOUNT_ID";
    w.plan_fails(bell(""), base_url).says(account);
    w.set("CLOUDFLARE_ACCOUNT_ID", ACCOUNT);
    w.set("CLOUDFLARE_BASE_URL", "https://api.example");
    w.set("HTTPS_PROXY", "ftp://user:s3cret@proxy.example");
    let proxy = "the environment variable HTTPS_PROXY is not a valid proxy";
    w.plan_fails(ALL, proxy).lacks("s3cret");
    assert!(w.api.calls().is_empty());
}

#[test]
fn invalid_token_is_not_printed_with_its_line() {
    let w = Workspace::new();
    for literal in ["s3cret\\n", "\\\"s3cret\\\"", "Bearer s3cret", "s3 cret"] {
        w.write(provider(&format!("api_token = \"{literal}\"")));
        for command in ["validate", "plan"] {
            w.fails(command, "Invalid API Token").lacks("s3");
        }
    }
}

#[test]
fn webhook_mistake_is_an_error_at_its_attribute() {
    let cases = r#"
name = " "                   | Blank Name             | name = " "
name = null                  | "name" is required     | name
url = "example.com"          | Invalid URL            | url = "example.com"
url = "ftp://example.com"    | Invalid URL            | must start with https://
url = "https://b.example/a b" | Invalid URL           | must not contain white space
url = "https:///b.example"   | Invalid URL            | must name a host
events = []                  | No Events              | enabled = false
events = [" "]               | Blank Event            | must not be blank
events = ["meeting.*"]       | No Wildcards in Events | provider::realtimekit::webhook_events
app_id = "a/b"               | Invalid Identifier     | app_id = "a/b"
account_id = ""              | Invalid Identifier     | must not be empty
timeouts = { create = "5 minutes" } | Invalid Timeout | This is about timeouts.create.
id = "x"                     | Invalid Configuration for Read-Only Attribute | remove it
"#;
    let w = Workspace::without_settings();
    for [attribute, summary, words] in rows(cases) {
        w.write(bell(attribute));
        w.fails("validate", &format!("{summary} | {words}"));
    }
    w.write(bell(""));
    w.succeeds("validate");
}

#[test]
fn unusual_value_is_a_warning() {
    let cases = r#"
        url = "http://example.com"                | Unencrypted URL
        url = "https://user:password@example.com" | Credentials in the URL
        events = ["stage.opened"]                 | Unknown Event
        events = ["meeting.strated"]              | Did you mean "meeting.started"?
    "#;
    let w = Workspace::new();
    for [attribute, summary] in rows(cases) {
        w.write(bell(attribute));
        w.succeeds("plan")
            .says(&format!("{summary} | with realtimekit_webhook.bell"));
    }
}
