//! What the programs in `fuzz/` reach: reading an answer, identifiers and URLs. Compiled for
//! those programs only.

use std::fmt::Debug;

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::Value;

use super::client::Client;
use super::error::{Attempts, Error};
use super::http::{RawResponse, Request};
use super::response::decode;
use super::webhook::{PartialWebhook, read_webhook, read_webhooks};
use super::{apps, public_key, rate_limit, url};

/// Reads the value of an answer, and shows what it holds in the words of `Debug`.
pub type Reader = fn(&Value) -> Result<String, String>;

/// For lists of webhooks, webhooks, writes, deletions, lists of events, apps and the public key.
pub const READERS: [Reader; 7] = [
    |value| shown(read_webhooks(value)),
    |value| shown(read_webhook(value)),
    |value| shown(decode::<PartialWebhook>("the webhook", value)),
    |_deleted| Ok(String::new()),
    |value| shown(decode::<Vec<String>>("the list of events", value)),
    |value| shown(apps::read_apps(value)),
    |value| shown(public_key::read_key(value)),
];

fn shown(result: Result<impl Debug, String>) -> Result<String, String> {
    result.map(|value| format!("{value:?}"))
}

/// Takes an answer as [`Client`] does: its body up to `max_body` bytes, what it says about the
/// rate limit, and what it holds.
///
/// # Errors
/// Those of the request that this is the answer to.
pub async fn answered(
    client: &Client,
    read: Reader,
    answer: Response<Vec<u8>>,
    max_body: usize,
) -> Result<String, Error> {
    let path = "/accounts/a/realtime/kit/b/webhooks".to_owned();
    let request = Request::new(Method::GET, path, client.default_deadline());
    let url = client.shared.config.base_url.join(&request.call.path);
    let raw = RawResponse::receive(&url, answer.map(Bytes::from).into(), max_body).await;
    let permit = client.shared.rate_limiter.acquire(&request).await;
    let permit = permit.map_err(|reason| Error::NotSent {
        call: request.call.clone(),
        reason,
    })?;
    permit.answered(raw.status, &raw.headers);
    client
        .read(&request.call, &raw, Attempts::ONE)?
        .decode(read)
}

/// What an answer says about the rate limit.
pub fn rate_limit_of(headers: &HeaderMap) -> Option<String> {
    rate_limit::ratelimit(headers).map(|limit| format!("{limit:?}"))
}

/// The path to a webhook, below the base URL.
///
/// # Errors
/// An identifier cannot be part of a path.
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
