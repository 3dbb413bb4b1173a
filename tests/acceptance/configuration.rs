//! Mistakes in a configuration: found before any API request, at their place.

use crate::support::*;

fn provider(arguments: &str) -> String {
    format!(
        "provider \"realtimekit\" {{\n  {arguments}\n}}\n{}",
        bell(BELL_ATTRIBUTES)
    )
}

#[test]
fn missing_token_error_names_the_argument_and_the_variable() {
    let (_api, mut terraform) = setup();
    for token in [None, Some("")] {
        terraform.unset("CLOUDFLARE_API_TOKEN");
        if let Some(token) = token {
            terraform.set("CLOUDFLARE_API_TOKEN", token);
        }

        let ran = terraform.plan_fails(&bell(BELL_ATTRIBUTES));

        ran.says(&["Missing API Token", "api_token", "CLOUDFLARE_API_TOKEN"]);
        assert!(!ran.text.contains("CLOUDFLARE_API_KEY"), "{ran}");
    }
    terraform.set("CLOUDFLARE_API_KEY", "0123456789abcdef");
    terraform.set("CLOUDFLARE_EMAIL", "me@example.com");

    let ran = terraform.plan_fails(&bell(BELL_ATTRIBUTES));

    ran.says(&["Missing API Token", "does not accept global API keys"]);
    assert!(!ran.text.contains("0123456789abcdef"));
}

#[test]
fn provider_block_takes_precedence_over_the_environment() {
    let (api, mut terraform) = setup();
    terraform.set("CLOUDFLARE_API_TOKEN", "another");
    terraform.set("REALTIMEKIT_APP_ID", "another");
    terraform.set("CLOUDFLARE_BASE_URL", "https://api.example.invalid");

    terraform.apply(&provider(&format!(
        "api_token = \"{TOKEN}\"\n  base_url = \"{}\"\n  app_id = \"{APP}\"\n  account_id = \"\"",
        api.base_url()
    )));

    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);
}

#[test]
fn provider_block_mistake_is_an_error_at_its_argument() {
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
    let (api, terraform) = setup();
    for [argument, summary, words] in rows(cases) {
        let ran = terraform.plan_fails(&provider(argument));

        ran.says(&[summary]);
        ran.says(&[words]);
    }
    assert!(api.calls().is_empty());
}

#[test]
fn invalid_token_is_not_printed_with_its_line() {
    for literal in ["s3cret\\n", "\\\"s3cret\\\"", "Bearer s3cret", "s3 cret"] {
        let terraform = Terraform::new(&live());
        terraform.write(&provider(&format!("api_token = \"{literal}\"")));

        for command in [["validate"], ["plan"]] {
            let ran = terraform.fails(&command);

            ran.says(&["Invalid API Token"]);
            assert!(!ran.text.contains("s3"), "{ran}");
        }
    }
}

#[test]
fn environment_mistake_names_the_variable() {
    let (_api, mut terraform) = setup();
    terraform.set("CLOUDFLARE_BASE_URL", "ftp://api.example.com");
    terraform.set("CLOUDFLARE_ACCOUNT_ID", "a b/");

    let ran = terraform.plan_fails(&bell(BELL_ATTRIBUTES));

    for [summary, words] in rows(
        "Invalid Base URL   | environment variable CLOUDFLARE_BASE_URL
         Invalid Identifier | environment variable CLOUDFLARE_ACCOUNT_ID",
    ) {
        ran.says(&[summary, words]);
    }
}

#[test]
fn missing_account_or_app_error_names_all_places() {
    for (variable, attribute) in [
        ("CLOUDFLARE_ACCOUNT_ID", "account_id"),
        ("REALTIMEKIT_APP_ID", "app_id"),
    ] {
        let (_api, mut terraform) = setup();
        terraform.unset(variable);
        let missing = format!("Missing {attribute}");
        for configuration in [
            &bell(BELL_ATTRIBUTES),
            "data \"realtimekit_webhooks\" \"all\" {}\n",
        ] {
            let ran = terraform.plan_fails(configuration);

            ran.says(&[&missing, "here or in the provider block", variable]);
        }
    }
}

#[test]
fn webhook_mistake_is_an_error_at_its_attribute() {
    // What of BELL_ATTRIBUTES is replaced, and by what.
    let cases = r#"
name   = "door bell" | name = " "            | Blank Name             | name = " "
https://example.com/bell | example.com       | Invalid URL            | url = "example.com"
https://example.com/bell | ftp://example.com | Invalid URL            | must start with https://
https://example.com/bell | https://b.example/a b | Invalid URL        | must not contain white space
https://example.com/bell | https:///b.example | Invalid URL           | must name a host
["meeting.started", "meeting.ended"] | []    | No Events              | enabled = false
"meeting.started" | " "                      | Blank Event            | must not be blank
meeting.started | meeting.*  | No Wildcards in Events | provider::realtimekit::webhook_events
 name  | app_id = "a/b", name                | Invalid Identifier     | app_id = "a/b"
 name  | account_id = "", name               | Invalid Identifier     | must not be empty
 name  | timeouts = { create = "5 minutes" }, name | Invalid Timeout  | This is about timeouts.create.
 name  | id = "x", name | Invalid Configuration for Read-Only Attribute | remove it
"#;
    let (_api, terraform) = setup();
    for [from, to, summary, words] in rows(cases) {
        let to = to.replace(", name", "\n  name");
        terraform.write(&bell(&BELL_ATTRIBUTES.replacen(from, &to, 1)));

        let ran = terraform.fails(&["validate"]);

        ran.says(&[summary]);
        ran.says(&[words]);
    }
}

#[test]
fn missing_required_attribute_is_an_error() {
    let (_api, terraform) = setup();
    for attribute in ["name", "url", "events"] {
        let lines = BELL_ATTRIBUTES.lines();
        let rest: Vec<&str> = lines.filter(|line| !line.contains(attribute)).collect();

        let ran = terraform.plan_fails(&bell(&rest.join("\n")));

        ran.says(&[&format!("The argument \"{attribute}\" is required")]);
    }
    let ran = terraform.plan_fails(&bell(&BELL_ATTRIBUTES.replace("\"door bell\"", "null")));
    ran.says(&["\"name\" is required"]);
}

#[test]
fn unusual_value_is_a_warning() {
    let cases = "
        https://example.com | http://example.com               | Unencrypted URL
        https://example.com | https://user:password@example.com | Credentials in the URL
        meeting.started     | stage.opened                     | Unknown Event
        meeting.started     | meeting.strated                  | Did you mean \"meeting.started\"?
    ";
    let (_api, terraform) = setup();
    for [from, to, summary] in rows(cases) {
        terraform.write(&bell(&BELL_ATTRIBUTES.replacen(from, to, 1)));

        let ran = terraform.succeeds(&["plan"]);

        ran.says(&[summary]);
        ran.says(&["with realtimekit_webhook.bell"]);
    }
}

#[test]
fn configuration_is_validated_without_settings() {
    let terraform = Terraform::without_settings();
    terraform.write(&bell(BELL_ATTRIBUTES));

    terraform.succeeds(&["validate"]);
}

const ALL: &str = "data \"realtimekit_webhooks\" \"all\" {}\n";

#[test]
fn user_agent_ends_with_tf_append_user_agent() {
    let (api, mut terraform) = setup();
    terraform.set("TF_APPEND_USER_AGENT", "pipeline/7 (team a)");

    terraform.apply(ALL);

    let agent = api.calls()[0].user_agent.clone().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let start = format!("terraform-provider-realtimekit/{version} terraform/1.");
    assert!(agent.starts_with(&start), "{agent}");
    assert!(agent.ends_with(" pipeline/7 (team a)"), "{agent}");
}

#[test]
fn malformed_variable_is_an_error_that_names_it_without_its_value() {
    for (variable, value, words) in [
        (
            "TF_APPEND_USER_AGENT",
            "s3cret\nx-injected: 1",
            "The environment variable TF_APPEND_USER_AGENT contains",
        ),
        (
            "HTTPS_PROXY",
            "ftp://user:s3cret@proxy.example",
            "the environment variable HTTPS_PROXY is not a valid proxy",
        ),
    ] {
        let (api, mut terraform) = setup();
        terraform.set("CLOUDFLARE_BASE_URL", "https://api.example");
        terraform.set(variable, value);

        let ran = terraform.apply_fails(ALL);

        ran.says(&[words]);
        assert!(!ran.text.contains("s3cret"), "{ran}");
        assert!(api.calls().is_empty());
    }
}
