//! `cargo run --example demo`, the first command of the README.

use std::{env::consts::EXE_SUFFIX, fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    cargo,
    support::{Ran, guide, provider},
};

#[test]
fn demo_as_the_guide_shows_it_shows_the_life_of_a_webhook() {
    let shown = guide("getting-started/demo.sh");

    let ran = run(&mut cargo(shown.trim_start_matches("cargo ")));

    assert!(ran.succeeded, "{ran}");
    let mut rest = &*ran.stdout;
    for milestone in [
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
    ] {
        let found = rest.split_once(milestone);
        (_, rest) = found.unwrap_or_else(|| panic!("no {milestone:?} in:\n{rest}"));
    }
}

#[test]
fn settings_of_the_user_neither_reach_the_demo_nor_stop_it() {
    let mut demo = demo();
    demo.env("CLOUDFLARE_API_TOKEN", "the user's")
        .env("CLOUDFLARE_BASE_URL", "https://localhost:1")
        .env("REALTIMEKIT_APP_ID", "the user's")
        .env("HTTP_PROXY", "http://localhost:1")
        .env("TF_CLI_ARGS", "-no-such-option")
        .env("TF_CLI_CONFIG_FILE", "/no/such/file")
        .env("TF_DATA_DIR", "/proc/no/such/directory")
        .env("TF_WORKSPACE", "the user's");

    let ran = run(&mut demo);

    assert!(ran.succeeded, "{ran}");
}

#[test]
fn demo_without_terraform_says_how_to_get_it() {
    let ran = run(demo().env("PATH", ""));

    assert!(!ran.succeeded);
    ran.says("neither terraform nor tofu is on PATH. Install");
}

/// A program on PATH that is older than a step of the demo needs.
#[cfg(unix)]
#[test]
fn demo_with_an_old_terraform_says_so_before_the_first_step() {
    use std::os::unix::fs::PermissionsExt;

    for (name, version, needed) in [("terraform", "1.4.7", "1.5"), ("tofu", "1.5.0-dev", "1.6")] {
        let programs = TempDir::new().unwrap();
        let program = programs.path().join(name);
        let answer =
            format!("{{\"terraform_version\":\"{version}\",\"platform\":\"linux_amd64\"}}");
        fs::write(&program, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

        let ran = run(demo().env("PATH", programs.path()));

        assert!(!ran.succeeded && !ran.stdout.contains("$ "), "{ran}");
        ran.says(&format!(
            "{name} on PATH is version {version}, and the demo needs {needed} or newer, for import \
             blocks."
        ));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_demo_and_leaves_nothing() {
    use std::{
        io::{BufRead, BufReader},
        os::unix::process::CommandExt,
        process::Stdio,
    };

    use crate::support::signal;

    let temporary = TempDir::new().unwrap();
    let mut demo = demo();
    demo.env("TMPDIR", temporary.path()).process_group(0); // as a shell does
    let mut demo = demo.stdout(Stdio::piped()).spawn().unwrap();
    let group = format!("-{}", demo.id());
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let is_applying = |line: &str| line.contains("meetings: Creating...");
    assert!(lines.any(|line| is_applying(&line.unwrap())));

    assert!(signal("INT", &group));

    let rest = lines.map(Result::unwrap).collect::<Vec<_>>().join("\n");
    assert_eq!(demo.wait().unwrap().code(), Some(130), "{rest}");
    assert!(!rest.contains("Done. All steps succeeded"), "{rest}");
    assert!(!signal("0", &group), "a process is left");
    expect_empty(temporary.path());
}

/// The demo, built by Cargo as it builds this test.
fn demo() -> Command {
    let built = cargo("build --example demo").status().unwrap();
    assert!(built.success());
    let examples = provider().with_file_name("examples");
    Command::new(examples.join(format!("demo{EXE_SUFFIX}")))
}

/// Runs a command in a temporary directory, in which it must leave nothing.
fn run(command: &mut Command) -> Ran {
    let temporary = TempDir::new().unwrap();
    let output = command.env("TMPDIR", temporary.path()).output().unwrap();
    expect_empty(temporary.path());
    Ran::from(output)
}

#[track_caller]
fn expect_empty(directory: &Path) {
    let entries = fs::read_dir(directory).unwrap();
    let left: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}
