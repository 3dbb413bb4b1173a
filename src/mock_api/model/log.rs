//! The requests that arrived and the deliveries that were sent.

use http::Method;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// One request that arrived, and its outcome.
///
/// Holds no header but the user agent, so never a token, only whether there was one.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Position in the order of arrival, from 1; continues after the log is cleared.
    pub number: u64,
    /// When it arrived: RFC 3339, UTC, with milliseconds.
    pub arrived_at: String,
    /// Method of the request.
    #[serde(serialize_with = "as_str")]
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
    pub status: Option<u16>,
    /// Fault that this request met, in words.
    pub fault: Option<String>,
}

fn as_str<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = self.query.iter().map(|query| format!("?{query}"));
        let fault = self.fault.iter().map(|fault| format!(" (fault: {fault})"));
        let [query, fault]: [String; 2] = [query.collect(), fault.collect()];
        let status = self.status.map(|status| status.to_string());
        let status = status.unwrap_or_else(|| "no answer".to_owned());
        write!(f, "{} {}{query} -> {status}{fault}", self.method, self.path)
    }
}

/// One delivery that was sent, and its outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
    pub milliseconds: u64,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// Whether the status was one of success, which RealtimeKit counts as delivered.
    pub delivered: bool,
    /// The answer's body as text; ends with `…` if there was more of it.
    pub body: String,
    /// Why there was no answer.
    pub error: Option<String>,
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
        let answered = Call {
            status: Some(200),
            ..call()
        };

        assert_eq!(
            answered.to_string(),
            "GET /client/v4/accounts/a/realtime/kit/apps?page_no=2 -> 200"
        );
    }

    #[test]
    fn call_with_a_dropped_connection_names_its_fault() {
        let dropped = Call {
            query: None,
            fault: Some("connection dropped, after storing".to_owned()),
            ..call()
        };

        assert_eq!(
            dropped.to_string(),
            "GET /client/v4/accounts/a/realtime/kit/apps -> no answer \
             (fault: connection dropped, after storing)"
        );
    }
}
