//! A provider process, seen from outside: its output, its files, its end.

use std::{
    fs,
    process::ExitStatus,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{Handshake, Identity, PATIENCE};

/// A running provider, killed when dropped.
pub(crate) struct Plugin {
    pub(crate) identity: Option<Identity>,
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    stderr: Arc<Mutex<String>>,
    stderr_reader: JoinHandle<()>,
    temporary: TempDir,
}

/// How a provider ended, and what it had written by then.
#[derive(Debug)]
pub(crate) struct Exit {
    pub(crate) status: ExitStatus,
    /// What nobody had read before.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Exit {
    /// It succeeded and wrote nothing more to stdout.
    #[track_caller]
    pub(crate) fn expect_success(&self) {
        assert_eq!((self.status.success(), self.stdout.as_str()), (true, ""));
    }

    /// It ended with this code, wrote nothing to stdout, and this to stderr.
    #[track_caller]
    pub(crate) fn expect_failure(&self, code: i32, text: &str) {
        assert_eq!((self.status.code(), self.stdout.as_str()), (Some(code), ""));
        assert!(self.stderr.contains(text), "{}", self.stderr);
    }
}

impl Plugin {
    pub(super) fn new(mut child: Child, identity: Option<Identity>, temporary: TempDir) -> Self {
        let stderr = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&stderr);
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let stderr_reader = tokio::spawn(async move {
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).await.unwrap() > 0 {
                let text = String::from_utf8_lossy(&line);
                written.lock().unwrap().push_str(&text);
                line.clear();
            }
        });
        Self {
            identity,
            stdout: child.stdout.take().map(BufReader::new),
            child,
            stderr,
            stderr_reader,
            temporary,
        }
    }

    /// The next line of stdout, without its end.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stdout.as_mut().unwrap().read_line(&mut line);
        timeout(PATIENCE, read).await.expect("no line").unwrap();
        assert!(line.ends_with('\n'), "{line:?}, {}", self.stderr());
        line.trim_end().to_owned()
    }

    /// Reads the handshake line.
    pub(crate) async fn handshake(&mut self) -> Handshake {
        Handshake::parse(&self.line().await)
    }

    /// Reads the variable that a server in debug mode prints an assignment of.
    pub(crate) async fn reattach(&mut self) -> Json {
        loop {
            let line = self.line().await;
            // on Windows there is a line for another shell before it
            if let Some((_, value)) = line.split_once("TF_REATTACH_PROVIDERS='") {
                return serde_json::from_str(value.strip_suffix('\'').unwrap()).unwrap();
            }
        }
    }

    /// Reads where a server in debug mode is.
    pub(crate) async fn debug_server(&mut self) -> Handshake {
        let reattach = self.reattach().await;
        let provider = reattach.as_object().unwrap().values().next();
        Handshake::plaintext(provider.unwrap()["Addr"]["String"].as_str().unwrap())
    }

    /// What was written to stderr so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits until `text` is in what was written to stderr.
    pub(crate) async fn stderr_to_contain(&self, text: &str) {
        until(|| self.stderr().contains(text)).await;
    }

    /// The id of the process.
    #[track_caller]
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it has ended")
    }

    /// Sends a signal, such as `INT`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let kill = std::process::Command::new("kill")
            .args(["-s", name, &id])
            .status();
        assert!(kill.unwrap().success());
    }

    /// Closes our ends of stdout and stderr, as the kernel does for a Terraform that was killed.
    #[cfg(unix)]
    pub(crate) async fn abandon(&mut self) {
        self.stdout = None;
        self.stderr_reader.abort();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end of the process and of its output; it must have left no files.
    pub(crate) async fn exit(&mut self) -> Exit {
        let exit = async {
            let mut stdout = String::new();
            if let Some(rest) = &mut self.stdout {
                rest.read_to_string(&mut stdout).await.unwrap();
            }
            let _ = (&mut self.stderr_reader).await; // it may be aborted
            let status = self.child.wait().await.unwrap();
            (status, stdout)
        };
        let (status, stdout) = timeout(PATIENCE, exit).await.expect("it does not end");
        let left = fs::read_dir(self.temporary.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        Exit {
            status,
            stdout,
            stderr: self.stderr(),
        }
    }
}

/// Waits for what is bound to happen.
pub(crate) async fn until(mut happened: impl FnMut() -> bool) {
    let wait = async {
        while !happened() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, wait).await.expect("it does not happen");
}
