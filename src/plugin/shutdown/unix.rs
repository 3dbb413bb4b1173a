//! Signals, and the pipe that tells whether Terraform is still there.

use std::{
    fs::File,
    future, io,
    os::{fd::AsFd, unix::fs::FileTypeExt},
    task::Poll,
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

/// Signals that reach this process, whose default action is no longer taken.
pub(in crate::plugin) struct Signals(Vec<(&'static str, Signal)>);

impl Signals {
    /// SIGINT, which is Ctrl-C, and SIGHUP, which is the end of the terminal.
    pub(in crate::plugin) fn interrupts() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let hang_up = signal(SignalKind::hangup())?;
        Ok(Self(vec![
            ("an interrupt", interrupt),
            ("the end of the terminal", hang_up),
        ]))
    }

    /// SIGTERM: somebody wants the process to end.
    pub(in crate::plugin) fn terminations() -> io::Result<Self> {
        let termination = signal(SignalKind::terminate())?;
        Ok(Self(vec![("a request to terminate", termination)]))
    }

    /// The signals of both.
    pub(in crate::plugin) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Waits for the next signal, and says what it is.
    pub(in crate::plugin) async fn next(&mut self) -> &'static str {
        future::poll_fn(|context| {
            let received = |(name, signal): &mut (_, Signal)| {
                signal.poll_recv(context).is_ready().then_some(*name)
            };
            match self.0.iter_mut().find_map(received) {
                Some(name) => Poll::Ready(name),
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// Waits until stderr has no reader any more.
///
/// A Terraform that was killed asks no plugin to end, but the kernel closes its end of the pipe.
/// Waits for ever if stderr is something else than a pipe, which tells nothing about Terraform.
pub(in crate::plugin) async fn client_gone() {
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
