//! Sample deliveries: one signed event to the URL of one webhook.
//!
//! A delivery goes only to this machine unless the builder allows others: every address of the
//! URL's host must be a loopback address, and the connection goes to the addresses that were
//! checked, without a second lookup. It is sent once, and no redirect is followed.

use super::model::MockError;
use super::model::log::Delivery;
use super::model::store::timestamp;
use super::state::AppState;
use http::StatusCode;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{io, iter};
use time::OffsetDateTime;
use uuid::Uuid;

/// How long one delivery may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much of the body of a response is read and shown, in bytes.
const MAX_BODY: usize = 4 * 1024;

/// Sends a sample of the event to the webhook, and remembers it. An error says why nothing was sent.
pub(crate) async fn deliver(
    state: Arc<AppState>,
    webhook_id: &str,
    event: &str,
) -> Result<Delivery, MockError> {
    let (url, body) = order(&state, webhook_id, event)?;
    let client = client(&url, state.settings.allow_remote_deliveries).await?;
    // Signs on another thread, since making the key takes a moment.
    let (signer, signed) = (Arc::clone(&state), body.clone());
    let signature = tokio::task::spawn_blocking(move || signer.key.sign(signed.as_bytes())).await;
    let signature = signature.ok().flatten();
    let signature = signature.ok_or_else(|| unprepared("no key could be made"))?;
    let mut delivery = Delivery {
        id: Uuid::new_v4().to_string(),
        webhook_id: webhook_id.to_owned(),
        url: url.to_string(),
        event: event.to_owned(),
        sent_at: timestamp(OffsetDateTime::now_utc()),
        ..Delivery::default()
    };
    let started = Instant::now();
    let sent = client
        .post(url)
        .header("content-type", "application/json")
        .header("rtk-signature", signature)
        .header("rtk-uuid", &delivery.id)
        .header("rtk-webhook-id", webhook_id)
        .body(body)
        .send();
    let answered = match sent.await {
        Ok(response) => read(response, &mut delivery).await,
        Err(error) => Err(error),
    };
    delivery.error = answered.err().map(|error| reasons(&error));
    delivery.milliseconds = started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    state.add_delivery(delivery.clone());
    Ok(delivery)
}

/// Where to send a sample, and its body.
fn order(state: &AppState, webhook_id: &str, event: &str) -> Result<(Url, String), MockError> {
    let state = state.lock();
    let found = state.store.find(webhook_id);
    let (app, webhook) = found.ok_or_else(|| MockError::no_webhook(webhook_id))?;
    if !webhook.enabled {
        let message = "the webhook is disabled, so nothing is delivered to it";
        return refuse(StatusCode::CONFLICT, message);
    }
    if webhook.events.iter().all(|known| known != event) {
        let message = format!("the webhook is not subscribed to `{event}`");
        return refuse(StatusCode::CONFLICT, message);
    }
    let name = state.store.app_name(app).unwrap_or("sample");
    let body = payload(event, &app.1, name, OffsetDateTime::now_utc());
    match Url::parse(&webhook.url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
            Ok((url, body.to_string()))
        }
        _ => {
            let message = format!("`{}` is no http or https url with a host", webhook.url);
            refuse(StatusCode::UNPROCESSABLE_ENTITY, message)
        }
    }
}

fn refuse<T>(status: StatusCode, message: impl Into<String>) -> Result<T, MockError> {
    Err(MockError::new(status, message))
}

/// A client that connects only to addresses that were checked.
async fn client(url: &Url, anywhere: bool) -> Result<Client, MockError> {
    let host = url.host_str().unwrap_or_default();
    let addresses = addresses(url.clone()).await.map_err(|reason| {
        let message = format!("the host `{host}` has no address: {reason}");
        MockError::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    })?;
    let outside = addresses
        .iter()
        .map(|address| address.ip().to_canonical())
        .find(|address| !address.is_loopback());
    if let (false, Some(address)) = (anywhere, outside) {
        let message = format!(
            "`{host}` has the address {address}, which is not a loopback address; samples go to \
             this machine alone unless the mock API is started with `--allow-remote-deliveries`"
        );
        return refuse(StatusCode::FORBIDDEN, message);
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
        .map_err(|error| unprepared(&reasons(&error)))
}

async fn addresses(url: Url) -> io::Result<Vec<SocketAddr>> {
    let lookup = tokio::task::spawn_blocking(move || url.socket_addrs(|| None));
    tokio::time::timeout(TIMEOUT, lookup).await??
}

async fn read(mut response: Response, delivery: &mut Delivery) -> reqwest::Result<()> {
    let status = response.status();
    let mut body = Vec::new();
    while body.len() <= MAX_BODY
        && let Some(piece) = response.chunk().await?
    {
        body.extend_from_slice(&piece);
    }
    delivery.status = Some(status.as_u16());
    delivery.delivered = status.is_success();
    let shown = &body[..body.len().min(MAX_BODY)];
    delivery.body = String::from_utf8_lossy(shown).into_owned();
    if body.len() > MAX_BODY {
        delivery.body.push('…');
    }
    Ok(())
}

fn unprepared(reason: &str) -> MockError {
    let message = format!("the delivery could not be prepared: {reason}");
    MockError::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}

/// An error and what caused it, in one line.
fn reasons(error: &dyn Error) -> String {
    let chain = iter::successors(Some(error), |&error| error.source());
    let chain: Vec<String> = chain.map(ToString::to_string).collect();
    chain.join(": ")
}

/// By event; texts with `$` are filled in. What has ended is still `LIVE`, as in the guide.
const SAMPLES: &str = include_str!("samples.json");

/// A sample body for an event; that of an unknown event has only the meeting.
///
/// The meeting began half an hour ago and, if it has ended, ended now.
pub(crate) fn payload(event: &str, app_id: &str, app_name: &str, now: OffsetDateTime) -> Value {
    let before_now = |minutes| timestamp(now - time::Duration::minutes(minutes));
    let [meeting, session, other] = [(); 3].map(|()| Uuid::new_v4().to_string());
    let values = BTreeMap::from([
        ("$meeting", meeting),
        ("$session", session),
        ("$other", other),
        ("$app_id", app_id.to_owned()),
        ("$app_name", app_name.to_owned()),
        ("$started", before_now(30)),
        ("$joined", before_now(25)),
        ("$left", before_now(5)),
        ("$ended", before_now(0)),
        ("$expiry", timestamp(now + time::Duration::days(7))),
    ]);
    // A test parses the document, so null is never used.
    let mut samples: Value = serde_json::from_str(SAMPLES).unwrap_or_default();
    let known = samples.get(event).map_or("meeting.started", |_| event);
    let mut payload = samples[known].take();
    fill_in(&mut payload, &values);
    payload["event"] = json!(event);
    payload
}

fn fill_in(value: &mut Value, values: &BTreeMap<&str, String>) {
    match value {
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| fill_in(value, values)),
        Value::String(text) => *text = values.get(&**text).unwrap_or(text).clone(),
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock_api::model::webhook::EVENTS;

    fn sample(event: &str) -> Value {
        payload(event, "app-id", "Town hall", OffsetDateTime::UNIX_EPOCH)
    }

    fn members(value: &Value) -> Vec<&str> {
        value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect()
    }

    #[test]
    fn sample_of_each_event_has_its_name_and_its_own_members() {
        let shapes: Vec<Vec<String>> = EVENTS
            .iter()
            .filter(|event| **event != "meeting.started")
            .map(|event| {
                let sample = sample(event);
                assert_eq!(sample["event"], *event);
                assert!(!sample.to_string().contains('$'), "{sample}");
                members(&sample).into_iter().map(str::to_owned).collect()
            })
            .collect();

        let plain = ["event", "meeting"];
        assert_eq!(members(&sample("meeting.started")), plain);
        assert!(shapes.iter().all(|members| members.len() > plain.len()));
    }

    #[test]
    fn meeting_ends_half_an_hour_after_it_began() {
        let ended = sample("meeting.ended");

        assert_eq!(ended["meeting"]["startedAt"], "1969-12-31T23:30:00.000Z");
        assert_eq!(ended["meeting"]["endedAt"], "1970-01-01T00:00:00.000Z");
        assert_eq!(ended["reason"], "ALL_PARTICIPANTS_LEFT");
        assert_eq!(ended["meeting"]["organizedBy"]["name"], "Town hall");
    }

    #[test]
    fn recording_belongs_to_its_meeting_and_app() {
        let update = sample("recording.statusUpdate");

        assert_eq!(update["recording"]["meetingId"], update["meeting"]["id"]);
        assert_eq!(update["recording"]["organizationId"], "app-id");
    }
}
