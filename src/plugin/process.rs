//! What the process as a whole does: how it reports a panic, and who may read its memory.
//!
//! Terraform takes a line that begins with `panic: ` for the end of the plugin: when the command
//! fails it prints that line and all that follow, and says that the plugin crashed. That is right for a
//! panic that ends the process. One in a task does not: the server lives on, the call is answered with
//! a diagnostic, and to call that a crash would be untrue and, since later log records would be
//! taken for a part of the stack trace, misleading. It becomes a log record.

use std::{
    backtrace::Backtrace,
    io::{self, Write},
    panic::{self, PanicHookInfo},
};

use tracing::error;

/// Makes every panic from here on known to Terraform.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(report));
}

fn report(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("(no message)");
    let location = info.location().map(ToString::to_string).unwrap_or_default();
    let backtrace = Backtrace::force_capture();
    if tokio::task::try_id().is_some() {
        error!(panic = message, location, %backtrace, "a task panicked; this is a bug in the provider");
    } else {
        let crash = crash(message, &location, &backtrace.to_string());
        let _ = io::stderr().lock().write_all(crash.as_bytes()); // stderr is the last resort
    }
}

/// What Terraform shows of a plugin that crashed.
fn crash(message: &str, location: &str, backtrace: &str) -> String {
    format!("panic: {message}\n\nat {location}\n\n{backtrace}\n")
}

// The memory holds the API token. Best effort: where the system refuses, the provider serves all
// the same, and the log says so.

/// Forbids core dumps and, on Linux, debuggers and the reading of `/proc/<pid>` by other
/// processes of this user; root may do all of that anyway.
pub fn keep_memory_private() {
    forbid_core_dumps();
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // a core that is piped to a program knows no limit, and this keeps it away too
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "the memory of this process could not be made private");
        }
    }
}

/// Forbids core dumps, and leaves the process open to debuggers.
pub fn forbid_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        if let Err(error) = setrlimit(Resource::Core, none) {
            tracing::warn!(%error, "core dumps could not be switched off");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_begins_as_terraform_expects_it() {
        let crash = crash("left is not right", "src/main.rs:1:2", "0: main");

        assert_eq!(
            crash,
            "panic: left is not right\n\nat src/main.rs:1:2\n\n0: main\n"
        );
    }
}
