//! Sample deliveries: one signed event to the URL of one webhook.
//!
//! A delivery goes only to this machine unless the builder allows others: every address of the
//! URL's host must be a loopback address, and the connection goes to the addresses that were
//! checked, without a second lookup. It is sent once, and no redirect is followed.

mod samples;

use super::model::keys::SigningKey;
use super::model::log::{Delivery, Outcome};
use super::model::store::timestamp;
use super::state::AppState;
use bytes::Bytes;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use samples::Organization;
use std::error::Error;
use std::iter;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use uuid::Uuid;

/// How long one delivery may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much of the body of a response is read and shown, in bytes.
const MAX_BODY: usize = 4 * 1024;

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliverError {
    /// There is no such webhook.
    #[error("there is no webhook {0}")]
    NoWebhook(String),
    /// The webhook is not enabled.
    #[error("the webhook is disabled, so nothing is delivered to it")]
    Disabled,
    /// The webhook is not subscribed to the event.
    #[error("the webhook is not subscribed to `{0}`, so that event is not delivered to it")]
    NotSubscribed(String),
    /// The URL is not an HTTP URL with a host.
    #[error("`{0}` is no http or https url with a host")]
    BadUrl(String),
    /// The host has no address.
    #[error("the host `{host}` has no address: {reason}")]
    NoAddress {
        /// The host.
        host: String,
        /// Why it has none.
        reason: String,
    },
    /// The host is another machine.
    #[error(
        "`{host}` has the address {address}, which is not a loopback address; samples go to this \
         machine alone unless the mock API is started with `--allow-remote-deliveries`"
    )]
    NotLoopback {
        /// The host.
        host: String,
        /// Its first address that is not a loopback address.
        address: std::net::IpAddr,
    },
    /// No key or no client could be made.
    #[error("the delivery could not be prepared: {0}")]
    Unprepared(String),
}

/// A delivery to send.
struct Order {
    webhook_id: String,
    url: Url,
    event: String,
    body: Bytes,
}

pub(crate) async fn deliver(
    state: &AppState,
    webhook_id: &str,
    event: &str,
) -> Result<Delivery, DeliverError> {
    let order = order(state, webhook_id, event)?;
    let client = client(&order.url, state.allow_remote_deliveries).await?;
    let key = Arc::clone(&state.lock().key);
    let signature = sign(key, order.body.clone()).await?;
    let delivery = order.send(&client, &signature).await;
    state.lock().add_delivery(delivery.clone());
    Ok(delivery)
}

fn order(state: &AppState, webhook_id: &str, event: &str) -> Result<Order, DeliverError> {
    let state = state.lock();
    let found = state.store.find(webhook_id);
    let (app, webhook) = found.ok_or_else(|| DeliverError::NoWebhook(webhook_id.to_owned()))?;
    if !webhook.enabled {
        return Err(DeliverError::Disabled);
    }
    if !webhook.events.iter().any(|known| known == event) {
        return Err(DeliverError::NotSubscribed(event.to_owned()));
    }
    let url = Url::parse(&webhook.url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    let organization = Organization {
        id: app.1.clone(),
        name: state.store.app_name(app).unwrap_or("sample").to_owned(),
    };
    let body = samples::payload(event, &organization, OffsetDateTime::now_utc());
    Ok(Order {
        webhook_id: webhook_id.to_owned(),
        url: url.ok_or_else(|| DeliverError::BadUrl(webhook.url.clone()))?,
        event: event.to_owned(),
        body: body.to_string().into(),
    })
}

/// A client that connects only to addresses that were checked.
async fn client(url: &Url, anywhere: bool) -> Result<Client, DeliverError> {
    let host = url.host_str().unwrap_or_default();
    let addresses = addresses(url).await?;
    let outside = addresses
        .iter()
        .map(|address| address.ip().to_canonical())
        .find(|address| !address.is_loopback());
    if let (false, Some(address)) = (anywhere, outside) {
        let host = host.to_owned();
        return Err(DeliverError::NotLoopback { host, address });
    }
    let mut builder = Client::builder();
    if url.scheme() == "http" {
        // Works on a system without root certificates.
        builder = builder.tls_certs_only([]);
    }
    builder
        .user_agent(concat!("realtimekit-mock-api/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(Policy::none())
        .resolve_to_addrs(host, &addresses)
        .timeout(TIMEOUT)
        .build()
        .map_err(|error| DeliverError::Unprepared(reasons(&error)))
}

async fn addresses(url: &Url) -> Result<Vec<SocketAddr>, DeliverError> {
    let port = url.port_or_known_default().unwrap_or_default();
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']); // of an IPv6 address
    let no_address = |reason: String| DeliverError::NoAddress {
        host: host.to_owned(),
        reason,
    };
    let found = tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((host, port)));
    let found = found.await.map_err(|late| no_address(late.to_string()))?;
    let found: Vec<_> = found
        .map_err(|error| no_address(error.to_string()))?
        .collect();
    match found.is_empty() {
        true => Err(no_address("the lookup found none".to_owned())),
        false => Ok(found),
    }
}

/// Signs on another thread, since making the key takes a moment.
async fn sign(key: Arc<SigningKey>, body: Bytes) -> Result<String, DeliverError> {
    let signed = tokio::task::spawn_blocking(move || key.sign(&body)).await;
    let signed = signed.map_err(|error| DeliverError::Unprepared(error.to_string()))?;
    signed.ok_or_else(|| DeliverError::Unprepared("no key could be made".to_owned()))
}

impl Order {
    async fn send(self, client: &Client, signature: &str) -> Delivery {
        let id = Uuid::new_v4().to_string();
        let sent_at = timestamp(OffsetDateTime::now_utc());
        let started = Instant::now();
        let sent = client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("rtk-signature", signature)
            .header("rtk-uuid", &id)
            .header("rtk-webhook-id", &self.webhook_id)
            .body(self.body)
            .send();
        let outcome = match sent.await {
            Ok(response) => read(response).await,
            Err(error) => Outcome::Failed(reasons(&error)),
        };
        Delivery {
            id,
            webhook_id: self.webhook_id,
            url: self.url.into(),
            event: self.event,
            sent_at,
            took: started.elapsed(),
            outcome,
        }
    }
}

async fn read(mut response: Response) -> Outcome {
    let status = response.status();
    let mut body = Vec::new();
    while body.len() <= MAX_BODY {
        match response.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => break,
            Err(error) => return Outcome::Failed(reasons(&error)),
        }
    }
    let cut = body.len() > MAX_BODY;
    body.truncate(MAX_BODY);
    Outcome::Answered {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
        cut,
    }
}

/// An error and what caused it, in one line.
fn reasons(error: &dyn Error) -> String {
    let chain = iter::successors(Some(error), |&error| error.source());
    let chain: Vec<String> = chain.map(ToString::to_string).collect();
    chain.join(": ")
}
