//! `cargo run --example demo`, the first command of the README.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails its test"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use serde_json::Value;
use tempfile::TempDir;

/// As the guide getting-started/demo.sh shows it.
#[test]
fn it_shows_the_life_of_a_webhook_and_leaves_nothing() {
    let temporary = TempDir::new().unwrap();
    let shown = include_str!("../examples/guides/getting-started/demo.sh");
    let arguments: Vec<&str> = shown.split_whitespace().skip(1).collect();
    let mut cargo = cargo(&arguments);
    cargo.args(["--locked", "--quiet"]);

    let output = cargo.env("TMPDIR", temporary.path()).output().unwrap();

    expect_success(&output);
    let shown = String::from_utf8(output.stdout).unwrap();
    let milestones = [
        "has been successfully initialized!",
        "realtimekit_webhook.meetings will be created",
        "realtimekit_webhook.meetings: Creation complete",
        "realtimekit_webhook.meetings will be updated in-place",
        "No changes.",
        "~ enabled    = false -> true",
        "realtimekit_webhook.recordings will be imported",
        "realtimekit_webhook.recordings: Import complete",
        "No changes.",
        "data.realtimekit_webhooks.all: Read complete",
        "Destroy complete! Resources: 2 destroyed.",
        "POST …/webhooks -> 201",
        "Done. All steps succeeded",
    ];
    expect_in_order(&shown, &milestones);
    expect_empty(temporary.path());
}

#[test]
fn what_the_user_has_set_neither_reaches_it_nor_stops_it() {
    let temporary = TempDir::new().unwrap();

    let output = demo(temporary.path())
        .env("CLOUDFLARE_API_TOKEN", "the user's")
        .env("CLOUDFLARE_BASE_URL", "https://localhost:1")
        .env("REALTIMEKIT_APP_ID", "the user's")
        .env("HTTP_PROXY", "http://localhost:1")
        .env("TF_CLI_ARGS", "-no-such-option")
        .env("TF_CLI_CONFIG_FILE", "/no/such/file")
        .env("TF_DATA_DIR", "/proc/no/such/directory")
        .env("TF_WORKSPACE", "the user's")
        .output()
        .unwrap();

    expect_success(&output);
}

#[test]
fn without_terraform_it_says_how_to_get_it() {
    let temporary = TempDir::new().unwrap();

    let output = demo(temporary.path()).env("PATH", "").output().unwrap();

    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(
        complaint.contains("neither terraform nor tofu is on PATH. Install"),
        "{complaint}"
    );
    expect_empty(temporary.path());
}

/// A program on PATH that is older than a step of the demo needs.
#[cfg(unix)]
#[test]
fn with_an_old_terraform_it_says_so_before_the_first_step() {
    use std::os::unix::fs::PermissionsExt;

    for (name, version, needed) in [("terraform", "1.4.7", "1.5"), ("tofu", "1.5.0-dev", "1.6")] {
        let temporary = TempDir::new().unwrap();
        let programs = TempDir::new().unwrap();
        let program = programs.path().join(name);
        let answer =
            format!("{{\"terraform_version\":\"{version}\",\"platform\":\"linux_amd64\"}}");
        fs::write(&program, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

        let output = demo(temporary.path())
            .env("PATH", programs.path())
            .output()
            .unwrap();

        let error = String::from_utf8(output.stderr).unwrap();
        let expected = format!(
            "{name} on PATH is version {version}, and the demo needs {needed} or newer, for import \
             blocks."
        );
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(&expected), "{error}");
        assert!(
            !String::from_utf8_lossy(&output.stdout).contains("$ "),
            "no step ran"
        );
        expect_empty(temporary.path());
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_leaves_nothing() {
    use std::{
        io::{BufRead, BufReader},
        os::unix::process::CommandExt,
    };

    let temporary = TempDir::new().unwrap();
    let mut demo = demo(temporary.path())
        .process_group(0) // as a shell does
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let is_applying = |line: &str| line.contains("meetings: Creating...");
    assert!(lines.any(|line| is_applying(&line.unwrap())));

    assert!(signal_group("INT", demo.id()));

    let rest = lines.map(Result::unwrap).collect::<Vec<_>>().join("\n");
    assert_eq!(demo.wait().unwrap().code(), Some(130), "{rest}");
    assert!(!rest.contains("Done. All steps succeeded"), "{rest}");
    assert!(!signal_group("0", demo.id()), "a process is left");
    expect_empty(temporary.path());
}

/// Answers whether there is any process in the group.
#[cfg(unix)]
fn signal_group(signal: &str, group: u32) -> bool {
    let group = format!("-{group}");
    let kill = Command::new("kill")
        .args(["-s", signal, "--", &group])
        .stderr(std::process::Stdio::null())
        .status();
    kill.unwrap().success()
}

/// The demo, to be run in that temporary directory.
fn demo(temporary: &Path) -> Command {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    let mut demo = Command::new(EXECUTABLE.get_or_init(build));
    demo.env("TMPDIR", temporary);
    demo
}

fn build() -> PathBuf {
    let output = cargo(&["build", "--locked", "--example", "demo"])
        .args(["--message-format", "json-render-diagnostics"])
        .output()
        .unwrap();
    expect_success(&output);
    let messages = output.stdout.split(|&byte| byte == b'\n');
    messages
        .filter_map(|message| serde_json::from_slice::<Value>(message).ok())
        .filter(|message| message["target"]["name"] == "demo")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .unwrap()
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo
}

#[track_caller]
fn expect_success(output: &Output) {
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{stdout}\n{stderr}");
}

#[track_caller]
fn expect_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let found = rest.split_once(part);
        rest = found.unwrap_or_else(|| panic!("no {part:?} in:\n{rest}")).1;
    }
}

#[track_caller]
fn expect_empty(directory: &Path) {
    let left: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}
