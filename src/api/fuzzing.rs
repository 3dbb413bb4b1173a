//! What the programs in `fuzz/` reach: reading an answer, identifiers and URLs. Compiled for
//! those programs only.

use bytes::Bytes;
use http::{Method, Response};

use super::client::{Answer, Client};
use super::error::{Error, Failure};
use super::http::{RawResponse, Request};
use super::response::{decode, read};
use super::webhook::{Written, read_webhook, read_webhooks};
use super::{apps, public_key};

/// Takes an answer as [`Client`] does: its body up to `max_body` bytes, what it says about the
/// rate limit, and what it holds. `asked` is the kind of request that it answers.
pub async fn answered(
    client: &Client,
    asked: u8,
    answer: Response<Vec<u8>>,
    max_body: usize,
) -> Result<(), Error> {
    let request = Request::new(Method::GET, "/".to_owned(), client.default_deadline());
    let raw = RawResponse::receive(answer.map(Bytes::from).into(), max_body).await;
    match client.shared.rate_limiter.acquire(&request).await {
        Ok(permit) => permit.answered(raw.status, &raw.headers),
        Err(reason) => return Err(Failure::default().stopped(reason)),
    }
    let value = read(&raw, &client.shared.config.token).map_err(|failure| *failure)?;
    Answer(value, Failure::default()).decode(|value| match asked % 6 {
        0 => read_webhooks(value).map(drop),
        1 => read_webhook(value, None).map(drop),
        2 => Written::read(value, None).map(drop),
        3 => decode::<Vec<String>>("the list of events", value).map(drop),
        4 => apps::read_apps(value).map(drop),
        _ => public_key::read_key(value).map(drop),
    })
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
