//! The end of all waiting.

use std::time::Duration;

use tokio::sync::watch;

/// Whether the client was told to stop. Once it was, it stays so. Clones are stopped together.
#[derive(Debug, Clone)]
pub(super) struct Stop(watch::Sender<bool>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the client is told to stop.
    pub(super) async fn stopped(&self) {
        // Only the loss of the sender is an error, and that is `self`.
        self.0.subscribe().wait_for(|stopped| *stopped).await.ok();
    }

    /// Returns when the client was told to stop, and this time has passed.
    pub(super) async fn stopped_for(&self, time: Duration) {
        self.stopped().await;
        tokio::time::sleep(time).await;
    }
}
