//! The token is in no file and in no output, at any log level.

use std::{fs, path::Path};

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher};

use crate::support::*;

/// Everything that was written below `directory`, as one text.
fn written(directory: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &written(&path);
        } else {
            text += &String::from_utf8_lossy(&fs::read(&path).unwrap());
        }
    }
    text
}

#[test]
fn token_is_in_no_file_and_no_output() {
    let (api, mut terraform) = setup();
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PROVIDER_REALTIMEKIT", "TRACE");
    terraform.write(&bell(BELL_ATTRIBUTES));

    let mut output = String::new();
    let mut run = |arguments: &[&str]| {
        let ran = terraform.run(arguments);
        output += &ran.stdout;
        output += &ran.stderr;
    };
    run(&["validate"]);
    run(&["plan", "-out=plan"]);
    run(&["show", "-json", "plan"]);
    run(&["apply", "plan"]);
    run(&["show", "-json"]);
    api.fail_next(1, StatusCode::INTERNAL_SERVER_ERROR);
    run(&["plan"]);
    run(&["plan", "-refresh=false", "-out=plan", "-destroy"]);
    api.fail_next(1, StatusCode::FORBIDDEN);
    run(&["apply", "plan"]);
    run(&["destroy", "-auto-approve"]);

    assert!(
        output.contains("provider.terraform-provider-realtimekit"),
        "provider logs are there"
    );
    assert!(
        output.contains("Could Not Delete the Webhook"),
        "the failures happened"
    );
    assert!(!output.contains(TOKEN), "the token is in the output");
    assert!(
        !written(terraform.path()).contains(TOKEN),
        "the token is in a file"
    );
}

#[test]
fn token_repeated_by_the_server_is_redacted() {
    let (api, terraform) = setup();
    let echo =
        format!("{{\"success\":false,\"error\":{{\"code\":400,\"message\":\"bad: {TOKEN}\"}}}}");

    let echo = Fault::body(StatusCode::BAD_REQUEST, echo);
    api.fail(Matcher::method(Method::POST), 1, echo);
    let ran = terraform.apply_fails(&bell(BELL_ATTRIBUTES));

    ran.says(&["Could Not Create the Webhook", "<redacted>"]);
    assert!(!format!("{ran}").contains(TOKEN));
}

#[test]
fn token_of_the_configuration_is_hidden() {
    let (_api, mut terraform) = setup();
    terraform.unset("CLOUDFLARE_API_TOKEN");
    terraform.set("TF_VAR_token", TOKEN);
    terraform.set("TF_LOG_PROVIDER", "TRACE");
    let provider = "variable \"token\" {\n  type = string\n  sensitive = true\n}\n\
                    provider \"realtimekit\" {\n  api_token = var.token\n}\n";

    let ran = terraform.apply(&format!("{provider}{}", bell(BELL_ATTRIBUTES)));

    assert!(!format!("{ran}").contains(TOKEN));
    let state = fs::read_to_string(terraform.path().join("terraform.tfstate")).unwrap();
    assert!(!state.contains(TOKEN));
}
