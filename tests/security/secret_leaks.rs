//! What must not be found anywhere: the token, and what the URL of a webhook keeps secret.

use std::{fs, os::unix::process::ExitStatusExt, time::Duration};

use http::{Method, StatusCode};
use realtimekit::mock_api::Fault;

use crate::{
    processes::providers_of,
    support::{Calls, Launch, calls::only, object, provider_block},
    terraform::{APPLY, Ran, TOKEN, Workspace, bell, block, signal, wait_for},
};

/// What a sensitive variable holds, which Terraform itself shows nowhere.
const URL: &str = "https://s3cret-user:s3cret-word@example.com/bell?key=s3cret-key";
const SECRET: &str = "s3cret-";
const SHOWN: &str = "https://***@example.com/bell?key=***";

/// A Terraform that logs everything, and has [`URL`] in a variable.
fn talkative() -> Workspace {
    let mut w = Workspace::new();
    w.set("TF_LOG", "TRACE");
    w.set("TF_VAR_url", URL);
    let variable = block("variable url", "type = string\nsensitive = true");
    let provider = block("provider realtimekit", "max_retries = 0");
    w.write(provider + &variable + &bell("url = var.url"));
    w
}

#[track_caller]
fn expect_nothing_secret(said: &str) {
    for secret in [TOKEN, SECRET] {
        let line = said.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is shown");
    }
}

/// Terraform's own log has what goes over the protocol's wire in some versions; ours must not.
#[track_caller]
fn expect_nothing_secret_of_ours(ran: &Ran) {
    let lines = ran.stderr.lines();
    let ours = lines.filter(|line| line.contains("provider.terraform-provider-realtimekit"));
    let ours = ours.collect::<Vec<_>>().join("\n");
    assert!(ours.contains("POST"), "it was logged");
    expect_nothing_secret(&ours);
    expect_nothing_secret(&ran.stdout);
}

#[test]
fn what_a_url_keeps_secret_is_in_no_log_and_no_error() {
    let taken = r#"{"success":false,"error":{"code":409,"message":"URL exists: URL"}}"#;
    for fault in [
        Fault::body(StatusCode::CONFLICT, taken.replace("URL", URL)),
        Fault::body(StatusCode::INTERNAL_SERVER_ERROR, format!("<p>{URL}")),
        Fault::drop_connection(),
    ] {
        let w = talkative();

        w.fail(Method::POST, usize::MAX, fault);
        let ran = w.fails(APPLY, "");

        expect_nothing_secret_of_ours(&ran);
        let shown = ran.text.contains("example.com/bell") || !ran.text.contains("\"https://");
        assert!(shown, "the URL can be recognized: {ran}");
    }
}

#[test]
fn what_the_url_of_another_webhook_keeps_secret_is_not_told() {
    let mut w = talkative();
    w.add("other", URL);

    let taken = w.fails(APPLY, &format!("URL Already in Use | {SHOWN}"));
    w.unset("TF_LOG");
    let none = block("data realtimekit_webhook none", "name = \"no such\"");
    let missing = w.plan_fails(&none, &format!("No Such Webhook | {SHOWN}"));

    expect_nothing_secret_of_ours(&taken);
    expect_nothing_secret(&missing.to_string());
}

#[test]
fn provider_that_is_killed_leaves_the_token_nowhere_and_has_it_in_no_command_line() {
    for name in ["KILL", "ABRT", "TERM"] {
        let mut w = Workspace::new();
        let directory = w.path().to_str().unwrap().to_owned();
        w.set("TF_LOG", "TRACE");
        w.set("TF_LOG_PATH", &format!("{directory}/log"));
        w.set("TMPDIR", &directory); // a socket may be left
        w.write(bell(""));
        w.fail(Method::POST, 1, Fault::delay(Duration::from_secs(1)));

        let mut child = w.start(APPLY);
        assert!(wait_for(&mut child, || !w.writes().is_empty()));
        let [provider] = providers_of(child.id()).try_into().unwrap();
        for id in [provider, child.id()] {
            let line = fs::read(format!("/proc/{id}/cmdline")).unwrap();
            expect_nothing_secret(&String::from_utf8_lossy(&line));
        }
        assert!(signal(name, &provider.to_string()));
        let ran = Ran::from(child.wait_with_output().unwrap());

        assert_eq!(ran.succeeded, name == "TERM", "{name}");
        expect_nothing_secret(&ran.to_string());
        let paths = fs::read_dir(w.path()).unwrap().map(|it| it.unwrap().path());
        let files: Vec<_> = paths.filter(|path| path.is_file()).collect();
        assert!(files.len() >= 3, "the log, the configuration and others");
        for file in files {
            expect_nothing_secret(&String::from_utf8_lossy(&fs::read(file).unwrap()));
        }
    }
}

#[tokio::test]
async fn debug_mode_tells_nobody_the_token() {
    let w = Workspace::new();
    let mut plugin = Launch::debug().env("TF_LOG", "TRACE").spawn();
    let server = plugin.debug_server().await;
    let calls = Calls::new(server.channel(None).await.unwrap());
    let echo = format!("Authorization: Bearer {TOKEN} is not right, nor is {URL}");
    let refusal = Fault::body(StatusCode::UNAUTHORIZED, echo);

    w.api.fail_next(1, refusal);
    calls
        .configure("1.15.5", &provider_block(&w.api, &[]))
        .await;
    let query = object("account_id app_id webhooks", &[]);
    let answer = calls.look_up("realtimekit_webhooks", &query).await;
    plugin.signal("INT");
    let exit = plugin.exit().await;

    only(&answer.diagnostics, "error: Could Not List the Webhooks");
    assert!(exit.stderr.contains("got an answer"), "{}", exit.stderr);
    expect_nothing_secret(&format!("{answer:?} {exit:?}"));
}

#[tokio::test]
async fn a_crash_leaves_no_core_behind() {
    for launch in [Launch::new(), Launch::debug()] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_str().unwrap();
        let mut plugin = launch.temporary(path).spawn();
        plugin.line().await;
        let limits = fs::read_to_string(format!("/proc/{}/limits", plugin.id())).unwrap();

        plugin.signal("ABRT");
        let status = plugin.exit().await.status;

        assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
        let (_, core) = limits.split_once("Max core file size").unwrap();
        let mut soft_and_hard = core.split_whitespace().take(2);
        assert!(soft_and_hard.all(|limit| limit == "0"), "{limits}");
    }
}
