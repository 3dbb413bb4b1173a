//! Points in time that are never out of range.

use std::time::Duration;

use tokio::time::Instant;

/// Longer than any operation, and in the range of every clock.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// This time from now.
pub(super) fn after(time: Duration) -> Instant {
    Instant::now() + time.min(FOREVER)
}
