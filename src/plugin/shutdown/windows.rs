//! Console events. A pipe tells nothing about its other end here, nor is there a SIGTERM.

use std::{future, io};

use tokio::signal::windows::{CtrlC, ctrl_c};

/// The events of one kind that reach this process; none if the system has no such kind.
pub(super) struct Signals(Option<CtrlC>);

impl Signals {
    pub(super) async fn next(&mut self) {
        match &mut self.0 {
            Some(events) => {
                events.recv().await;
            }
            None => future::pending().await,
        }
    }
}

/// Ctrl-C, which no longer ends the process.
pub(super) fn interrupts() -> io::Result<Signals> {
    ctrl_c().map(|events| Signals(Some(events)))
}

/// Never ready: the system knows no signal that asks for the end.
pub(super) fn terminations() -> io::Result<Signals> {
    Ok(Signals(None))
}

/// Never ready, as [`terminations`].
pub(super) fn hang_ups() -> io::Result<Signals> {
    terminations()
}

/// Never ready: the system does not tell.
pub(super) async fn client_gone() {
    future::pending().await
}
