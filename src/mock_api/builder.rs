//! Sets an API up and starts it.

use super::handle::MockApi;
use super::model::faults::FaultRule;
use super::model::log::Call;
use super::model::quirks::Quirks;
use super::model::seed::Seed;
use super::server::{self, tls::Tls};
use super::state::{AppState, Settings};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

impl MockApi {
    /// Starts the documented API on a free port.
    ///
    /// # Errors
    /// No port or no thread is available.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// An API to be set up before it starts.
    pub fn builder() -> Builder {
        Builder {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: None,
            settings: Settings::default(),
        }
    }
}

/// An API that has not started yet.
pub struct Builder {
    listen: SocketAddr,
    tls: Option<Tls>,
    settings: Settings,
}

impl Builder {
    /// Where to listen, instead of a free port of 127.0.0.1.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Serves HTTPS, and nothing else.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// The token to accept, instead of [`DEFAULT_TOKEN`](super::DEFAULT_TOKEN).
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.settings.token = token.into();
        self
    }

    /// How to behave, instead of [`Quirks::documented`].
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.settings.initial.quirks = quirks;
        self
    }

    /// Declares an app, which the list of its account's apps then has.
    #[must_use]
    pub fn app(mut self, account_id: &str, app_id: &str, name: &str) -> Self {
        let key = (account_id.to_owned(), app_id.to_owned());
        let store = &mut self.settings.initial.store;
        store.declare_app(key, name.to_owned());
        self
    }

    /// Declares the apps of a document, with their webhooks.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        seed.insert_into(&mut self.settings.initial.store);
        self
    }

    /// A fault that requests meet from the start; a request meets the first that matches.
    #[must_use]
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.settings.initial.faults.push(rule);
        self
    }

    /// A name, besides `localhost` and addresses, by which the page and the control endpoint may
    /// be reached. Web pages of the name's owner can then control them.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.settings.hosts.push(name.into());
        self
    }

    /// Whether to send sample deliveries to other machines, too.
    #[must_use]
    pub fn allow_remote_deliveries(mut self, allow: bool) -> Self {
        self.settings.allow_remote_deliveries = allow;
        self
    }

    /// Forgets the oldest requests when there are more than this many.
    #[must_use]
    pub fn keep_calls(mut self, count: usize) -> Self {
        self.settings.keep_calls = count;
        self
    }

    /// Calls `observer` with each request once its outcome is known, just before the client
    /// gets the answer. It runs on the server's thread and blocks other requests.
    #[must_use]
    pub fn on_call(mut self, observer: impl Fn(&Call) + Send + Sync + 'static) -> Self {
        self.settings.observer = Box::new(observer);
        self
    }

    /// Starts the API; it listens when this returns.
    ///
    /// # Errors
    /// The address cannot be listened on, or no thread is available.
    pub fn start(self) -> io::Result<MockApi> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (mut api, served) = {
            let _context = runtime.enter();
            self.serve()?
        };
        let thread = thread::Builder::new().name("mock-api".to_owned());
        api.thread = Some(thread.spawn(move || runtime.block_on(served))?);
        Ok(api)
    }

    /// Starts the API on the Tokio runtime of the caller, so that both share a clock, which may be
    /// paused.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub fn spawn(self) -> io::Result<MockApi> {
        let (api, served) = self.serve()?;
        tokio::spawn(served);
        Ok(api)
    }

    /// Listens; the future serves until the API is dropped.
    fn serve(mut self) -> io::Result<(MockApi, impl Future<Output = ()> + Send + use<>)> {
        let listener = std::net::TcpListener::bind(self.listen)?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let tls = self.tls.as_ref().map(Tls::acceptor);
        self.settings.https = tls.is_some();
        let state = Arc::new(AppState::new(self.settings));
        let router = server::router(&state);
        let (stop, stopped) = oneshot::channel();
        let api = MockApi {
            address: listener.local_addr()?,
            state,
            stop: Some(stop),
            thread: None,
        };
        let served = async {
            tokio::select! {
                never = server::serve(listener, tls, router) => match never {},
                _ = stopped => {}
            }
        };
        Ok((api, served))
    }
}
