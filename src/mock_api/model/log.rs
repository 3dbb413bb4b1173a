//! The requests that arrived and the deliveries that were sent, oldest first.

use super::faults::Fault;
use http::{Method, StatusCode};
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// One request that arrived, and its outcome.
///
/// Holds no header but the user agent, so never a token, only whether there was one.
#[derive(Clone, Debug)]
pub struct Call {
    /// Position in the order of arrival, from 1; continues after the log is cleared.
    pub number: u64,
    /// When it arrived: RFC 3339, UTC, with milliseconds.
    pub arrived_at: String,
    /// Method of the request.
    pub method: Method,
    /// Path as it was sent, percent-encoded, from `/client/v4` on.
    pub path: String,
    /// Query as it was sent, without `?`.
    pub query: Option<String>,
    /// Body, if it was JSON.
    pub body: Option<Value>,
    /// `User-Agent` of the request.
    pub user_agent: Option<String>,
    /// Whether it had an `Authorization` header, valid or not.
    pub authorized: bool,
    /// Status of the answer; `None` until there is one, and if the connection was dropped.
    pub status: Option<StatusCode>,
    /// Fault that this request met.
    pub fault: Option<Fault>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        match self.status {
            Some(status) => write!(f, " -> {}", status.as_u16())?,
            None => write!(f, " -> no answer")?,
        }
        match &self.fault {
            Some(fault) => write!(f, " (fault: {fault})"),
            None => Ok(()),
        }
    }
}

/// The requests so far, or the last of them.
#[derive(Debug)]
pub(crate) struct CallLog {
    calls: VecDeque<Call>,
    arrived: u64,
    keep: usize,
}

impl CallLog {
    /// A log that forgets the oldest calls when there are more than `keep`.
    pub(crate) fn keeping(keep: usize) -> Self {
        Self {
            calls: VecDeque::new(),
            arrived: 0,
            keep,
        }
    }

    /// Adds a call and gives it its number.
    pub(crate) fn begin(&mut self, mut call: Call) -> u64 {
        self.arrived += 1;
        call.number = self.arrived;
        self.calls.push_back(call);
        if self.calls.len() > self.keep {
            self.calls.pop_front();
        }
        self.arrived
    }

    /// Records the answer and returns the call; `None` if the log was cleared in between.
    pub(crate) fn finish(&mut self, number: u64, status: Option<StatusCode>) -> Option<Call> {
        let call = self.calls.iter_mut().rfind(|call| call.number == number)?;
        call.status = status;
        Some(call.clone())
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.iter().cloned().collect()
    }

    /// The last `count` calls, oldest first.
    pub(crate) fn last(&self, count: usize) -> impl Iterator<Item = &Call> {
        self.calls
            .iter()
            .skip(self.calls.len().saturating_sub(count))
    }

    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }
}

/// One delivery that was sent, and its outcome.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Value of its `rtk-uuid` header.
    pub id: String,
    /// ID of its webhook.
    pub webhook_id: String,
    /// Where it was sent.
    pub url: String,
    /// Name of the event.
    pub event: String,
    /// When it was sent: RFC 3339, UTC, with milliseconds.
    pub sent_at: String,
    /// How long it took.
    pub took: Duration,
    /// Its outcome.
    pub outcome: Outcome,
}

/// The outcome of a [`Delivery`].
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

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call {
        Call {
            number: 0,
            arrived_at: "2026-01-02T03:04:05.678Z".to_owned(),
            method: Method::GET,
            path: "/client/v4/accounts/a/realtime/kit/apps".to_owned(),
            query: Some("page_no=2".to_owned()),
            body: None,
            user_agent: None,
            authorized: true,
            status: None,
            fault: None,
        }
    }

    #[test]
    fn call_is_displayed_in_one_line() {
        let mut log = CallLog::keeping(9);
        let number = log.begin(call());

        let answered = log.finish(number, Some(StatusCode::OK)).unwrap();

        assert_eq!(
            answered.to_string(),
            "GET /client/v4/accounts/a/realtime/kit/apps?page_no=2 -> 200"
        );
    }

    #[test]
    fn call_with_a_dropped_connection_names_its_fault() {
        let dropped = Call {
            query: None,
            fault: Some(Fault::drop_connection().after_storing()),
            ..call()
        };

        assert_eq!(
            dropped.to_string(),
            "GET /client/v4/accounts/a/realtime/kit/apps -> no answer \
             (fault: connection dropped, after storing)"
        );
    }

    #[test]
    fn cleared_log_keeps_counting_and_ignores_late_answers() {
        let mut log = CallLog::keeping(9);
        let before = log.begin(call());
        log.clear();
        let after = log.begin(call());

        let late = log.finish(before, Some(StatusCode::OK));

        assert!(late.is_none());
        assert_eq!(after, 2);
        assert_eq!(log.calls().len(), 1);
    }

    #[test]
    fn bounded_log_forgets_the_oldest_call() {
        let mut log = CallLog::keeping(2);

        let numbers = [(); 3].map(|()| log.begin(call()));

        let kept: Vec<u64> = log.calls().iter().map(|call| call.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(kept, [2, 3]);
    }
}
