//! Signals, and the pipe that tells whether Terraform is still there.

use std::{
    fs::File,
    future, io,
    os::{fd::AsFd, unix::fs::FileTypeExt},
    time::Duration,
};

use tokio::{
    io::Interest,
    net::unix::pipe::Sender,
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

/// How often to look whether Terraform is still there.
const CLIENT_CHECK: Duration = Duration::from_secs(1);

/// The signals of one kind that reach this process, whose default action is no longer taken.
pub(super) struct Signals(Signal);

impl Signals {
    pub(super) async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// SIGINT: Ctrl-C in a terminal.
pub(super) fn interrupts() -> io::Result<Signals> {
    signal(SignalKind::interrupt()).map(Signals)
}

/// SIGTERM: somebody wants the process to end.
pub(super) fn terminations() -> io::Result<Signals> {
    signal(SignalKind::terminate()).map(Signals)
}

/// SIGHUP: the terminal was closed.
pub(super) fn hang_ups() -> io::Result<Signals> {
    signal(SignalKind::hangup()).map(Signals)
}

/// Waits until stderr has no reader any more.
///
/// A Terraform that was killed asks no plugin to end, but the kernel closes its end of the pipe.
/// Waits for ever if stderr is something else than a pipe, which tells nothing about Terraform.
pub(super) async fn client_gone() {
    let Ok(pipe) = stderr_pipe() else {
        return future::pending().await;
    };
    while let Ok(readiness) = pipe.ready(Interest::WRITABLE).await {
        if readiness.is_write_closed() {
            return;
        }
        sleep(CLIENT_CHECK).await; // it was ready to be written to, which is no news
    }
    future::pending().await
}

/// Another handle of stderr. Only watched: it is not in the mode that its type needs for writing.
fn stderr_pipe() -> io::Result<Sender> {
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    if stderr.metadata()?.file_type().is_fifo() {
        Sender::from_file_unchecked(stderr)
    } else {
        Err(io::ErrorKind::Unsupported.into())
    }
}
