//! What an answer says: the value it holds, or that the request failed. Pure.
//!
//! The API's documentation and Cloudflare's gateway do not agree on an envelope. All of these are
//! read: `{"data": …}`, `{"result": {"data": …}}`, `{"result": …}`, or an empty body; and as a
//! failure `{"success": false}` whatever the status, with `"error"`, `"errors"` or `"message"`, a
//! page, or nothing.

use std::time::SystemTime;

use http::header;
use serde::Deserialize;
use serde_json::Value;
use serde_path_to_error::Error as PathError;

use super::config::Secret;
use super::error::{Failure, FailureKind};
use super::http::{RawResponse, date, header_text, one_line};
use super::retry::retry_after;
use super::url::{mask_urls, shown_url};

/// The value that an answer holds; `None` for a success with an empty body.
pub(super) fn read(raw: &RawResponse, token: &Secret) -> Result<Option<Value>, Box<Failure>> {
    let failed = |kind, message: String| {
        Box::new(Failure {
            kind,
            message: quote(&message, token),
            ..unreadable(raw)
        })
    };
    let is_success = raw.status.is_success();
    let refusal = match raw.status.as_u16() {
        408 | 504 | 522 | 524 => FailureKind::Timeout,
        _ if raw.status.is_server_error() => FailureKind::Lost,
        _ => FailureKind::Refused,
    };
    let target = header_text(&raw.headers, header::LOCATION);
    if let Some(target) = target.filter(|_| raw.status.is_redirection()) {
        let target = shown_url(target.split(['?', '#']).next().unwrap_or_default());
        let message = format!("redirects are not followed, and it points to {target}");
        return Err(failed(refusal, message));
    }
    if let (true, Some((kind, reason))) = (is_success, &raw.cut) {
        return Err(failed(*kind, format!("it {reason}")));
    }
    let found = match serde_json::from_slice::<Value>(&raw.body) {
        Ok(body) if body.is_object() && (!is_success || body["success"] == false) => {
            let (mut codes, mut messages) = (Vec::new(), Vec::new());
            collect_errors(&body, &mut codes, &mut messages);
            let says_why = !messages.is_empty() || !codes.is_empty();
            if !says_why {
                messages.push("the answer gives no reason".to_owned());
            }
            let mut failed = failed(refusal, messages.join("; "));
            failed.codes = codes.iter().map(|code| quote(code, token)).collect();
            failed.from_api = body["success"] == false && says_why;
            return Err(failed);
        }
        Ok(mut body) if body.is_object() => {
            let mut result = body["result"].take();
            let inner = result.get_mut("data").map(Value::take);
            let values = [body["data"].take(), inner.unwrap_or(result)];
            return Ok(values.into_iter().find(|value| !value.is_null()));
        }
        Ok(other) => format!("{}, expected an object", describe(&other)),
        Err(_) if is_success && raw.body.trim_ascii().is_empty() => return Ok(None),
        Err(_) => describe_body(raw),
    };
    Err(match is_success {
        true => failed(FailureKind::Unreadable, format!("it is {found}")),
        false => failed(refusal, format!("the answer is {found}")),
    })
}

/// A success whose value is not what the API documents.
pub(super) fn unreadable(raw: &RawResponse) -> Failure {
    Failure {
        kind: FailureKind::Unreadable,
        status: Some(raw.status),
        retry_after: retry_after(&raw.headers, SystemTime::now()),
        date: date(&raw.headers),
        cf_ray: raw.cf_ray(),
        ..Failure::default()
    }
}

/// What a server says, fit to be shown: even if it repeats the token or a webhook's URL.
fn quote(text: &str, token: &Secret) -> String {
    one_line(&mask_urls(&token.mask(text)))
}

/// Adds one error, and the errors below it: there Cloudflare's gateway puts the actual cause. The
/// whole answer may be an error too: `{"success": false, "message": "Webhook not found"}`.
fn collect_errors(error: &Value, codes: &mut Vec<String>, messages: &mut Vec<String>) {
    if let Some(message) = error.as_str().or_else(|| error["message"].as_str()) {
        messages.push(match error["source"]["pointer"].as_str() {
            Some(pointer) => format!("{message} (at {pointer})"),
            None => message.to_owned(),
        });
    }
    match &error["code"] {
        Value::Number(code) => codes.push(code.to_string()),
        Value::String(code) => codes.push(code.clone()),
        _ => {}
    }
    let lists = ["errors", "error_chain"].map(|list| error[list].as_array());
    let below = lists.into_iter().flatten().flatten();
    for error in below.chain(error.get("error").filter(|error| !error.is_null())) {
        collect_errors(error, codes, messages);
    }
}

/// Reads a value as a `T`. The error names the field at fault and its kind, never its value;
/// `name` is what the value itself is called.
pub(super) fn decode<'de, T: Deserialize<'de>>(name: &str, value: &'de Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| explain(name, &error, value))
}

/// An element of a list that is not what the API documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableItem {
    /// Its ID, if it has one.
    pub id: Option<String>,
    /// What is wrong: names the field at fault, never its value.
    pub problem: String,
}

/// Reads each element of a list; those that `read` refuses are returned apart.
pub(super) fn decode_list<T>(
    name: &str,
    value: &Value,
    is_id: impl Fn(&str) -> bool,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Result<(Vec<T>, Vec<UnreadableItem>), String> {
    let Value::Array(elements) = value else {
        return Err(format!("{name} is {}, expected a list", describe(value)));
    };
    let (mut items, mut unreadable) = (Vec::with_capacity(elements.len()), Vec::new());
    for element in elements {
        match read(element) {
            Ok(item) => items.push(item),
            Err(problem) => {
                let id = element["id"].as_str().filter(|id| is_id(id));
                let id = id.map(str::to_owned);
                unreadable.push(UnreadableItem { id, problem });
            }
        }
    }
    Ok((items, unreadable))
}

/// Serde's own messages quote values, so only what they expected is taken from them.
fn explain(name: &str, error: &PathError<serde_json::Error>, value: &Value) -> String {
    let message = error.inner().to_string();
    let path = error.path().to_string();
    let (path, dot) = match path.as_str() {
        "." => ("", ""), // the value itself
        path => (path, "."),
    };
    if let Some(field) = message.strip_prefix("missing field `") {
        return format!("{path}{dot}{} is missing", field.trim_end_matches('`'));
    }
    let expected = match message.rsplit_once(", expected ") {
        None => "another value",
        Some((_, "a sequence")) => "a list",
        Some((_, expected)) if expected.starts_with("struct ") => "an object",
        Some((_, expected)) => expected,
    };
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    let odd = value.pointer(&pointer).unwrap_or(value);
    let path = if path.is_empty() { name } else { path };
    format!("{path} is {}, expected {expected}", describe(odd))
}

/// The kind of a value, without its content.
fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Describes a body that is not JSON; completes the sentence "the answer is …". What looks like JSON
/// is not quoted, since it may be a part of a webhook, and what is compressed cannot be.
fn describe_body(raw: &RawResponse) -> String {
    const MAGIC_NUMBERS: [&[u8]; 2] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd"]; // gzip and zstd

    let body = &raw.body[..raw.body.len().min(64 * 1024)];
    let encoding = header_text(&raw.headers, header::CONTENT_ENCODING);
    let is_encoded = encoding.is_some_and(|it| !matches!(it, "" | "identity"));
    let is_compressed = is_encoded || MAGIC_NUMBERS.iter().any(|magic| body.starts_with(magic));
    if is_compressed && !body.is_empty() {
        return "compressed, although the request asked for no compression".to_owned();
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start();
    match (text.chars().next(), title(text)) {
        (None, _) => "empty".to_owned(),
        (Some('{' | '[' | '"'), _) => "JSON that is malformed or breaks off".to_owned(),
        (Some('<'), Some(title)) => format!("a page with the title \"{title}\""),
        (Some('<'), None) => format!("a page that starts with \"{text}\""),
        _ => format!("a text that starts with \"{text}\""),
    }
}

fn title(html: &str) -> Option<&str> {
    let lowercase = html.to_ascii_lowercase(); // keeps every byte offset
    let tag = lowercase.find("<title")?;
    let start = tag + lowercase[tag..].find('>')? + 1;
    let end = start + lowercase[start..].find("</title")?;
    Some(html[start..end].trim()).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests;
