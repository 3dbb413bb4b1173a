//! How Terraform starts a plugin process, reaches it and ends it: go-plugin's side of the contract.
//!
//! The order in [`serve`] is part of that contract: the magic cookie is checked before anything is
//! done, the socket is bound before the handshake line names it, and that line is the first and only
//! one on stdout.
//!
//! Nothing here knows what a provider does; it carries whatever implements the generated service.

mod error;
mod handshake;
mod listener;
mod logging;
mod process;
mod reattach;
mod server;
mod services;
mod shutdown;
#[cfg(any(not(unix), test))]
mod tcp;
mod tls;
#[cfg(unix)]
mod unix_socket;

use std::{future, sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use crate::proto::tfplugin6::{provider_server::Provider, stop_provider};
use handshake::Handshake;
use listener::Listener;
use server::Services;
use shutdown::Signals;
#[cfg(not(unix))]
use tcp as socket;
#[cfg(unix)]
use unix_socket as socket;

pub use error::Error;
pub use handshake::PROTOCOL_VERSION;
pub use logging::{LogFormat, start_logging};
pub use process::{forbid_core_dumps, install_panic_hook, keep_memory_private};

/// How long calls that are still open delay the end that Terraform asks for: it has no use for
/// them, and kills a plugin after two seconds.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(100);

/// How long calls under way delay any other end: one that changes something is better answered,
/// or Terraform would not know what it made.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the plugin stays without a connection after it had one. Terraform keeps one open for
/// as long as it needs the plugin, so one that is gone was killed; on Windows nothing else tells.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves `provider` to the Terraform process that started this one.
///
/// Returns when Terraform asks for the end or is gone, or on SIGTERM; SIGINT and SIGHUP are ignored.
/// Unless Terraform asks, calls under way are finished, and so are `tasks`: what calls have started
/// that goes on without a client. When this returns, the socket is removed.
///
/// # Errors
///
/// [`Error::NotStartedByTerraform`] without the magic cookie; otherwise what kept it from serving.
pub fn serve(provider: impl Provider, tasks: TaskTracker) -> Result<(), Error> {
    if !handshake::has_magic_cookie() {
        return Err(Error::NotStartedByTerraform);
    }
    block_on(async {
        shutdown::ignore_interrupts().map_err(Error::Start)?;
        let signals = Signals::terminations().map_err(Error::Start)?;
        let (tls, certificate) = tls::from_env()?.unzip();
        let listener = socket::bind().map_err(Error::Listen)?;
        Handshake::from_env(listener.address(), certificate.as_deref())
            .announce()
            .map_err(Error::Start)?;
        let server = Server {
            tls,
            idle_timeout: Some(IDLE_TIMEOUT),
            ..Server::new(provider, tasks)
        };
        server.run(listener, signals, shutdown::client_gone()).await;
        Ok(())
    })
}

/// Serves `provider` to any Terraform process of this user, for a debugger's sake.
///
/// `address` is the provider's source address, as in `registry.terraform.io/realtimekit/realtimekit`.
/// What Terraform must find in its environment is printed on stdout. Returns on SIGINT, SIGTERM or
/// SIGHUP, after calls under way and `tasks` are finished.
///
/// # Errors
///
/// Returns what kept it from serving.
pub fn serve_debug(
    provider: impl Provider,
    tasks: TaskTracker,
    address: &str,
) -> Result<(), Error> {
    block_on(async {
        let signals = Signals::terminations().and_then(|it| Ok(it.and(Signals::interrupts()?)));
        let signals = signals.map_err(Error::Start)?;
        let listener = socket::bind().map_err(Error::Listen)?;
        reattach::announce(address, listener.address()).map_err(Error::Start)?;
        Server::new(provider, tasks)
            .run(listener, signals, future::pending())
            .await;
        Ok(())
    })
}

fn block_on(server: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Start)?;
    let result = runtime.block_on(server);
    runtime.shutdown_background(); // a name lookup under way must not delay the end
    result
}

/// A provider, and how it is to be served.
struct Server<P> {
    provider: Arc<P>,
    tasks: TaskTracker,
    stop: CancellationToken,
    tls: Option<TlsAcceptor>,
    idle_timeout: Option<Duration>,
}

impl<P: Provider> Server<P> {
    fn new(provider: P, tasks: TaskTracker) -> Self {
        Self {
            provider: Arc::new(provider),
            tasks,
            stop: CancellationToken::new(),
            tls: None,
            idle_timeout: None,
        }
    }

    /// Serves until the end is asked for, or the client is gone for as long as it may.
    async fn run(
        self,
        listener: impl Listener,
        signals: Signals,
        client_gone: impl Future<Output = ()>,
    ) {
        let services = Services::new(Arc::clone(&self.provider), &self.stop);
        let served = async {
            let tls = self.tls.clone();
            server::serve(listener, tls, services, &self.stop, self.idle_timeout).await;
            // no client is left, which is told to the tasks that go on
            self.tasks.close();
            tokio::select! {
                biased; () = self.tasks.wait() => {} // nothing is told to tasks that do not exist
                () = self.drain() => {}
            }
        };
        tokio::select! {
            biased; // why it ends is logged before it has ended
            () = self.end(signals, client_gone) => {}
            () = served => {}
        }
    }

    /// Waits until the end is asked for, and for as long as open calls may delay it.
    async fn end(&self, mut signals: Signals, client_gone: impl Future<Output = ()>) {
        tokio::select! {
            () = self.stop.cancelled() => {
                tracing::debug!("Terraform asked for the end");
                return sleep(SHUTDOWN_GRACE).await;
            }
            signal = signals.next() => {
                warn!("received {signal}: only calls under way are finished, and another ends them");
            }
            () = client_gone => tracing::debug!("Terraform is gone"),
        }
        self.stop.cancel();
        tokio::select! {
            () = self.drain() => {}
            _ = signals.next() => {}
        }
    }

    /// Tells the calls under way to wait for nothing, and leaves them the time that they may have.
    async fn drain(&self) {
        let told = async {
            let request = tonic::Request::new(stop_provider::Request {});
            let _ = self.provider.stop_provider(request).await; // Terraform did not ask for it
            future::pending().await
        };
        tokio::select! {
            () = told => {}
            () = sleep(DRAIN_TIMEOUT) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque, io, pin::pin};

    use tokio::{
        io::{AsyncWriteExt, DuplexStream, duplex},
        sync::Notify,
        time::{Instant, timeout},
    };
    use tonic::{Request, Response, Status, transport::Endpoint};

    use super::*;
    use crate::proto::{
        health::{HealthCheckRequest, health_client::HealthClient},
        plugin::{
            ConnInfo, grpc_broker_client::GrpcBrokerClient, grpc_stdio_client::GrpcStdioClient,
        },
        tfplugin6::provider_client::ProviderClient,
    };
    use listener::{Address, Connection};
    use tcp::TcpPort;

    /// A provider with a call that tells when it begins, and never ends.
    #[derive(Default)]
    struct Stuck(Arc<Notify>);

    #[tonic::async_trait]
    impl Provider for Stuck {
        async fn stop_provider(
            &self,
            _: Request<stop_provider::Request>,
        ) -> Result<Response<stop_provider::Response>, Status> {
            self.0.notify_one();
            future::pending().await
        }
    }

    fn server() -> Server<Stuck> {
        Server::new(Stuck::default(), TaskTracker::new())
    }

    fn listen() -> (TcpPort, Endpoint) {
        let listener = TcpPort::bind(0..=0).unwrap();
        let url = format!("http://{}", listener.address().address);
        (listener, Endpoint::from_shared(url).unwrap())
    }

    async fn run(server: Server<Stuck>, listener: impl Listener) {
        let signals = Signals::terminations().unwrap();
        server.run(listener, signals, future::pending()).await;
    }

    #[tokio::test]
    async fn tcp_serves_as_well_as_a_unix_socket() {
        let (listener, endpoint) = listen();
        let server = server();
        let stop = server.stop.clone();

        let client = async {
            let mut health = HealthClient::new(endpoint.connect().await.unwrap());
            let answer = health.check(HealthCheckRequest::default()).await;
            stop.cancel();
            answer
        };
        let ((), answer) = tokio::join!(run(server, listener), client);

        answer.unwrap();
    }

    #[tokio::test]
    async fn open_helper_streams_do_not_delay_the_end() {
        let (listener, endpoint) = listen();
        let server = server();
        let stop = server.stop.clone();
        let services = Services::new(Arc::clone(&server.provider), &stop);
        let served = server::serve(listener, None, services, &stop, None); // no grace ends it

        let client = async {
            let channel = endpoint.connect().await.unwrap();
            let output = GrpcStdioClient::new(channel.clone())
                .stream_stdio(())
                .await
                .unwrap();
            let infos = tokio_stream::pending::<ConnInfo>();
            let broker = GrpcBrokerClient::new(channel.clone())
                .start_stream(infos)
                .await
                .unwrap();
            let request = HealthCheckRequest::default();
            let health = HealthClient::new(channel).watch(request).await.unwrap();
            stop.cancel();
            (output, broker, health)
        };
        let both = async { tokio::join!(served, client) };
        let ended = timeout(Duration::from_secs(10), both).await;

        assert!(ended.is_ok());
    }

    #[tokio::test]
    async fn a_call_under_way_does_not_delay_the_end_for_long() {
        let (listener, endpoint) = listen();
        let server = server();
        let (begun, stop) = (Arc::clone(&server.provider.0), server.stop.clone());

        let mut client = ProviderClient::new(endpoint.connect_lazy());
        let call = pin!(client.stop_provider(stop_provider::Request {}));
        let asked = async {
            begun.notified().await;
            stop.cancel();
            future::pending::<()>().await;
        };
        tokio::select! {
            () = run(server, listener) => {}
            answer = call => panic!("the call has ended: {answer:?}"),
            () = asked => unreachable!(),
        }
    }

    /// Connections that were made before the server accepts any.
    struct Waiting {
        address: Address,
        connections: RefCell<VecDeque<DuplexStream>>,
        /// After how long others follow, which are closed at once.
        others: Duration,
    }

    impl Waiting {
        fn new(connections: impl IntoIterator<Item = DuplexStream>) -> Self {
            let address = Address {
                network: "none",
                address: String::new(),
            };
            let connections = RefCell::new(connections.into_iter().collect());
            Self {
                address,
                connections,
                others: Duration::MAX,
            }
        }

        /// A client that went at once.
        fn gone() -> Self {
            Self::new([duplex(1).1])
        }
    }

    impl Listener for Waiting {
        fn address(&self) -> &Address {
            &self.address
        }

        async fn accept(&self) -> io::Result<Connection> {
            let next = self.connections.borrow_mut().pop_front();
            match next {
                Some(connection) => Ok(Connection::new(connection)),
                None => {
                    sleep(self.others).await;
                    Ok(Connection::new(duplex(1).1))
                }
            }
        }
    }

    /// Runs a server that ends without a client; how long that took, with time paused.
    async fn idle_time(server: Server<Stuck>, listener: Waiting) -> Duration {
        let start = Instant::now();
        let server = Server {
            idle_timeout: Some(IDLE_TIMEOUT),
            ..server
        };
        let ended = timeout(Duration::from_secs(3600), run(server, listener)).await;
        assert!(ended.is_ok(), "it does not end");
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn server_without_a_client_ends_after_the_idle_timeout() {
        let idle = idle_time(server(), Waiting::gone()).await;

        assert_eq!(idle.as_secs(), IDLE_TIMEOUT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn server_without_a_client_stays_while_a_task_works() {
        let server = server();
        let work = Duration::from_secs(25);
        server.tasks.spawn(sleep(work));

        let idle = idle_time(server, Waiting::gone()).await;

        assert_eq!(idle.as_secs(), work.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn task_that_never_ends_is_stopped_and_then_given_up() {
        let server = server();
        let stopped = Arc::clone(&server.provider.0);
        server.tasks.spawn(future::pending::<()>());

        let idle = idle_time(server, Waiting::gone()).await;

        assert_eq!(idle.as_secs(), (IDLE_TIMEOUT + DRAIN_TIMEOUT).as_secs());
        stopped.notified().await; // otherwise it waits for ever
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_that_come_and_go_do_not_delay_the_idle_timeout() {
        let (tls, client) = tls::tests::acceptor();
        let (near, far) = duplex(1 << 14);
        let mut listener = Waiting::new([far]);
        listener.others = Duration::from_secs(4);
        let server = Server {
            tls: Some(tls),
            ..server()
        };

        let gone = async {
            let name = "localhost".try_into().unwrap();
            drop(client.connect(name, near).await.unwrap());
        };
        let (idle, ()) = tokio::join!(idle_time(server, listener), gone);

        assert_eq!(idle.as_secs(), IDLE_TIMEOUT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn server_in_debug_mode_outlives_its_clients() {
        let served = timeout(Duration::from_secs(3600), run(server(), Waiting::gone())).await;

        assert!(served.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_neither_keep_a_client_out_for_long_nor_count_as_one() {
        let (tls, _) = tls::tests::acceptor();
        let (silent, connections): (Vec<_>, Vec<_>) = (0..300).map(|_| duplex(64)).unzip();
        let (mut wrong, ours) = duplex(64);
        wrong.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let server = Server {
            tls: Some(tls),
            idle_timeout: Some(IDLE_TIMEOUT),
            ..server()
        };
        let listener = Waiting::new(connections.into_iter().chain([ours]));
        let start = Instant::now();

        let served = timeout(Duration::from_secs(3600), run(server, listener));
        let refused = async {
            tokio::io::copy(&mut wrong, &mut tokio::io::sink())
                .await
                .unwrap(); // until it is closed
            start.elapsed()
        };
        let (served, refused) = tokio::join!(served, refused);

        assert!(served.is_err(), "it ended without ever having had a client");
        assert_eq!(
            refused.as_secs(),
            20,
            "two crowds of 128 took ten seconds each"
        );
        drop(silent);
    }
}
