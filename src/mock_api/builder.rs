//! Sets an API up, starts it, and controls it while it runs.

use super::delivery;
use super::model::faults::{Fault, FaultRule, Matcher};
use super::model::log::{Call, Delivery};
use super::model::quirks::Quirks;
use super::model::seed::Seed;
use super::model::store::app_key;
use super::model::webhook::{Webhook, WebhookFields};
use super::model::{BASE_PATH, MockError, PUBLIC_KEY_PATH};
use super::server;
use super::state::{AppState, Builder};
use super::tls::Tls;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::{fmt, io};
use tokio::sync::oneshot;

impl Builder {
    /// Where to listen, instead of a free port of 127.0.0.1.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Serves HTTPS, and nothing else, if there is a certificate.
    pub fn tls(mut self, tls: impl Into<Option<Tls>>) -> Self {
        self.tls = tls.into();
        self
    }

    /// The token to accept, instead of [`DEFAULT_TOKEN`](super::DEFAULT_TOKEN).
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// How to behave, instead of [`Quirks::documented`].
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.initial.quirks = quirks;
        self
    }

    /// Declares an app, which the list of its account's apps then has.
    pub fn app(mut self, account_id: &str, app_id: &str, name: &str) -> Self {
        let key = app_key(account_id, app_id);
        self.initial.store.declare_app(key, name.to_owned());
        self
    }

    /// Begins with the apps and webhooks of a document, in place of apps declared before.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.initial.store = seed.0;
        self
    }

    /// A fault that requests meet from the start; a request meets the first that matches.
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.initial.faults.push(rule);
        self
    }

    /// A name, besides `localhost` and addresses, by which the page and the control endpoint may
    /// be reached. Web pages of the name's owner can then control them.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Whether to send sample deliveries to other machines, too.
    pub fn allow_remote_deliveries(mut self, allow: bool) -> Self {
        self.allow_remote_deliveries = allow;
        self
    }

    /// Forgets the oldest requests when there are more than this many.
    pub fn keep_calls(mut self, count: usize) -> Self {
        self.keep_calls = count;
        self
    }

    /// Calls `observer` with each request once its outcome is known, just before the client
    /// gets the answer. It runs on the server's thread and blocks other requests.
    pub fn on_call(mut self, observer: impl Fn(&Call) + Send + Sync + 'static) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Starts the API. It listens when this returns; an error says why it cannot listen.
    pub fn start(self) -> io::Result<MockApi> {
        let (mut api, served) = self.serve()?;
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build()?;
        let thread = thread::Builder::new().name("mock-api".to_owned());
        api.thread = Some(thread.spawn(move || runtime.block_on(served))?);
        Ok(api)
    }

    /// Starts the API on the Tokio runtime of the caller, so that both share a clock, which may be
    /// paused.
    pub fn spawn(self) -> io::Result<MockApi> {
        let (api, served) = self.serve()?;
        tokio::spawn(served);
        Ok(api)
    }

    /// The API without a connection, as the fuzz targets call it.
    #[cfg(any(fuzzing, test))]
    #[doc(hidden)]
    pub fn router(self) -> axum::Router {
        server::router(&Arc::new(AppState::new(self)))
    }

    /// The API, and what serves it until it is dropped.
    fn serve(self) -> io::Result<(MockApi, impl Future<Output = io::Result<()>> + Send)> {
        let listener = TcpListener::bind(self.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let tls = self.tls.as_ref().map(Tls::acceptor);
        let state = Arc::new(AppState::new(self));
        let router = server::router(&state);
        let (stop, stopped) = oneshot::channel();
        let served = async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::select! {
                never = server::serve(listener, tls, router) => match never {},
                _ = stopped => Ok(()),
            }
        };
        let api = MockApi {
            address,
            state,
            stop: Some(stop),
            thread: None,
        };
        Ok((api, served))
    }
}

/// A running API; stops when it is dropped.
pub struct MockApi {
    address: SocketAddr,
    state: Arc<AppState>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl MockApi {
    /// Starts the documented API on a free port, if there is one.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// An API to be set up before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for clients, such as `http://127.0.0.1:40123/client/v4`. If other machines can
    /// connect, it has the first name that was allowed.
    pub fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.origin())
    }

    /// The page that shows what the API holds, such as `http://127.0.0.1:40123/`; below it, at
    /// `/mock/`, is the control endpoint.
    pub fn page_url(&self) -> String {
        format!("{}/", self.origin())
    }

    fn origin(&self) -> String {
        let (settings, mut address) = (&self.state.settings, self.address);
        let scheme = settings.scheme();
        if let (Some(host), false) = (settings.hosts.first(), address.ip().is_loopback()) {
            return format!("{scheme}://{host}:{}", address.port());
        }
        // An unspecified address is for listening only; clients on this machine use loopback.
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
        let app = app_key(account_id, app_id);
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
            id: None,
            name: Some(name.to_owned()),
            url: Some(url.to_owned()),
            events: Some(events.collect()),
            enabled: Some(true),
        };
        let app = app_key(account_id, app_id);
        self.state.lock().store.insert(&app, fields, 0)
    }

    /// Changes a webhook from outside and returns it; `None` if there is none.
    #[must_use = "the webhook may not exist"]
    pub fn edit_webhook(&self, id: &str, change: impl FnOnce(&mut Webhook)) -> Option<Webhook> {
        self.state.lock().store.update(id, change)
    }

    /// Removes a webhook from outside and returns it; `None` if there is none.
    #[must_use = "the webhook may not exist"]
    pub fn remove_webhook(&self, id: &str) -> Option<Webhook> {
        self.state.lock().store.delete(id, 0)
    }

    /// Removes every webhook of every app from outside.
    pub fn clear_webhooks(&self) {
        self.state.lock().store.clear_webhooks();
    }

    /// Sends a signed sample of an event to a webhook's URL, once, and returns the outcome; an error
    /// tells why nothing was sent.
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
