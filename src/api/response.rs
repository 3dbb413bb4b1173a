//! What an answer says: the value it holds, or that the call failed. Pure.
//!
//! The API's documentation and its gateway do not agree on an envelope, so these are all read:
//!
//! - success: `{"data": …}`, `{"result": {"data": …}}`, `{"result": …}`, or nothing at all;
//! - failure: `{"success": false, "error": {"code", "message"}}`,
//!   `{"success": false, "errors": [{"code", "message"}]}`, `{"message"}`, a page, or nothing.
//!
//! `"success": false` is a failure whatever the status. What is returned here is as the server
//! wrote it; whoever makes an [`Error`](super::Error) of it shortens it and masks the token.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::cause::TransportError;
use super::complaint::{Complaint, says_no};
use super::text;

/// An answer as it came in.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Why the body ends before its end, if it does.
    pub(super) cut: Option<Cut>,
    /// Where a redirect leads, without anything confidential.
    pub(super) redirect: Option<String>,
}

/// Why a body was not read to its end; completes the sentence "the answer …".
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Cut {
    /// There is more than anything sensible would need.
    #[error("is larger than {} MiB", bytes / (1024 * 1024))]
    TooLarge {
        /// How much was read.
        bytes: usize,
    },
    /// The connection ended, or the time was over.
    #[error("breaks off: {0}")]
    BrokenOff(TransportError),
}

/// Why an answer holds no value.
#[derive(Debug, PartialEq)]
pub(super) enum Failure {
    /// The answer says that the call failed.
    Refused(Complaint),
    /// The answer is a success, and is not what it should be.
    Unreadable(String),
}

/// The value that an answer holds; `None` if it is a success that holds nothing.
pub(super) fn read(answer: &Answer) -> Result<Option<Value>, Failure> {
    if !answer.status.is_success() {
        return Err(Failure::Refused(Complaint::of(answer)));
    }
    if let Some(cut) = &answer.cut {
        return Err(Failure::Unreadable(format!("it {cut}")));
    }
    if answer.body.trim_ascii().is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(&answer.body) {
        Ok(Value::Object(envelope)) if says_no(&envelope) => {
            Err(Failure::Refused(Complaint::from_envelope(&envelope)))
        }
        Ok(Value::Object(envelope)) => Ok(payload(envelope)),
        Ok(other) => Err(Failure::Unreadable(format!(
            "it is {}, expected an object",
            describe(&other)
        ))),
        Err(_) => Err(Failure::Unreadable(format!(
            "it is {}",
            text::describe_page(&answer.body)
        ))),
    }
}

/// The `cf-ray` header, if it is one, such as `8c1f0a2b3c4d5e6f-FRA`: a server that puts
/// something else there, the token perhaps, is not quoted.
pub(super) fn cf_ray(headers: &HeaderMap) -> Option<String> {
    const LONGEST: usize = 16;
    let ray = headers.get("cf-ray")?.to_str().ok()?;
    let (number, place) = ray.split_once('-').unwrap_or((ray, "NONE"));
    let is_ray = [number, place]
        .iter()
        .all(|part| (1..=LONGEST).contains(&part.len()))
        && number.bytes().all(|byte| byte.is_ascii_hexdigit())
        && place.bytes().all(|byte| byte.is_ascii_uppercase());
    is_ray.then(|| ray.to_owned())
}

/// What a value is, and not what is in it.
pub(super) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn payload(mut envelope: Map<String, Value>) -> Option<Value> {
    if let Some(data) = envelope.remove("data").filter(|data| !data.is_null()) {
        return Some(data);
    }
    match envelope.remove("result")? {
        Value::Null => None,
        Value::Object(mut result) if result.contains_key("data") => {
            result.remove("data").filter(|data| !data.is_null())
        }
        result => Some(result),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.into(),
            cut: None,
            redirect: None,
        }
    }

    #[track_caller]
    fn refused(answer: &Answer) -> Complaint {
        match read(answer) {
            Err(Failure::Refused(complaint)) => complaint,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    #[track_caller]
    fn unreadable(answer: &Answer) -> String {
        match read(answer) {
            Err(Failure::Unreadable(problem)) => problem,
            other => panic!("expected an unreadable answer, got {other:?}"),
        }
    }

    #[test]
    fn a_value_is_found_in_every_envelope() {
        for value in [
            json!({"id": "x", "name": "y"}),
            json!([{"id": "x"}]),
            json!([]),
        ] {
            let envelopes = [
                json!({"success": true, "data": value}),
                json!({"data": value}),
                json!({"success": true, "errors": [], "messages": [], "result": {"data": value}}),
                json!({"success": true, "errors": [], "messages": [], "result": value}),
                json!({"success": true, "data": value, "result": null, "error": null}),
            ];

            for envelope in envelopes {
                let found = read(&answer(200, envelope.to_string()));

                assert_eq!(found, Ok(Some(value.clone())), "{envelope}");
            }
        }
    }

    #[test]
    fn a_ray_is_told_only_if_it_is_one() {
        let told = |ray: &str| {
            let ray = ray.parse().unwrap();
            cf_ray(&HeaderMap::from_iter([("cf-ray".parse().unwrap(), ray)]))
        };

        for ray in ["8c1f0a2b3c4d5e6f-FRA", "8c1f0a2b3c4d5e6f"] {
            assert_eq!(told(ray).as_deref(), Some(ray));
        }
        for other in ["", "-FRA", "8c1f-", "8c1f -FRA", "Sesame", "8c1f-Sesame"] {
            assert_eq!(told(other), None, "{other:?}");
        }
        assert_eq!(told("8c1f0a2b3c4d5e6f7"), None);
    }

    #[test]
    fn a_success_may_hold_nothing() {
        let bodies = [
            "",
            " \n",
            "{}",
            r#"{"success": true}"#,
            r#"{"success": true, "data": null}"#,
            r#"{"success": true, "errors": [], "messages": [], "result": null}"#,
            r#"{"result": {"data": null}}"#,
        ];

        for body in bodies {
            assert_eq!(read(&answer(200, body)), Ok(None), "{body}");
        }
    }

    #[test]
    fn a_success_that_says_no_is_a_failure() {
        let body =
            r#"{"success": false, "data": {"id": "x"}, "error": {"code": 1, "message": "No"}}"#;

        assert_eq!(refused(&answer(200, body)).message, "No");
    }

    #[test]
    fn a_success_that_is_no_envelope_is_unreadable_and_not_quoted() {
        let cases = [
            (r#"["secret"]"#, "it is a list, expected an object"),
            (r#""secret""#, "it is a string, expected an object"),
            ("null", "it is null, expected an object"),
            (
                r#"{"data": {"url": "sec"#,
                "it is JSON that is malformed or breaks off",
            ),
            (
                "<title>Log in</title>",
                "it is a page with the title \"Log in\"",
            ),
        ];

        for (body, expected) in cases {
            assert_eq!(unreadable(&answer(200, body)), expected);
        }
    }

    #[test]
    fn a_success_that_was_cut_is_unreadable_even_if_it_parses() {
        let cut = Answer {
            cut: Some(Cut::TooLarge { bytes: 1024 * 1024 }),
            ..answer(200, r#"{"data": {}}"#)
        };

        assert_eq!(unreadable(&cut), "it is larger than 1 MiB");
    }

    #[test]
    fn deeply_nested_json_is_unreadable() {
        let problem = unreadable(&answer(200, "[".repeat(100_000)));

        assert_eq!(problem, "it is JSON that is malformed or breaks off");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_failure(status in 100..1000_u16, body in proptest::collection::vec(any::<u8>(), 1..500)) {
            prop_assume!(serde_json::from_slice::<Value>(&body).is_err());
            prop_assume!(!body.trim_ascii().is_empty());

            prop_assert!(read(&answer(status, body)).is_err());
        }

        #[test]
        fn any_envelope_is_read_without_a_panic(
            status in 100..1000_u16,
            success in prop_oneof![Just("true"), Just("false"), Just("null"), Just("1")],
            key in prop_oneof![Just("data"), Just("result"), Just("error"), Just("errors"), Just("message")],
            value in prop_oneof![
                Just("null"), Just("1"), Just("\"x\""), Just("[]"), Just("[null,1,{}]"), Just("{}"),
                Just(r#"{"data":1,"code":null,"message":{},"error_chain":[1]}"#),
            ],
        ) {
            let body = format!(r#"{{"success": {success}, "{key}": {value}}}"#);

            let result = read(&answer(status, body));

            let succeeds = (200..300).contains(&status) && success != "false";
            prop_assert_eq!(result.is_ok(), succeeds);
        }
    }
}
