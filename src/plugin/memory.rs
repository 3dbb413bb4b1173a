//! Keeps what is in the memory of this process, a token among it, out of files and other processes.
//!
//! Best effort: where the system refuses, the provider serves all the same, and the log says so.

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
