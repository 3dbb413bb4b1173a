//! Commands that are interrupted or killed.

use std::{
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::Workspace;

impl Workspace {
    /// Starts a command in a process group of its own.
    pub(crate) fn start(&self, arguments: &str) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).spawn().unwrap()
    }
}

/// Waits for something that must happen while a process runs; answers whether it still runs.
pub(crate) fn wait_for(child: &mut Child, mut happened: impl FnMut() -> bool) -> bool {
    while !happened() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Sends a signal to a process, or to a group if the target starts with `-`; it may have ended.
pub(crate) fn signal(name: &str, target: &str) -> bool {
    let mut kill = Command::new("kill");
    kill.args(["-s", name, "--", target]).stderr(Stdio::null());
    kill.status().unwrap().success()
}
