//! Console events. A pipe tells nothing about its other end here, nor is there a SIGTERM.

use std::{future, io};

use tokio::signal::windows::{CtrlC, ctrl_c};

/// The Ctrl-C events that reach this process, which they no longer end.
pub(super) struct Interrupts(CtrlC);

impl Interrupts {
    pub(super) fn new() -> io::Result<Self> {
        ctrl_c().map(Self)
    }

    pub(super) async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// Never ready: the system knows no signal that asks for the end.
pub(super) fn terminated() -> io::Result<impl Future<Output = ()>> {
    Ok(future::pending())
}

/// Never ready: the system does not tell.
pub(super) async fn client_gone() {
    future::pending().await
}
