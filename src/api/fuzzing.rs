//! What the programs in `fuzz/` reach: reading an answer, identifiers and URLs. Compiled for
//! those programs only.

use bytes::Bytes;
use http::{HeaderMap, Method, Response};

use super::http::{Request, received};
use super::rate_limit::{Caller, ratelimit};
use super::response::decode;
use super::retry::{Attempts, deadline_after};
use super::webhooks::{PartialWebhook, read_webhook, read_webhooks};
use super::{Client, Error, apps, public_key, url};

/// The request that an answer is to.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// A list of webhooks.
    Webhooks,
    /// One webhook.
    Webhook,
    /// A write.
    Written,
    /// A deletion.
    Deleted,
    /// A list of events.
    Events,
    /// A page of apps.
    Apps,
    /// The public key.
    PublicKey,
}

/// Takes an answer as [`Client`] does: its body up to `max_body` bytes, what it says about the
/// rate limit, and what it holds, in the words of `Debug`.
///
/// # Errors
/// Those of the request that this is the answer to.
pub async fn answered(
    client: &Client,
    asked: Asked,
    answer: Response<Vec<u8>>,
    max_body: usize,
) -> Result<String, Error> {
    let base_url = &client.shared.config.base_url;
    let request = Request::new(
        Method::GET,
        "/accounts/a/realtime/kit/b/webhooks".to_owned(),
    );
    let response = answer.map(Bytes::from).into();
    let raw = received(&base_url.join(&request.path), response, max_body).await;
    let caller = Caller {
        deadline: deadline_after(client.timing().operation_timeout),
        stop: &client.shared.stop,
        is_read: true,
        is_patient: true,
    };
    let permit = client.shared.rate_limiter.acquire(caller).await;
    let permit = permit.map_err(|reason| Error::NotSent {
        call: request.call(),
        reason,
    })?;
    permit.answered(raw.status, &raw.headers);
    let mut response = client.read(&request, &raw, Attempts::ONE)?;
    match asked {
        Asked::Webhooks => response.decode(read_webhooks).map(shown),
        Asked::Webhook => response.decode(read_webhook).map(shown),
        Asked::Written => response
            .decode(|value| decode::<PartialWebhook>("the webhook", value))
            .map(shown),
        Asked::Deleted => Ok(String::new()),
        Asked::Events => response
            .decode(|value| decode::<Vec<String>>("the list of events", value))
            .map(shown),
        Asked::Apps => response.decode(apps::read_apps).map(shown),
        Asked::PublicKey => response.decode(public_key::read_key).map(shown),
    }
}

fn shown(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// What an answer says about the rate limit.
pub fn rate_limit_of(headers: &HeaderMap) -> Option<String> {
    ratelimit(headers).map(shown)
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
    let request = webhooks.request_for(Method::GET, id)?;
    Ok(request.path)
}

/// The one spelling of all that mean the same URL.
pub fn normal_url(url: &str) -> String {
    url::normal_url(url)
}
