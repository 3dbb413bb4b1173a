//! Console events. A pipe tells nothing about its other end here, nor is there a SIGTERM.

use std::{future, io};

use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

/// The events of one kind that reach this process; none if the system has no such kind.
pub(super) struct Signals(Option<(CtrlC, CtrlBreak)>);

impl Signals {
    pub(super) async fn next(&mut self) {
        match &mut self.0 {
            Some((interrupts, breaks)) => {
                tokio::select! {
                    _ = interrupts.recv() => {}
                    _ = breaks.recv() => {}
                }
            }
            None => future::pending().await,
        }
    }
}

/// Ctrl-C and Ctrl-Break, which no longer end the process.
pub(super) fn interrupts() -> io::Result<Signals> {
    Ok(Signals(Some((ctrl_c()?, ctrl_break()?))))
}

/// Never ready: the system knows no signal that asks for the end.
pub(super) fn terminations() -> io::Result<Signals> {
    Ok(Signals(None))
}

/// Never ready, as [`terminations`].
pub(super) fn hang_ups() -> io::Result<Signals> {
    terminations()
}

/// Never ready: the system does not tell. The server ends when it has been without a connection
/// for some time.
pub(super) async fn client_gone() {
    future::pending().await
}
