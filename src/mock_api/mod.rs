//! The RealtimeKit webhooks API on the loopback interface: for tests, for the demo, and for
//! trying a configuration without an account.
//!
//! Written from the API's description, not from the client: it shares no type with it, so a
//! field that the client misspells fails a test instead of agreeing with itself.
//!
//! Where each behaviour comes from:
//!
//! - routes, fields, event names, the `data` envelope, the `error` shape and the words of 400,
//!   401 and 404: Cloudflare's OpenAPI document and reference pages;
//! - the other envelope and error shapes and the rate limit: Cloudflare's general API;
//! - every other [`Quirks`] switch that is on in [`Quirks::live`]: what clients met on the
//!   live service;
//! - deliveries, their headers and their public key: RealtimeKit's guide to webhooks;
//! - refusing unknown body fields, the size of a page of apps, `cf-ray` values, the page at `/`
//!   and what is below `/mock/`: chosen here.
//!
//! ```
//! use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};
//!
//! let api = MockApi::builder().quirks(Quirks::live()).start()?;
//! api.fail(Matcher::method(http::Method::POST), 1, Fault::drop_connection().after_storing());
//! println!("{} takes {}", api.base_url(), api.token());
//! assert!(api.calls().is_empty());
//! # std::io::Result::Ok(())
//! ```

mod access;
mod api;
mod apps;
mod builder;
mod checks;
mod control;
mod deliveries;
mod delivery;
mod envelope;
mod fault_effects;
mod fault_rules;
mod faults;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod keys;
mod log;
mod page;
mod quirk_values;
mod quirks;
mod rate_limit;
mod samples;
mod seed;
mod server;
mod state;
mod store;
mod tls;
mod views;
mod webhooks;

pub use builder::Builder;
pub use control::endpoints;
pub use deliveries::{Delivery, Outcome};
pub use delivery::DeliverError;
pub use fault_rules::{FaultRule, FaultRuleError};
pub use faults::{Fault, Matcher};
pub use log::Call;
pub use quirk_values::{DeleteAnswer, Envelope, ErrorShape, RateLimit, RetryAfter};
pub use quirks::{Quirks, SetQuirkError, Switch};
pub use seed::{Seed, SeedError};
pub use store::Webhook;
pub use tls::{Tls, TlsError};

use keys::PUBLIC_KEY_PATH;
use state::{AppState, BASE_PATH};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use store::{AppKey, NewWebhook};
use tokio::sync::oneshot;

/// The token that the API takes unless the builder names another.
pub const DEFAULT_TOKEN: &str = "mock-token-that-opens-nothing-0123456789";

/// An account to use with the API; any other does as well.
pub const SAMPLE_ACCOUNT_ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

/// An app to use with the API; any other does as well.
pub const SAMPLE_APP_ID: &str = "14a396e7-ca44-4937-bf1f-050a69118543";

/// A running API. Serves on a thread of its own, and stops when it is dropped.
pub struct MockApi {
    address: SocketAddr,
    https: bool,
    state: Arc<AppState>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl MockApi {
    /// Starts the documented API on a free port.
    ///
    /// # Errors
    /// No port can be had, or no thread.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// An API to be set up before it starts.
    pub fn builder() -> Builder {
        Builder::new()
    }

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
        let scheme = if self.https { "https" } else { "http" };
        // An unspecified address is for listening only; clients on this machine use loopback.
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => (),
        }
        format!("{scheme}://{address}")
    }

    /// Where the public key is that deliveries are signed with. It takes no token.
    pub fn public_key_url(&self) -> String {
        format!("{}{PUBLIC_KEY_PATH}", self.origin())
    }

    /// The only token that it takes.
    pub fn token(&self) -> String {
        self.state.lock().token().to_owned()
    }

    /// Every request since the start or the last clearing, in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().log.calls()
    }

    /// Forgets the requests so far.
    pub fn clear_calls(&self) {
        self.state.lock().log.clear();
    }

    /// Lets the next `times` requests meet a fault.
    pub fn fail_next(&self, times: usize, fault: impl Into<Fault>) {
        self.fail(Matcher::any(), times, fault);
    }

    /// Lets the next `times` requests that match meet a fault. Of several faults for a
    /// request, it meets the one that was asked for first.
    pub fn fail(&self, matcher: Matcher, times: usize, fault: impl Into<Fault>) {
        self.add_fault(FaultRule {
            matcher,
            times,
            fault: fault.into(),
        });
    }

    /// The same from a rule, which words or JSON can tell.
    pub fn add_fault(&self, rule: FaultRule) {
        self.state.lock().faults.add(rule);
    }

    /// How many faults no request has met yet.
    pub fn faults_left(&self) -> usize {
        self.state.lock().faults.left()
    }

    /// Calls off the faults that no request has met yet.
    pub fn clear_faults(&self) {
        self.state.lock().faults.clear();
    }

    /// Changes how the API behaves from now on.
    pub fn change_quirks(&self, change: impl FnOnce(&mut Quirks)) {
        change(&mut self.state.lock().quirks);
    }

    /// The webhooks of an app, oldest first: the truth, whatever reads answer.
    pub fn webhooks(&self, account_id: &str, app_id: &str) -> Vec<Webhook> {
        let state = self.state.lock();
        state
            .store
            .existing(&app_key(account_id, app_id))
            .cloned()
            .collect()
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
        let new = NewWebhook {
            name: name.to_owned(),
            url: url.to_owned(),
            events: events.iter().map(|&event| event.to_owned()).collect(),
            enabled: true,
        };
        let app = app_key(account_id, app_id);
        self.state.lock().store.insert(&app, new, 0)
    }

    /// Changes a webhook from outside and answers what it is then; `None` if there is none.
    #[must_use = "the webhook may not exist"]
    pub fn edit_webhook(&self, id: &str, change: impl FnOnce(&mut Webhook)) -> Option<Webhook> {
        let mut state = self.state.lock();
        let app = state.store.app_of(id)?;
        state.store.update(&app, id, change)
    }

    /// Removes a webhook from outside and answers what it was; `None` if there is none.
    #[must_use = "the webhook may not exist"]
    pub fn remove_webhook(&self, id: &str) -> Option<Webhook> {
        let mut state = self.state.lock();
        let app = state.store.app_of(id)?;
        state.store.delete(&app, id, 0)
    }

    /// Removes every webhook of every app from outside.
    pub fn clear_webhooks(&self) {
        self.state.lock().store.clear_webhooks();
    }

    /// Sends a signed sample of an event to a webhook's url, once, and answers what came of it.
    ///
    /// # Errors
    /// The webhook is not there, is disabled, or does not have the event; or its url does not
    /// lead to this machine, and the builder did not allow others.
    pub async fn deliver(&self, webhook_id: &str, event: &str) -> Result<Delivery, DeliverError> {
        delivery::deliver(&self.state, webhook_id, event).await
    }

    /// The deliveries that were sent, oldest first; the last hundred at most.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.state.lock().deliveries.clone()
    }

    /// Holds and does again what it did at the start: webhooks, quirks and faults; forgets the
    /// requests and deliveries so far.
    pub fn reset(&self) {
        self.state.lock().reset();
    }
}

impl Drop for MockApi {
    fn drop(&mut self) {
        // Dropping the sender stops the server; a thread that panicked has said so itself.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl fmt::Debug for MockApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockApi")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

fn app_key(account_id: &str, app_id: &str) -> AppKey {
    (account_id.to_owned(), app_id.to_owned())
}
