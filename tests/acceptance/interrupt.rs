//! Ctrl-C: an interrupt to Terraform and the provider at once.

use std::{
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::*;

/// Runs a command, interrupts it once it is `ready`, and says how long it took to end then.
pub(crate) fn after(
    terraform: &Terraform,
    arguments: &[&str],
    ready: impl Fn() -> bool,
) -> (Ran, Duration) {
    let mut command = terraform.command(arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.process_group(0).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while !ready() {
        assert!(Instant::now() < patience, "terraform did not get there");
        thread::sleep(Duration::from_millis(20));
    }
    let group = format!("-{}", child.id());
    assert!(
        Command::new("kill")
            .args(["-INT", "--", &group])
            .status()
            .unwrap()
            .success()
    );
    let interrupted = Instant::now();
    let ran = child.wait_with_output().unwrap().into();
    (ran, interrupted.elapsed())
}
