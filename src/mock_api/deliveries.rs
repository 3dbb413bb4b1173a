//! The deliveries that were sent, and their outcomes.

use http::StatusCode;
use std::time::Duration;

/// One delivery that was sent, and what became of it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Value of its `rtk-uuid` header.
    pub id: String,
    /// Webhook that it was for.
    pub webhook_id: String,
    /// Where it was sent.
    pub url: String,
    /// Name of the event.
    pub event: String,
    /// When it was sent: RFC 3339, UTC, with milliseconds.
    pub sent_at: String,
    /// How long it took.
    pub took: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a [`Delivery`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered; RealtimeKit counts a status of success as delivered.
    Answered {
        /// Status of the answer.
        status: StatusCode,
        /// The first part of its body, as text.
        body: String,
        /// Whether there was more.
        cut: bool,
    },
    /// There was no answer, for this reason.
    Failed(String),
}
