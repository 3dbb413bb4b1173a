//! What becomes of an answer, and of identifiers and URLs, as the programs in `fuzz/` reach it.
//! Compiled for those alone.

use bytes::Bytes;
use http::{HeaderMap, Method, Response};

use super::attempts::Attempts;
use super::decode::{self, PartialWebhook};
use super::http::received;
use super::limiter::Caller;
use super::{Call, Client, Error, apps, deadline, public_key, rate_limit, urls};

/// What an answer is to.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// A list of webhooks.
    Webhooks,
    /// One webhook.
    Webhook,
    /// What was written of a webhook.
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

/// Takes an answer as [`Client`] does: its body as far as `largest`, what it says of the rate
/// limit, and what it holds, in the words of `Debug`.
///
/// # Errors
/// Those of the call that this is the answer to.
pub async fn answered(
    client: &Client,
    asked: Asked,
    answer: Response<Vec<u8>>,
    largest: usize,
) -> Result<String, Error> {
    let base_url = &client.shared.config.base_url;
    let path = "/accounts/a/realtime/kit/b/webhooks".to_owned();
    let response = answer.map(Bytes::from).into();
    let answer = received(&base_url.join(&path), response, largest).await;
    let caller = Caller {
        deadline: deadline::after(client.timing().operation_timeout),
        stop: &client.shared.stop,
        is_read: true,
    };
    let permit = client.shared.limiter.acquire(caller).await;
    let call = Call {
        method: Method::GET,
        path,
    };
    let permit = permit.map_err(|reason| Error::NotSent {
        call: call.clone(),
        reason,
    })?;
    permit.answered(&answer);
    let mut success = client.read(call, &answer, Attempts::ONE)?;
    match asked {
        Asked::Webhooks => success.decode(decode::webhooks).map(shown),
        Asked::Webhook => success.decode(decode::webhook).map(shown),
        Asked::Written => success.decode(PartialWebhook::from_json).map(shown),
        Asked::Deleted => Ok(String::new()),
        Asked::Events => success
            .decode(|value| decode::strings("the list of events", value))
            .map(shown),
        Asked::Apps => success.decode(apps::read_apps).map(shown),
        Asked::PublicKey => success.decode(public_key::read_key).map(shown),
    }
}

fn shown(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// What an answer says about the rate limit.
pub fn rate_limit_of(headers: &HeaderMap) -> Option<String> {
    rate_limit::rate_limit(headers).map(shown)
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
