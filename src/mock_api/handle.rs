//! The handle of a running API.

use super::delivery;
use super::model::faults::{Fault, FaultRule, Matcher};
use super::model::log::{Call, Delivery};
use super::model::quirks::Quirks;
use super::model::webhook::{Webhook, WebhookFields};
use super::model::{BASE_PATH, MockError, PUBLIC_KEY_PATH};
use super::state::AppState;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A running API; stops when it is dropped.
pub struct MockApi {
    pub(crate) address: SocketAddr,
    pub(crate) state: Arc<AppState>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl MockApi {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for clients, such as `http://127.0.0.1:40123/client/v4`.
    pub fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.origin())
    }

    /// The page that shows what the API holds, such as `http://127.0.0.1:40123/`; below it, at
    /// `/mock/`, is the control endpoint.
    pub fn page_url(&self) -> String {
        format!("{}/", self.origin())
    }

    fn origin(&self) -> String {
        let https = self.state.settings.https;
        let scheme = if https { "https" } else { "http" };
        // An unspecified address is for listening only; clients on this machine use loopback.
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => (),
        }
        format!("{scheme}://{address}")
    }

    /// URL of the public key that verifies deliveries; it needs no token.
    pub fn public_key_url(&self) -> String {
        format!("{}{PUBLIC_KEY_PATH}", self.origin())
    }

    /// The only token that it accepts.
    pub fn token(&self) -> String {
        self.state.settings.token.clone()
    }

    /// Every request since the start or the last clearing, in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().calls.iter().cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn clear_calls(&self) {
        self.state.lock().calls.clear();
    }

    /// Lets the next `times` requests meet a fault.
    pub fn fail_next(&self, times: usize, fault: impl Into<Fault>) {
        self.fail(Matcher::any(), times, fault);
    }

    /// Lets the next `times` requests that match meet a fault. A request that several faults match
    /// meets the one that was added first.
    pub fn fail(&self, matcher: Matcher, times: usize, fault: impl Into<Fault>) {
        let fault = fault.into();
        self.state.lock().faults.push(FaultRule {
            matcher,
            times,
            fault,
        });
    }

    /// How many requests will still meet a fault.
    pub fn faults_left(&self) -> usize {
        let times = |rule: &FaultRule| rule.times;
        let faults = &self.state.lock().faults;
        faults.iter().map(times).fold(0, usize::saturating_add)
    }

    /// Cancels the pending faults.
    pub fn clear_faults(&self) {
        self.state.lock().faults.clear();
    }

    /// Changes how the API behaves from now on.
    pub fn change_quirks(&self, change: impl FnOnce(&mut Quirks)) {
        change(&mut self.state.lock().quirks);
    }

    /// The webhooks of an app, oldest first, as stored, whatever reads answer.
    pub fn webhooks(&self, account_id: &str, app_id: &str) -> Vec<Webhook> {
        let app = (account_id.to_owned(), app_id.to_owned());
        self.state.lock().store.existing(&app).cloned().collect()
    }

    /// Adds an enabled webhook from outside; nothing is checked, and every read sees it at once.
    pub fn add_webhook(
        &self,
        account_id: &str,
        app_id: &str,
        name: &str,
        url: &str,
        events: &[&str],
    ) -> Webhook {
        let events = events.iter().map(|&event| event.to_owned());
        let fields = WebhookFields {
            name: Some(name.to_owned()),
            url: Some(url.to_owned()),
            events: Some(events.collect()),
            enabled: Some(true),
        };
        let app = (account_id.to_owned(), app_id.to_owned());
        self.state.lock().store.insert(&app, None, fields, 0)
    }

    /// Changes a webhook from outside and returns it; `None` if there is none.
    #[must_use = "the webhook may not exist"]
    pub fn edit_webhook(&self, id: &str, change: impl FnOnce(&mut Webhook)) -> Option<Webhook> {
        self.state.lock().store.update(None, id, change)
    }

    /// Removes a webhook from outside and returns it; `None` if there is none.
    #[must_use = "the webhook may not exist"]
    pub fn remove_webhook(&self, id: &str) -> Option<Webhook> {
        self.state.lock().store.delete(None, id, 0)
    }

    /// Removes every webhook of every app from outside.
    pub fn clear_webhooks(&self) {
        self.state.lock().store.clear_webhooks();
    }

    /// Sends a signed sample of an event to a webhook's URL, once, and returns the outcome.
    ///
    /// # Errors
    /// The webhook does not exist, is disabled or is not subscribed to the event; or its URL points
    /// to another machine, which the builder did not allow.
    pub async fn deliver(&self, webhook_id: &str, event: &str) -> Result<Delivery, MockError> {
        delivery::deliver(Arc::clone(&self.state), webhook_id, event).await
    }

    /// Restores the initial state, and forgets the requests and deliveries so far.
    pub fn reset(&self) {
        self.state.reset();
    }
}

impl Drop for MockApi {
    fn drop(&mut self) {
        // Dropping the sender stops the server; a panic of its thread has been printed.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl fmt::Debug for MockApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MockApi").field(&self.base_url()).finish()
    }
}
