//! `cargo run --example demo`, the first command of the README.
#![expect(clippy::unwrap_used, reason = "a failed helper fails its test")]

use std::{
    env::consts::EXE_SUFFIX,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// As the guide getting-started/demo.sh shows it.
#[test]
fn it_shows_the_life_of_a_webhook_and_leaves_nothing() {
    let shown = include_str!("../examples/guides/getting-started/demo.sh");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(shown.split_whitespace().skip(1))
        .args(["--locked", "--quiet"]);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));

    let output = run(&mut cargo);

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
    let mut rest = shown.as_str();
    for milestone in milestones {
        let found = rest.split_once(milestone);
        rest = found
            .unwrap_or_else(|| panic!("no {milestone:?} in:\n{rest}"))
            .1;
    }
}

#[test]
fn what_the_user_has_set_neither_reaches_it_nor_stops_it() {
    let mut demo = demo();
    demo.env("CLOUDFLARE_API_TOKEN", "the user's")
        .env("CLOUDFLARE_BASE_URL", "https://localhost:1")
        .env("REALTIMEKIT_APP_ID", "the user's")
        .env("HTTP_PROXY", "http://localhost:1")
        .env("TF_CLI_ARGS", "-no-such-option")
        .env("TF_CLI_CONFIG_FILE", "/no/such/file")
        .env("TF_DATA_DIR", "/proc/no/such/directory")
        .env("TF_WORKSPACE", "the user's");

    expect_success(&run(&mut demo));
}

#[test]
fn without_terraform_it_says_how_to_get_it() {
    let output = run(demo().env("PATH", ""));

    expect_failure(&output, "neither terraform nor tofu is on PATH. Install");
}

/// A program on PATH that is older than a step of the demo needs.
#[cfg(unix)]
#[test]
fn with_an_old_terraform_it_says_so_before_the_first_step() {
    use std::os::unix::fs::PermissionsExt;

    for (name, version, needed) in [("terraform", "1.4.7", "1.5"), ("tofu", "1.5.0-dev", "1.6")] {
        let programs = TempDir::new().unwrap();
        let program = programs.path().join(name);
        let answer =
            format!("{{\"terraform_version\":\"{version}\",\"platform\":\"linux_amd64\"}}");
        fs::write(&program, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

        let output = run(demo().env("PATH", programs.path()));

        let needs = format!("the demo needs {needed} or newer, for import blocks.");
        expect_failure(
            &output,
            &format!("{name} on PATH is version {version}, and {needs}"),
        );
        assert!(
            !String::from_utf8_lossy(&output.stdout).contains("$ "),
            "no step ran"
        );
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_leaves_nothing() {
    use std::{
        io::{BufRead, BufReader},
        os::unix::process::CommandExt,
        process::Stdio,
    };

    let temporary = TempDir::new().unwrap();
    let mut demo = demo();
    demo.env("TMPDIR", temporary.path()).process_group(0); // as a shell does
    let mut demo = demo.stdout(Stdio::piped()).spawn().unwrap();
    let group = format!("-{}", demo.id());
    let signal_group = |name: &str| {
        let mut kill = Command::new("kill");
        kill.args(["-s", name, "--", &group]).stderr(Stdio::null());
        kill.status().unwrap().success()
    };
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let is_applying = |line: &str| line.contains("meetings: Creating...");
    assert!(lines.any(|line| is_applying(&line.unwrap())));

    assert!(signal_group("INT"));

    let rest = lines.map(Result::unwrap).collect::<Vec<_>>().join("\n");
    assert_eq!(demo.wait().unwrap().code(), Some(130), "{rest}");
    assert!(!rest.contains("Done. All steps succeeded"), "{rest}");
    assert!(!signal_group("0"), "a process is left");
    expect_empty(temporary.path());
}

/// The demo, built by Cargo as it builds this test.
fn demo() -> Command {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--example", "demo"]);
    assert!(build.status().unwrap().success());
    let built = PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
    Command::new(
        built
            .with_file_name("examples")
            .join(format!("demo{EXE_SUFFIX}")),
    )
}

/// Runs a command in a temporary directory, in which it must leave nothing.
fn run(command: &mut Command) -> Output {
    let temporary = TempDir::new().unwrap();
    let output = command.env("TMPDIR", temporary.path()).output().unwrap();
    expect_empty(temporary.path());
    output
}

#[track_caller]
fn expect_success(output: &Output) {
    let texts = [&output.stdout, &output.stderr];
    let [stdout, stderr] = texts.map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{stdout}\n{stderr}");
}

#[track_caller]
fn expect_failure(output: &Output, words: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(words), "{stderr}");
}

#[track_caller]
fn expect_empty(directory: &Path) {
    let entries = fs::read_dir(directory).unwrap();
    let left: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}
