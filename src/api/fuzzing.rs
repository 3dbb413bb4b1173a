//! What the programs in `fuzz/` reach: reading an answer, identifiers and URLs. Compiled for
//! those programs only.

use std::fmt::Debug;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::Value;

use super::client::{Answer, Client};
use super::error::{Error, Failure};
use super::http::{RawResponse, Request};
use super::response::{decode, read};
use super::webhook::{Written, read_webhook, read_webhooks};
use super::{apps, public_key, url};

/// Reads the value of an answer, and shows what it holds in the words of `Debug`.
pub type Reader = fn(&Value) -> Result<String, String>;

/// For lists of webhooks, webhooks, writes, lists of events, apps and the public key.
pub const READERS: [Reader; 6] = [
    |value| shown(read_webhooks(value)),
    |value| shown(read_webhook(value, None)),
    |value| shown(Written::read(value, None)),
    |value| shown(decode::<Vec<String>>("the list of events", value)),
    |value| shown(apps::read_apps(value)),
    |value| shown(public_key::read_key(value)),
];

fn shown(result: Result<impl Debug, String>) -> Result<String, String> {
    result.map(|value| format!("{value:?}"))
}

/// Takes an answer as [`Client`] does: its body up to `max_body` bytes, what it says about the
/// rate limit, and what it holds.
pub async fn answered(
    client: &Client,
    reader: Reader,
    answer: Response<Vec<u8>>,
    max_body: usize,
) -> Result<String, Error> {
    let request = Request::new(Method::GET, "/".to_owned(), client.default_deadline());
    let raw = RawResponse::receive(answer.map(Bytes::from).into(), max_body).await;
    let failed = Failure::default();
    match client.shared.rate_limiter.acquire(&request).await {
        Ok(permit) => permit.answered(raw.status, &raw.headers),
        Err(reason) => return Err(failed.stopped(reason)),
    }
    let value = read(&raw, &client.shared.config.token);
    let value = value?;
    Answer(value, failed).decode(reader)
}

/// The path to a webhook, below the base URL.
pub fn webhook_path(
    client: &Client,
    account_id: &str,
    app_id: &str,
    id: &str,
) -> Result<String, Error> {
    let webhooks = client.webhooks(account_id, app_id);
    Ok(webhooks.request_for(Method::GET, id)?.call.path)
}

/// The one spelling of all that mean the same URL.
pub fn normal_url(url: &str) -> String {
    url::normal_url(url)
}
