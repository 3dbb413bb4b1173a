//! Console events. A pipe tells nothing about its other end here, nor is there a SIGTERM.

use std::{future, io};

use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

/// Console events that reach this process, which no longer end it.
pub(in crate::plugin) struct Signals(Option<(CtrlC, CtrlBreak)>);

impl Signals {
    /// Ctrl-C and Ctrl-Break.
    pub(in crate::plugin) fn interrupts() -> io::Result<Self> {
        Ok(Self(Some((ctrl_c()?, ctrl_break()?))))
    }

    /// None: the system knows no signal that asks for the end.
    pub(in crate::plugin) fn terminations() -> io::Result<Self> {
        Ok(Self(None))
    }

    /// The events of both.
    pub(in crate::plugin) fn and(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    /// Waits for the next event, and says what it is.
    pub(in crate::plugin) async fn next(&mut self) -> &'static str {
        let Some((interrupts, breaks)) = &mut self.0 else {
            return future::pending().await;
        };
        tokio::select! {
            _ = interrupts.recv() => "an interrupt",
            _ = breaks.recv() => "Ctrl-Break",
        }
    }
}

/// Never ready: the system does not tell. The server ends when it has been without a connection
/// for some time.
pub(in crate::plugin) async fn client_gone() {
    future::pending().await
}
