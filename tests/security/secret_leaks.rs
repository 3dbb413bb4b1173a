//! What must not be found anywhere: the token, and what the URL of a webhook keeps secret.

use std::{
    fs,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, MockApi};

use crate::{
    processes::providers_of,
    support::{Calls, Launch, object, provider_block, provider_client},
    terraform::{self, ACCOUNT, APP, TOKEN, Terraform},
};

/// What a sensitive variable holds, which Terraform itself shows nowhere.
const URL: &str = "https://s3cret-user:s3cret-word@example.com/bell?key=s3cret-key";
const SECRET: &str = "s3cret-";

const SENSITIVE_BELL: &str = r#"
provider "realtimekit" {
  max_retries = 0
}

variable "url" {
  type      = string
  sensitive = true
}

resource "realtimekit_webhook" "bell" {
  name   = "bell"
  url    = var.url
  events = ["meeting.started"]
}
"#;

/// A Terraform that logs everything, and has [`URL`] in a variable.
fn talkative(api: &MockApi) -> Terraform {
    let mut terraform = Terraform::new(api);
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_VAR_url", URL);
    terraform.write(SENSITIVE_BELL);
    terraform
}

#[track_caller]
fn expect_nothing_secret(said: &str) {
    for secret in [TOKEN, SECRET] {
        let line = said.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is shown");
    }
}

/// Terraform's own log has what goes over the protocol's wire in some versions; ours must not.
fn provider_lines(stderr: &str) -> String {
    let ours = stderr
        .lines()
        .filter(|line| line.contains("provider.terraform-provider-realtimekit"));
    ours.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_url_keeps_secret_is_in_no_log_and_no_error() {
    let taken = r#"{"success":false,"error":{"code":409,"message":"URL exists: URL"}}"#;
    let faults = [
        Fault::body(StatusCode::CONFLICT, taken.replace("URL", URL)),
        Fault::body(StatusCode::BAD_REQUEST, taken.replace("URL", URL)),
        Fault::body(StatusCode::INTERNAL_SERVER_ERROR, format!("<p>{URL}")),
        Fault::drop_connection(),
    ];
    for fault in faults {
        let api = terraform::live();
        let terraform = talkative(&api);

        api.fail(Matcher::method(Method::POST), usize::MAX, fault);
        let ran = terraform.run(&["apply", "-auto-approve"]);

        assert!(!ran.succeeded, "the fault was met");
        assert!(
            provider_lines(&ran.stderr).contains("POST"),
            "it was logged"
        );
        expect_nothing_secret(&ran.stdout);
        expect_nothing_secret(&provider_lines(&ran.stderr));
        let shown = ran.text.contains("example.com/bell") || !ran.text.contains("\"https://");
        assert!(shown, "the URL can be recognised: {ran}");
    }
}

#[test]
fn what_the_url_of_another_webhook_keeps_secret_is_not_told() {
    let api = terraform::live();
    let mut terraform = talkative(&api);
    let events = ["meeting.started"];
    api.add_webhook(ACCOUNT, APP, "other", URL, &events);

    let taken = terraform.run(&["apply", "-auto-approve"]);
    terraform.unset("TF_LOG");
    terraform.write("data \"realtimekit_webhook\" \"none\" {\n  name = \"no such\"\n}\n");
    let missing = terraform.run(&["plan"]);

    taken.says(&["URL Already in Use", "https://***@example.com/bell?key=***"]);
    missing.says(&["No Such Webhook", "https://***@example.com/bell?key=***"]);
    expect_nothing_secret(&taken.stdout);
    expect_nothing_secret(&provider_lines(&taken.stderr));
    expect_nothing_secret(&format!("{missing}"));
}

#[test]
fn another_host_gets_neither_a_request_nor_the_token_by_a_redirect() {
    for status in [302, 307, 308] {
        let (api, elsewhere) = (terraform::live(), terraform::live());
        let mut terraform = talkative(&api);
        terraform.set("TF_LOG", "");
        let location = format!("{}/accounts?key=s3cret-key", elsewhere.base_url());
        let redirect = Fault::status(StatusCode::from_u16(status).unwrap());
        let redirect = redirect.header("location", &location).unwrap();

        api.fail(Matcher::any(), usize::MAX, redirect);
        let ran = terraform.run(&["apply", "-auto-approve"]);

        ran.says(&["redirects are not followed"]);
        assert_eq!(elsewhere.calls().len(), 0, "{status}");
        expect_nothing_secret(&format!("{ran}"));
    }
}

/// Starts an apply that logs everything to a file, and waits until it creates a webhook.
fn apply_under_way(terraform: &mut Terraform, api: &MockApi) -> Child {
    let log = terraform.path().join("log");
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PATH", log.to_str().unwrap());
    let temporary = terraform.path().to_str().unwrap().to_owned();
    terraform.set("TMPDIR", &temporary); // a socket may be left
    terraform.write(&terraform::bell(terraform::BELL_ATTRIBUTES));
    let slow = Fault::delay(Duration::from_secs(1));
    api.fail(Matcher::method(Method::POST), 1, slow);
    let mut command = terraform.command(&["apply", "-auto-approve"]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    while api.calls().iter().all(|call| call.method != Method::POST) {
        assert_eq!(child.try_wait().unwrap(), None, "terraform has ended");
        thread::sleep(Duration::from_millis(1));
    }
    child
}

#[test]
fn the_token_is_in_no_command_line() {
    let api = terraform::live();
    let mut terraform = Terraform::new(&api);

    let mut child = apply_under_way(&mut terraform, &api);
    let providers = providers_of(child.id());
    let terraform_itself = child.id();
    let processes = providers.iter().chain([&terraform_itself]);
    let lines: Vec<_> = processes
        .map(|id| fs::read(format!("/proc/{id}/cmdline")).unwrap())
        .collect();
    child.wait().unwrap();

    assert_eq!(providers.len(), 1);
    for line in lines {
        expect_nothing_secret(&String::from_utf8_lossy(&line));
    }
}

#[test]
fn a_provider_that_is_killed_leaves_the_token_nowhere() {
    for signal in ["KILL", "ABRT", "TERM"] {
        let api = terraform::live();
        let mut terraform = Terraform::new(&api);

        let child = apply_under_way(&mut terraform, &api);
        let provider = providers_of(child.id())[0].to_string();
        let mut kill = Command::new("kill");
        assert!(
            kill.args(["-s", signal, &provider])
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();

        assert_eq!(output.status.success(), signal == "TERM", "{signal}");
        expect_nothing_secret(&String::from_utf8_lossy(&output.stdout));
        expect_nothing_secret(&String::from_utf8_lossy(&output.stderr));
        let mut files = 0;
        for entry in fs::read_dir(terraform.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                files += 1;
                expect_nothing_secret(&String::from_utf8_lossy(&fs::read(path).unwrap()));
            }
        }
        assert!(files >= 3, "the log, the configuration and others");
    }
}

#[tokio::test]
async fn debug_mode_tells_nobody_the_token() {
    let api = terraform::live();
    let launch = Launch::by_hand()
        .argument("-debug")
        .env("TF_LOG", "TRACE")
        .env("CLOUDFLARE_BASE_URL", &api.base_url());
    let mut plugin = launch.spawn();
    let server = plugin.debug_server().await;
    let mut calls = Calls::new(provider_client(server.channel(None).await.unwrap()));
    let echo = format!("Authorization: Bearer {TOKEN} is not right, nor is {URL}");
    for fault in [
        Fault::body(StatusCode::UNAUTHORIZED, echo.clone()),
        Fault::body(StatusCode::OK, echo.clone()),
    ] {
        api.fail_next(1, fault);
    }

    calls.configure("1.15.5", &provider_block(&api, &[])).await;
    let query = object(&["account_id", "app_id", "webhooks"], &[]);
    let mut said = String::new();
    for _ in 0..2 {
        said += &format!("{:?}", calls.look_up("realtimekit_webhooks", &query).await);
    }
    plugin.signal("INT");
    let exit = plugin.exit().await;

    assert!(said.contains("Could Not List the Webhooks"), "{said}");
    assert!(exit.stderr.contains("got an answer"), "{}", exit.stderr);
    expect_nothing_secret(&(said + &exit.stderr + &exit.stdout));
}

#[test]
fn a_crash_leaves_no_core_behind() {
    for arguments in [&[][..], &["-debug"]] {
        let directory = tempfile::tempdir().unwrap();
        let program = env!("CARGO_BIN_EXE_terraform-provider-realtimekit");
        let script = format!("ulimit -c unlimited 2>/dev/null; exec {program} \"$@\"");
        let mut child = Command::new("/bin/sh")
            .args(["-c", &script, "sh"])
            .args(arguments)
            .env("TMPDIR", directory.path())
            .env(
                "TF_PLUGIN_MAGIC_COOKIE",
                "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
            )
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut first = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
        let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();

        let killed = Command::new("kill")
            .args(["-s", "ABRT", &child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        let status = child.wait().unwrap();

        assert_eq!(status.signal(), Some(6), "{status:?}");
        assert!(!status.core_dumped());
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<_> = core.unwrap().split_whitespace().collect();
        assert_eq!(words[4..6], ["0", "0"], "{words:?}");
    }
}
