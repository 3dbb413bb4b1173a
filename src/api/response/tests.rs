//! Answers that are errors, or cannot be read.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const MAX_QUOTATION: usize = 300;

fn answer(status: u16, body: impl Into<Bytes>) -> RawResponse {
    RawResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: body.into(),
        cut: None,
    }
}

fn read(answer: &RawResponse) -> Result<Option<Value>, Box<Failure>> {
    super::read(answer, &Secret::new("s3cret-token").unwrap())
}

#[track_caller]
fn refused(answer: &RawResponse) -> Failure {
    *read(answer).unwrap_err()
}

#[track_caller]
fn unreadable(answer: &RawResponse) -> String {
    let failed = read(answer).unwrap_err();
    assert_eq!(failed.kind, FailureKind::Unreadable);
    failed.message
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
        let headers = HeaderMap::from_iter([("cf-ray".parse().unwrap(), ray)]);
        let answer = answer(200, "");
        RawResponse { headers, ..answer }.cf_ray()
    };

    for ray in ["8c1f0a2b3c4d5e6f-FRA", "8c1f0a2b3c4d5e6f"] {
        assert_eq!(told(ray).as_deref(), Some(ray));
    }
    for other in ["", "8c1f -FRA", "Sesame", "8c1f-Sesame"] {
        assert_eq!(told(other), None, "{other:?}");
    }
    assert_eq!(told("8c1f0a2b3c4d5e6f708192a3b"), None);
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
    let body = r#"{"success": false, "data": {"id": "x"}, "error": {"code": 1, "message": "No"}}"#;

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
    let cut = RawResponse {
        cut: Some((FailureKind::Unreadable, "is larger than 1 MiB".to_owned())),
        ..answer(200, r#"{"data": {}}"#)
    };

    assert_eq!(unreadable(&cut), "it is larger than 1 MiB");
}

#[test]
fn status_of_a_refusal_says_whether_the_api_may_have_acted() {
    use FailureKind::*;
    for (status, kind) in [
        (200, Refused),
        (409, Refused),
        (429, Refused),
        (500, Lost),
        (503, Lost),
        (599, Lost),
        (408, Timeout),
        (504, Timeout),
        (522, Timeout),
        (524, Timeout),
    ] {
        let body = r#"{"success": false, "message": "no"}"#;

        assert_eq!(refused(&answer(status, body)).kind, kind, "{status}");
    }
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

#[test]
fn a_failure_is_read_in_every_shape_with_all_that_it_says() {
    let cases: [(Value, &str, &[&str], bool); 13] = [
        (
            json!({"success": false, "error": {"code": 409, "message": "Taken"}}),
            "Taken",
            &["409"],
            true,
        ),
        (
            json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}], "messages": [], "result": null}),
            "Authentication error",
            &["10000"],
            true,
        ),
        (
            json!({"success": false, "errors": [{"code": "a", "message": "one"}, {"code": "b", "message": "two"}]}),
            "one; two",
            &["a", "b"],
            true,
        ),
        (
            json!({"success": false, "errors": [{"code": 6003, "message": "Invalid request headers", "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}]}]}),
            "Invalid request headers; Invalid format for Authorization header",
            &["6003", "6111"],
            true,
        ),
        (
            json!({"success": false, "errors": [{"code": 1001, "message": "Invalid value", "source": {"pointer": "/events/0"}}]}),
            "Invalid value (at /events/0)",
            &["1001"],
            true,
        ),
        (
            json!({"success": false, "message": "Webhook not found"}),
            "Webhook not found",
            &[],
            true,
        ),
        (
            json!({"message": "Unauthorized"}),
            "Unauthorized",
            &[],
            false,
        ),
        (
            json!({"success": false, "error": "Nope"}),
            "Nope",
            &[],
            true,
        ),
        (
            json!({"error": {"code": 404, "message": "Gone"}}),
            "Gone",
            &["404"],
            false,
        ),
        (
            json!({"success": false, "errors": []}),
            "the answer gives no reason",
            &[],
            false,
        ),
        (
            json!({"success": false, "message": null}),
            "the answer gives no reason",
            &[],
            false,
        ),
        (json!({}), "the answer gives no reason", &[], false),
        (
            json!([1]),
            "the answer is a list, expected an object",
            &[],
            false,
        ),
    ];

    for (json, message, codes, from_api) in cases {
        let body = refused(&answer(404, json.to_string()));

        let found = (body.message.as_str(), body.from_api);
        assert_eq!(found, (message, from_api), "{json}");
        assert_eq!(body.codes, codes, "{json}");
    }
}

#[test]
fn a_compressed_body_is_called_so_and_not_quoted() {
    let gzip = answer(200, &b"\x1f\x8b\x08secret"[..]);
    let mut brotli = answer(502, &b"\x21secret"[..]);
    let header = (header::CONTENT_ENCODING, "br".parse().unwrap());
    brotli.headers = HeaderMap::from_iter([header]);

    let compressed = "compressed, although the request asked for no compression";
    assert_eq!(unreadable(&gzip), format!("it is {compressed}"));
    assert_eq!(
        refused(&brotli).message,
        format!("the answer is {compressed}")
    );
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
        let body = refused(&answer(404, body));

        assert_eq!((body.message.as_str(), body.from_api), (message, false));
    }
}

#[test]
fn a_redirect_is_a_failure_that_says_where_it_leads() {
    let cases = [
        (
            "https://user:s3cret-token@elsewhere.example/x?y=s3cret-token",
            "https://***@elsewhere.example/x",
        ),
        ("/log-in?next=s3cret-token#x", "/log-in"),
        ("/s3cret-token", "/<redacted>"),
    ];
    for (location, shown) in cases {
        let location = (header::LOCATION, location.parse().unwrap());
        let redirect = RawResponse {
            headers: HeaderMap::from_iter([location]),
            ..answer(307, "<html>")
        };

        let expected = format!("redirects are not followed, and it points to {shown}");
        assert_eq!(refused(&redirect).message, expected);
    }
}

#[test]
fn one_line_has_no_line_break_and_no_control_character() {
    let line = one_line("  a\r\n\tb \u{1b}[31mc\0d  ");

    assert_eq!(line, "a b [31mc d");
}

#[test]
fn one_line_is_cut_at_its_bound() {
    let line = one_line(&"ab ".repeat(1000));

    assert_eq!(line.chars().count(), MAX_QUOTATION + 1);
    assert!(line.ends_with('…'));
}

#[test]
fn an_answer_that_is_no_json_is_known_by_its_title_or_first_words() {
    let cases = [
        ("", "empty"),
        (" \r\n", "empty"),
        (
            "<!DOCTYPE html>\n<head>\n<TITLE lang=en>\n 502 Bad\nGateway </Title>",
            "a page with the title \"502 Bad Gateway\"",
        ),
        (
            "<html><title></title><h1>Blocked</h1>by <b>policy</b>",
            "a page that starts with \"<html><title></title><h1>Blocked</h1>by <b>policy</b>\"",
        ),
        ("<title", "a page that starts with \"<title\""),
        ("upstream gone", "a text that starts with \"upstream gone\""),
    ];

    for (body, expected) in cases {
        let line = one_line(&describe_body(&answer(404, body.to_owned())));

        assert_eq!(line, expected, "{body:?}");
    }
}

#[test]
fn half_an_object_is_not_quoted() {
    for body in [r#" {"url":"https://user:pw"#, "[\"secret", "\"secret"] {
        let description = describe_body(&answer(404, body.to_owned()));

        assert_eq!(description, "JSON that is malformed or breaks off");
    }
}

proptest! {
    #[test]
    fn any_answer_is_described_in_one_bounded_line(
        body in "(<|>|<title|</TITLE>|[a-zé\n\u{1b}]){0,500}"
    ) {
        let line = one_line(&describe_body(&answer(404, body.to_owned())));

        prop_assert!(line.chars().count() <= MAX_QUOTATION + 1);
        prop_assert!(!line.contains(char::is_control));
    }
}
