//! The token is in no file and in no output, at any log level.

use std::{fs, path::Path};

use http::{Method, StatusCode};
use realtimekit::mock_api::Fault;

use crate::support::*;

/// Everything that was written below `directory`, as one text.
fn written(directory: &Path) -> String {
    let entries = fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let texts = paths.map(|path| match path.is_dir() {
        true => written(&path),
        false => String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
    });
    texts.collect()
}

/// The token of the environment, and one of the configuration.
#[test]
fn token_is_in_no_file_and_no_output() {
    let variable = block("variable token", "type = string\nsensitive = true");
    let provider = variable + &block("provider realtimekit", "api_token = var.token");
    // Terraform's own log has the variables of the configuration in some versions.
    for (token, log, settings) in [
        ("CLOUDFLARE_API_TOKEN", "TF_LOG", ""),
        ("TF_VAR_token", "TF_LOG_PROVIDER", &provider),
    ] {
        let mut w = Workspace::new();
        w.unset("CLOUDFLARE_API_TOKEN");
        w.set(token, TOKEN);
        w.set(log, "TRACE");
        w.write(settings.to_owned() + &bell(""));

        let mut output = String::new();
        let mut run = |arguments: &str| output += &w.run(arguments).to_string();
        run("validate");
        run("plan -out=plan");
        run("apply plan");
        run("show -json");
        w.api.fail_next(1, StatusCode::INTERNAL_SERVER_ERROR);
        run("plan");
        let echo = Fault::body(StatusCode::BAD_REQUEST, format!("<p>the token {TOKEN}"));
        w.fail(Method::DELETE, 1, echo);
        run("destroy -auto-approve");

        let log = "provider.terraform-provider-realtimekit";
        for part in [log, "Could Not Delete the Webhook", "<redacted>"] {
            assert!(output.contains(part), "{part} is not there");
        }
        assert!(!output.contains(TOKEN), "the token is in the output");
        assert!(!written(w.path()).contains(TOKEN), "the token is in a file");
    }
}
