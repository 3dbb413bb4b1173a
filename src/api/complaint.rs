//! What an answer says about a call that failed. Pure.

use serde_json::{Map, Value};

use super::response::{Answer, describe};
use super::text;

/// What an answer says about a failed call.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) code: Option<String>,
    /// Whether it has the form of the API's own errors.
    pub(super) from_api: bool,
}

impl Complaint {
    /// What an answer says whose status is not a success.
    pub(super) fn of(answer: &Answer) -> Self {
        if let Some(target) = &answer.redirect {
            return Self::in_other_words(format!(
                "it points to {target}, and redirects are not followed"
            ));
        }
        match serde_json::from_slice(&answer.body) {
            Ok(Value::Object(envelope)) => Self::from_envelope(&envelope),
            Ok(other) => Self::in_other_words(format!("the answer is {}", describe(&other))),
            Err(_) => {
                let page = text::describe_page(&answer.body);
                Self::in_other_words(format!("the answer is {page}"))
            }
        }
    }

    /// What an object says that holds an error in one of the API's shapes, or should.
    pub(super) fn from_envelope(envelope: &Map<String, Value>) -> Self {
        let error = envelope.get("error").filter(|error| !error.is_null());
        let errors = envelope.get("errors").and_then(Value::as_array);
        let entries: Vec<&Value> = error
            .into_iter()
            .chain(errors.into_iter().flatten())
            .collect();
        let said: Vec<&str> = entries
            .iter()
            .flat_map(|entry| messages(entry))
            .chain(envelope.get("message").and_then(Value::as_str))
            .collect();
        Self {
            message: match said.as_slice() {
                [] => "the answer gives no reason".to_owned(),
                said => said.join("; "),
            },
            code: entries.iter().find_map(|entry| code(entry)),
            from_api: says_no(envelope) && !entries.is_empty(),
        }
    }

    fn in_other_words(message: String) -> Self {
        Self {
            message,
            ..Self::default()
        }
    }
}

/// Whether an envelope says that the call failed.
pub(super) fn says_no(envelope: &Map<String, Value>) -> bool {
    envelope.get("success") == Some(&Value::Bool(false))
}

/// The message of an error, and of the errors below it where Cloudflare's gateway has put what
/// is really the matter.
fn messages(error: &Value) -> Vec<&str> {
    let chain = error.get("error_chain").and_then(Value::as_array);
    let below = chain
        .into_iter()
        .flatten()
        .filter_map(|e| e["message"].as_str());
    let own = error.as_str().or_else(|| error["message"].as_str());
    own.into_iter().chain(below).collect()
}

fn code(error: &Value) -> Option<String> {
    match &error["code"] {
        Value::Number(code) => Some(code.to_string()),
        Value::String(code) => Some(code.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    fn not_found(body: impl Into<Bytes>) -> Answer {
        Answer {
            status: StatusCode::NOT_FOUND,
            headers: HeaderMap::new(),
            body: body.into(),
            cut: None,
            redirect: None,
        }
    }

    #[test]
    fn a_failure_is_read_in_every_shape() {
        let cases = [
            (
                json!({"success": false, "error": {"code": 409, "message": "Taken"}}),
                ("Taken", Some("409"), true),
            ),
            (
                json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}], "messages": [], "result": null}),
                ("Authentication error", Some("10000"), true),
            ),
            (
                json!({"success": false, "errors": [{"code": "a", "message": "one"}, {"code": "b", "message": "two"}]}),
                ("one; two", Some("a"), true),
            ),
            (
                json!({"success": false, "errors": [{"code": 6003, "message": "Invalid request headers", "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}]}]}),
                (
                    "Invalid request headers; Invalid format for Authorization header",
                    Some("6003"),
                    true,
                ),
            ),
            (
                json!({"message": "Unauthorized"}),
                ("Unauthorized", None, false),
            ),
            (
                json!({"success": false, "error": "Nope"}),
                ("Nope", None, true),
            ),
            (
                json!({"error": {"code": 404, "message": "Gone"}}),
                ("Gone", Some("404"), false),
            ),
            (
                json!({"success": false, "errors": []}),
                ("the answer gives no reason", None, false),
            ),
            (json!({}), ("the answer gives no reason", None, false)),
            (json!([1]), ("the answer is a list", None, false)),
        ];

        for (body, (message, code, from_api)) in cases {
            let complaint = Complaint::of(&not_found(body.to_string()));

            let expected = Complaint {
                message: message.to_owned(),
                code: code.map(str::to_owned),
                from_api,
            };
            assert_eq!(complaint, expected, "{body}");
        }
    }

    #[test]
    fn a_failure_that_is_no_json_is_never_taken_for_the_apis_own() {
        let cases = [
            ("", "the answer is empty"),
            (
                "<html><title>404 Not Found</title>",
                "the answer is a page with the title \"404 Not Found\"",
            ),
            (
                r#"{"success": false, "error": {"#,
                "the answer is JSON that is malformed or breaks off",
            ),
        ];

        for (body, message) in cases {
            let complaint = Complaint::of(&not_found(body));

            assert_eq!(
                (complaint.message.as_str(), complaint.from_api),
                (message, false)
            );
        }
    }

    #[test]
    fn a_redirect_is_a_failure_that_says_where_it_leads() {
        let target = "https://elsewhere.example/x".to_owned();
        let redirect = Answer {
            redirect: Some(target),
            ..not_found("<html>")
        };

        assert_eq!(
            Complaint::of(&redirect).message,
            "it points to https://elsewhere.example/x, and redirects are not followed"
        );
    }
}
