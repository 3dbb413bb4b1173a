//! Sets an API up and starts it.

use super::control::access::Access;
use super::handle::MockApi;
use super::model::DEFAULT_TOKEN;
use super::model::faults::{FaultPlan, FaultRule};
use super::model::log::{Call, CallLog};
use super::model::quirks::Quirks;
use super::model::seed::Seed;
use super::model::store::Store;
use super::server::{router, serve, tls::Tls};
use super::state::{AppState, MockState, Observer, Start};
use std::fmt;
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
            token: DEFAULT_TOKEN.to_owned(),
            start: Start {
                quirks: Quirks::documented(),
                store: Store::default(),
                faults: FaultPlan::default(),
            },
            tls: None,
            hosts: Vec::new(),
            allow_remote_deliveries: false,
            keep_calls: usize::MAX,
            observer: None,
        }
    }
}

/// An API that has not started yet.
pub struct Builder {
    listen: SocketAddr,
    token: String,
    start: Start,
    tls: Option<Tls>,
    hosts: Vec<String>,
    allow_remote_deliveries: bool,
    keep_calls: usize,
    observer: Option<Observer>,
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

    /// The token to accept, instead of [`DEFAULT_TOKEN`].
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// How to behave, instead of [`Quirks::documented`].
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.start.quirks = quirks;
        self
    }

    /// Declares an app, which the list of its account's apps then has.
    #[must_use]
    pub fn app(mut self, account_id: &str, app_id: &str, name: &str) -> Self {
        let key = (account_id.to_owned(), app_id.to_owned());
        self.start.store.declare_app(key, name.to_owned());
        self
    }

    /// Declares the apps of a document, with their webhooks.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        seed.insert_into(&mut self.start.store);
        self
    }

    /// A fault that requests meet from the start; a request meets the first that matches.
    #[must_use]
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.start.faults.add(rule);
        self
    }

    /// A name, besides `localhost` and addresses, by which the page and the control endpoint may
    /// be reached. Web pages of the name's owner can then control them.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Sends sample deliveries to other machines, too.
    #[must_use]
    pub fn allow_remote_deliveries(mut self) -> Self {
        self.allow_remote_deliveries = true;
        self
    }

    /// Forgets the oldest requests when there are more than this many.
    #[must_use]
    pub fn keep_calls(mut self, count: usize) -> Self {
        self.keep_calls = count;
        self
    }

    /// Calls `observer` with each request once its outcome is known, just before the client
    /// gets the answer. It runs on the server's thread and blocks other requests.
    #[must_use]
    pub fn on_call(mut self, observer: impl Fn(&Call) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Starts the API; it listens when this returns.
    ///
    /// # Errors
    /// The address cannot be listened on, or no thread is available.
    pub fn start(self) -> io::Result<MockApi> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let served = {
            let _context = runtime.enter();
            self.serve()
        };
        match served {
            Ok((mut api, served)) => {
                let thread = thread::Builder::new().name("mock-api".to_owned());
                api.thread = Some(thread.spawn(move || runtime.block_on(served))?);
                Ok(api)
            }
            Err(error) => {
                runtime.shutdown_background(); // its drop panics where the caller is async
                Err(error)
            }
        }
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
    fn serve(self) -> io::Result<(MockApi, impl Future<Output = ()> + Send + use<>)> {
        let listener = std::net::TcpListener::bind(self.listen)?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let https = self.tls.is_some();
        let (stop, stopped) = oneshot::channel();
        let log = CallLog::keeping(self.keep_calls);
        let state = MockState::new(self.start, log, self.token);
        let state = AppState::new(state, self.allow_remote_deliveries, self.observer);
        let api = MockApi {
            address: listener.local_addr()?,
            https,
            state: Arc::new(state),
            stop: Some(stop),
            thread: None,
        };
        let (tls, router) = (self.tls, router(&api.state, Access::new(self.hosts, https)));
        let served = async move {
            tokio::select! {
                never = serve(listener, tls.as_ref(), router) => match never {},
                _ = stopped => {}
            }
        };
        Ok((api, served))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("listen", &self.listen)
            .field("quirks", &self.start.quirks)
            .finish_non_exhaustive()
    }
}
