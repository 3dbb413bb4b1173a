//! When the server ends: because it is asked to, by a signal, or because the client is gone.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{io, pin::Pin, sync::Arc};

use tokio::sync::watch;
use tracing::warn;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// A request to end that everything in the server can make and wait for. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// Asks for the end.
    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the end is asked for.
    pub(super) fn requested(&self) -> impl Future<Output = ()> + Send + use<> {
        let stop = self.clone();
        async move {
            // an error would say that the sender is gone, and `stop` holds it
            let _ = stop.0.subscribe().wait_for(|requested| *requested).await;
        }
    }
}

/// Why the server ends.
pub(super) enum ShutdownReason {
    /// Terraform asked for it, or is gone: no client waits for the open calls.
    Requested,
    /// A signal. Calls under way may be finished, but not when it is to be `force`.
    Terminated {
        /// Another signal, or that Terraform is gone.
        force: Pin<Box<dyn Future<Output = ()>>>,
    },
}

/// Swallows SIGINT and SIGHUP for as long as the runtime lives.
///
/// Ctrl-C in a terminal reaches the plugin as well as Terraform, which then waits for the calls
/// under way. To die here would lose what they have made. So does the end of a terminal; a
/// Terraform that it ends takes the plugin with it, and one under `nohup` needs the plugin.
pub(super) fn ignore_interrupts() -> io::Result<()> {
    let mut interrupts = system::interrupts()?;
    let mut hang_ups = system::hang_ups()?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = interrupts.next() => {
                    log_debug!("ignored an interrupt: Terraform says when to stop");
                }
                () = hang_ups.next() => {
                    log_debug!("ignored the end of the terminal: Terraform says when to stop");
                }
            }
        }
    });
    Ok(())
}

/// Waits for the end of a plugin that Terraform drives.
pub(super) fn wait_for_shutdown(
    stop: &Stop,
) -> io::Result<impl Future<Output = ShutdownReason> + use<>> {
    let requested = stop.requested();
    let mut terminations = system::terminations()?;
    Ok(async {
        tokio::select! {
            () = requested => {
                log_debug!("Terraform asked for the end");
                ShutdownReason::Requested
            }
            () = terminations.next() => {
                warn!("terminated by a signal: only the calls under way are finished");
                let force = Box::pin(async move {
                    tokio::select! {
                        () = terminations.next() => {}
                        () = system::client_gone() => {}
                    }
                });
                ShutdownReason::Terminated { force }
            }
            () = system::client_gone() => ShutdownReason::Requested, // and with it the reader of any message
        }
    })
}

/// Waits for the end of a plugin in debug mode, which outlives any one Terraform process.
pub(super) fn wait_for_shutdown_in_debug_mode(
    stop: &Stop,
) -> io::Result<impl Future<Output = ShutdownReason> + use<>> {
    let requested = stop.requested();
    let mut signals = DebugSignals {
        interrupts: system::interrupts()?,
        terminations: system::terminations()?,
        hang_ups: system::hang_ups()?,
    };
    Ok(async move {
        tokio::select! {
            () = requested => ShutdownReason::Requested,
            () = signals.next() => {
                log_debug!("terminated by a signal: another one ends it at once");
                let force = Box::pin(async move { signals.next().await });
                ShutdownReason::Terminated { force }
            }
        }
    })
}

/// The signals that end a plugin in debug mode.
struct DebugSignals {
    interrupts: system::Signals,
    terminations: system::Signals,
    hang_ups: system::Signals,
}

impl DebugSignals {
    async fn next(&mut self) {
        tokio::select! {
            () = self.interrupts.next() => {}
            () = self.terminations.next() => {}
            () = self.hang_ups.next() => {}
        }
    }
}
