//! Mistakes in a configuration: found before anything is asked of the API, at their place.

use crate::support::*;

fn provider(arguments: &str) -> String {
    format!(
        "provider \"realtimekit\" {{\n  {arguments}\n}}\n{}",
        bell(BELL_ATTRIBUTES)
    )
}

#[test]
fn a_missing_token_names_the_argument_and_the_variable() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    for token in [None, Some("")] {
        terraform.unset("CLOUDFLARE_API_TOKEN");
        if let Some(token) = token {
            terraform.set("CLOUDFLARE_API_TOKEN", token);
        }

        let ran = terraform.plan_fails(&bell(BELL_ATTRIBUTES));

        ran.says(&["Missing API Token", "api_token", "CLOUDFLARE_API_TOKEN"]);
        assert!(!ran.text.contains("CLOUDFLARE_API_KEY"), "{ran}");
    }
}

#[test]
fn a_global_key_is_told_to_be_the_wrong_thing() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.unset("CLOUDFLARE_API_TOKEN");
    terraform.set("CLOUDFLARE_API_KEY", "0123456789abcdef");
    terraform.set("CLOUDFLARE_EMAIL", "me@example.com");

    let ran = terraform.plan_fails(&bell(BELL_ATTRIBUTES));

    ran.says(&["Missing API Token", "does not accept global API keys"]);
    assert!(!ran.text.contains("0123456789abcdef"));
}

#[test]
fn the_provider_block_wins_over_the_environment() {
    let api = live();
    let mut terraform = Terraform::new(&api);
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
fn every_mistake_in_the_provider_block_is_named_at_its_argument() {
    let cases = [
        (
            "api_token = \"s3cret\\n\"",
            "Invalid API Token",
            "This is about api_token.",
        ),
        (
            "base_url = \"https:///client/v4\"",
            "Invalid Base URL",
            "must name a host",
        ),
        (
            "base_url = \"https://localhost:0/v4\"",
            "Invalid Base URL",
            "a port from 1 to 65535",
        ),
        (
            "account_id = \"a/b\"",
            "Invalid Identifier",
            "account_id = \"a/b\"",
        ),
        ("app_id = \"..\"", "Invalid Identifier", "app_id = \"..\""),
        (
            "base_url = \"api.example.com\"",
            "Invalid Base URL",
            "must be absolute",
        ),
        (
            "base_url = \"http://api.example.com\"",
            "Invalid Base URL",
            "https",
        ),
        (
            "base_url = \"https://u:p@api.example.com\"",
            "Invalid Base URL",
            "user name",
        ),
        (
            "max_retries = -1",
            "Invalid Number of Retries",
            "whole number from 0",
        ),
        (
            "max_retries = 1.5",
            "Invalid Number of Retries",
            "whole number from 0",
        ),
        (
            "requests_per_second = 0",
            "Invalid Request Rate",
            "requests per second from 0.01",
        ),
    ];
    for (argument, summary, place) in cases {
        let api = live();
        let terraform = Terraform::new(&api);

        let ran = terraform.plan_fails(&provider(argument));

        ran.says(&[summary]);
        ran.says(&[place]);
        assert!(api.calls().is_empty());
    }
}

#[test]
fn token_that_is_refused_is_not_printed_with_its_line() {
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
fn a_mistake_in_the_environment_names_the_variable() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.set("CLOUDFLARE_BASE_URL", "ftp://api.example.com");
    terraform.set("CLOUDFLARE_ACCOUNT_ID", "a b/");

    let ran = terraform.plan_fails(&bell(BELL_ATTRIBUTES));

    ran.says(&[
        "Invalid Base URL",
        "environment variable CLOUDFLARE_BASE_URL",
    ]);
    ran.says(&[
        "Invalid Identifier",
        "environment variable CLOUDFLARE_ACCOUNT_ID",
    ]);
}

#[test]
fn an_account_or_app_that_is_nowhere_set_is_named_with_all_its_places() {
    for (variable, attribute) in [
        ("CLOUDFLARE_ACCOUNT_ID", "account_id"),
        ("REALTIMEKIT_APP_ID", "app_id"),
    ] {
        let api = live();
        let mut terraform = Terraform::new(&api);
        terraform.unset(variable);

        let ran = terraform.plan_fails(&bell(BELL_ATTRIBUTES));
        let missing = format!("Missing {attribute}");
        ran.says(&[&missing, "here or in the provider block", variable]);

        let ran = terraform.plan_fails("data \"realtimekit_webhooks\" \"all\" {}\n");
        ran.says(&[&missing, "here or in the provider block", variable]);
    }
}

#[test]
fn every_mistake_in_a_webhook_is_an_error_at_its_attribute() {
    let cases = [
        (
            "name   = \"door bell\"",
            "name = \" \"",
            "Blank Name",
            "name = \" \"",
        ),
        (
            "https://example.com/bell",
            "example.com",
            "Invalid URL",
            "url = \"example.com\"",
        ),
        (
            "https://example.com/bell",
            "ftp://example.com",
            "Invalid URL",
            "must start with https://",
        ),
        (
            "https://example.com/bell",
            "https://example.com/a b",
            "Invalid URL",
            "must not contain white space",
        ),
        (
            "https://example.com/bell",
            "https:///example.com/bell",
            "Invalid URL",
            "must name a host",
        ),
        (
            "[\"meeting.started\", \"meeting.ended\"]",
            "[]",
            "No Events",
            "enabled = false",
        ),
        ("meeting.started", " ", "Blank Event", "must not be blank"),
        (
            "meeting.started",
            "meeting.*",
            "No Wildcards in Events",
            "provider::realtimekit::webhook_events",
        ),
        (
            "name ",
            "app_id = \"a/b\"\n  name ",
            "Invalid Identifier",
            "app_id = \"a/b\"",
        ),
        (
            "name ",
            "account_id = \"\"\n  name ",
            "Invalid Identifier",
            "must not be empty",
        ),
        (
            "name ",
            "timeouts = {\n    create = \"5 minutes\"\n  }\n  name ",
            "Invalid Timeout",
            "This is about timeouts.create.",
        ),
        (
            "name ",
            "id = \"x\"\n  name ",
            "Invalid Configuration for Read-Only Attribute",
            "remove it from the configuration",
        ),
    ];
    for (from, to, summary, words) in cases {
        let api = live();
        let terraform = Terraform::new(&api);
        terraform.write(&bell(&BELL_ATTRIBUTES.replacen(from, to, 1)));

        let ran = terraform.fails(&["validate"]);

        ran.says(&[summary]);
        ran.says(&[words]);
    }
}

#[test]
fn required_attributes_are_required() {
    let api = live();
    let terraform = Terraform::new(&api);
    for (attribute, line) in [("name", 1), ("url", 2), ("events", 3)] {
        let lines = BELL_ATTRIBUTES
            .lines()
            .enumerate()
            .filter(|(number, _)| *number != line);
        let rest: Vec<_> = lines.map(|(_, line)| line).collect();

        let ran = terraform.plan_fails(&bell(&rest.join("\n")));

        ran.says(&[&format!("The argument \"{attribute}\" is required")]);
    }
    let ran = terraform.plan_fails(&bell(&BELL_ATTRIBUTES.replace("\"door bell\"", "null")));
    ran.says(&["\"name\" is required"]);
}

#[test]
fn what_is_odd_but_possible_is_a_warning() {
    let cases = [
        (
            "https://example.com",
            "http://example.com",
            "Unencrypted URL",
        ),
        (
            "https://example.com",
            "https://user:password@example.com",
            "Credentials in the URL",
        ),
        ("meeting.started", "stage.opened", "Unknown Event"),
        (
            "meeting.started",
            "meeting.strated",
            "Did you mean \"meeting.started\"?",
        ),
    ];
    for (from, to, summary) in cases {
        let api = live();
        let terraform = Terraform::new(&api);
        terraform.write(&bell(&BELL_ATTRIBUTES.replacen(from, to, 1)));

        let ran = terraform.succeeds(&["plan"]);

        ran.says(&[summary]);
        ran.says(&["with realtimekit_webhook.bell"]);
    }
}

#[test]
fn a_configuration_is_validated_without_a_token() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    for variable in [
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_ACCOUNT_ID",
        "REALTIMEKIT_APP_ID",
    ] {
        terraform.unset(variable);
    }
    terraform.write(&bell(BELL_ATTRIBUTES));

    terraform.succeeds(&["validate"]);
}

#[test]
fn user_agent_of_requests_ends_with_tf_append_user_agent() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.set("TF_APPEND_USER_AGENT", "pipeline/7 (team a)");

    terraform.apply("data \"realtimekit_webhooks\" \"all\" {}");

    let agent = api.calls()[0].user_agent.clone().unwrap();
    assert!(
        agent.starts_with("terraform-provider-realtimekit/"),
        "{agent}"
    );
    assert!(agent.ends_with(" pipeline/7 (team a)"), "{agent}");
}

#[test]
fn user_agent_that_no_header_can_hold_is_an_error_that_names_the_variable() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.set("TF_APPEND_USER_AGENT", "pipeline\nx-injected: 1");

    let ran = terraform.apply_fails("data \"realtimekit_webhooks\" \"all\" {}");

    assert!(ran.text.contains("Invalid User Agent"), "{ran}");
    assert!(ran.text.contains("TF_APPEND_USER_AGENT"), "{ran}");
    assert!(api.calls().is_empty());
}

#[test]
fn malformed_proxy_is_an_error_that_names_the_variable_and_not_its_value() {
    let api = live();
    let mut terraform = Terraform::new(&api);
    terraform.set("CLOUDFLARE_BASE_URL", "https://api.example");
    terraform.set("HTTPS_PROXY", "ftp://user:s3cret@proxy.example");

    let ran = terraform.apply_fails("data \"realtimekit_webhooks\" \"all\" {}");

    let expected = "the environment variable HTTPS_PROXY is not a valid proxy";
    assert!(ran.text.contains(expected), "{ran}");
    assert!(!ran.text.contains("s3cret"), "{ran}");
}
