//! What was asked of the mock API, in the order in which requests arrived.

use super::faults::Fault;
use http::{Method, StatusCode};
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt;

/// One request that arrived, and what became of it.
///
/// Holds no header but the user agent, so never a token, only whether there was one.
#[derive(Clone, Debug)]
pub struct Call {
    /// Position in the order of arrival, from 1; goes on after a clearing.
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
    /// Whether it had an `Authorization` header, whatever it said.
    pub authorized: bool,
    /// Status answered; `None` while there is no answer, and for good if the connection was dropped.
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
pub(super) struct CallLog {
    calls: VecDeque<Call>,
    arrived: u64,
    keep: usize,
}

impl CallLog {
    /// A log that forgets the oldest calls when there are more than `keep`.
    pub(super) fn keeping(keep: usize) -> Self {
        Self {
            calls: VecDeque::new(),
            arrived: 0,
            keep,
        }
    }

    /// Adds a call and gives it its number.
    pub(super) fn begin(&mut self, mut call: Call) -> u64 {
        self.arrived += 1;
        call.number = self.arrived;
        self.calls.push_back(call);
        if self.calls.len() > self.keep {
            self.calls.pop_front();
        }
        self.arrived
    }

    /// Notes what was answered, unless the log was cleared in between; answers the whole entry.
    pub(super) fn finish(&mut self, number: u64, status: Option<StatusCode>) -> Option<Call> {
        let call = self.calls.iter_mut().rfind(|call| call.number == number)?;
        call.status = status;
        Some(call.clone())
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.iter().cloned().collect()
    }

    /// The last `count` calls, oldest first.
    pub(super) fn last(&self, count: usize) -> impl Iterator<Item = &Call> {
        self.calls
            .iter()
            .skip(self.calls.len().saturating_sub(count))
    }

    pub(super) fn clear(&mut self) {
        self.calls.clear();
    }
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
    fn a_call_reads_as_one_line() {
        let mut log = CallLog::keeping(9);
        let number = log.begin(call());

        let answered = log.finish(number, Some(StatusCode::OK)).unwrap();

        assert_eq!(
            answered.to_string(),
            "GET /client/v4/accounts/a/realtime/kit/apps?page_no=2 -> 200"
        );
    }

    #[test]
    fn a_call_whose_connection_was_dropped_says_which_fault_it_met() {
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
    fn numbers_go_on_after_a_clearing_and_a_late_answer_is_no_new_call() {
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
    fn a_bounded_log_forgets_the_oldest_call() {
        let mut log = CallLog::keeping(2);

        let numbers = [(); 3].map(|()| log.begin(call()));

        let kept: Vec<u64> = log.calls().iter().map(|call| call.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(kept, [2, 3]);
    }
}
