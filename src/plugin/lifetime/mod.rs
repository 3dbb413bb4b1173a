//! When the server ends: because it is asked to, by a signal, or because nobody is left to serve.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{io, sync::Arc};

use tokio::sync::watch;

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

/// Swallows SIGINT for as long as the runtime lives.
///
/// Ctrl-C in a terminal reaches the plugin as well as Terraform, which then waits for the calls
/// under way. To die here would lose what they have made.
pub(super) fn ignore_interrupts() -> io::Result<()> {
    let mut interrupts = system::Interrupts::new()?;
    tokio::spawn(async move {
        loop {
            interrupts.next().await;
            log_debug!("ignored an interrupt: Terraform says when to stop");
        }
    });
    Ok(())
}

/// Waits for the end of a plugin that Terraform drives.
pub(super) fn over(stop: &Stop) -> io::Result<impl Future<Output = ()> + use<>> {
    let requested = stop.requested();
    let terminated = system::terminated()?;
    Ok(async {
        tokio::select! {
            () = requested => log_debug!("Terraform asked for the end"),
            () = terminated => log_debug!("terminated by a signal"),
            () = system::client_gone() => {} // and with it the reader of any message
        }
    })
}

/// Waits for the end of a plugin in debug mode, which outlives any one Terraform process.
pub(super) fn over_in_debug_mode(stop: &Stop) -> io::Result<impl Future<Output = ()> + use<>> {
    let requested = stop.requested();
    let terminated = system::terminated()?;
    let mut interrupts = system::Interrupts::new()?;
    Ok(async move {
        tokio::select! {
            () = requested => {}
            () = terminated => {}
            () = interrupts.next() => {}
        }
    })
}
