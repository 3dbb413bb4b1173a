//! What ends the process from outside: signals, and a client that is gone.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(super) use system::{Signals, client_gone};

/// Ignores interrupts and the end of the terminal for as long as the runtime lives.
///
/// Ctrl-C in a terminal reaches the plugin as well as Terraform, which then waits for the calls
/// under way. To die here would lose what they have made. So does the end of a terminal; a
/// Terraform that it ends takes the plugin with it, and one under `nohup` needs the plugin.
pub(super) fn ignore_interrupts() -> io::Result<()> {
    let mut interrupts = Signals::interrupts()?;
    tokio::spawn(async move {
        loop {
            let name = interrupts.next().await;
            tracing::debug!("ignored {name}: Terraform says when to stop");
        }
    });
    Ok(())
}
