//! How Terraform starts a plugin process, reaches it and ends it: go-plugin's side of the contract.
//!
//! The order in [`serve`] is part of that contract: the magic cookie is checked before anything is
//! done, the socket is bound before the handshake line names it, and that line is the first and only
//! one on stdout.
//!
//! Nothing here knows what a provider does; it carries whatever implements the generated service.

mod handshake;
mod listener;
mod logging;
mod process;
mod reattach;
mod server;
mod services;
mod shutdown;
mod tls;

use std::{io, sync::Arc, time::Duration};

use tokio_rustls::TlsAcceptor;

use crate::proto::tfplugin6::{provider_server::Provider, stop_provider};
use handshake::Handshake;
use listener::Listener;
use server::Services;
use shutdown::{ShutdownReason, Stop};

pub use handshake::PROTOCOL_VERSION;
pub use logging::{LogFormat, start_logging};
pub use process::{forbid_core_dumps, install_panic_hook, keep_memory_private};

/// How long calls that are still open delay the end that Terraform asks for: it has no use for
/// them, and kills a plugin after two seconds.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(100);

/// How long calls under way delay the end that a signal asks for: one that changes something is
/// better answered, or Terraform would not know what it made.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the plugin stays without a connection after it had one. Terraform keeps one open for
/// as long as it needs the plugin, so one that is gone was killed; on Windows nothing else tells.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the plugin could not be served.
///
/// Each level says its own part only; the cause is in `source()`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The magic cookie is not in the environment: somebody ran the program by hand.
    #[error(
        "This program is a Terraform plugin: Terraform starts it by itself when a configuration \
         requires the provider.\nName the provider in `required_providers`, then run `terraform \
         init` and `terraform plan`; `--help` says what else this program can do."
    )]
    NotStartedByTerraform,
    /// `PLUGIN_CLIENT_CERT` holds something else than one certificate.
    ///
    /// go-plugin goes on and refuses every connection, which the practitioner sees as an obscure
    /// TLS failure. Ending before the handshake line fails at once, with this text in the log.
    #[error("PLUGIN_CLIENT_CERT does not hold a PEM certificate")]
    ClientCertificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The certificate of this process could not be made or used.
    #[error("cannot create a TLS certificate")]
    ServerCertificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No socket could be bound.
    #[error("cannot listen for Terraform")]
    Listen(#[source] io::Error),
    /// The operating system refused something else that the server needs.
    #[error("cannot start the server")]
    Start(#[source] io::Error),
}

/// Serves `provider` to the Terraform process that started this one.
///
/// Returns when Terraform asks for the end or is gone, or on SIGTERM, after which calls under way are
/// finished; SIGINT and SIGHUP are ignored. By then the socket is removed.
///
/// # Errors
///
/// [`Error::NotStartedByTerraform`] without the magic cookie; otherwise what kept it from serving.
pub fn serve(provider: impl Provider) -> Result<(), Error> {
    if !handshake::has_magic_cookie() {
        return Err(Error::NotStartedByTerraform);
    }
    block_on(async {
        shutdown::ignore_interrupts().map_err(Error::Start)?;
        let stop = Stop::default();
        let shutdown = shutdown::wait_for_shutdown(&stop).map_err(Error::Start)?;
        let (tls, certificate) = tls::from_env()?.unzip();
        let listener = listener::bind().map_err(Error::Listen)?;
        Handshake::from_env(listener.address(), certificate.as_deref())
            .announce()
            .map_err(Error::Start)?;
        serve_on(listener, tls, provider, stop, Some(IDLE_TIMEOUT), shutdown).await;
        Ok(())
    })
}

/// Serves `provider` to any Terraform process of this user, for a debugger's sake.
///
/// `address` is the provider's source address, as in `registry.terraform.io/realtimekit/realtimekit`.
/// What Terraform must find in its environment is printed on stdout. Returns on SIGINT, SIGTERM or SIGHUP.
///
/// # Errors
///
/// Returns what kept it from serving.
pub fn serve_debug(provider: impl Provider, address: &str) -> Result<(), Error> {
    block_on(async {
        let stop = Stop::default();
        let shutdown = shutdown::wait_for_shutdown_in_debug_mode(&stop).map_err(Error::Start)?;
        let listener = listener::bind().map_err(Error::Listen)?;
        reattach::announce(address, listener.address()).map_err(Error::Start)?;
        serve_on(listener, None, provider, stop, None, shutdown).await;
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

/// Serves until `shutdown`, then ends the helper streams and gives open calls some time.
async fn serve_on(
    listener: impl Listener,
    tls: Option<TlsAcceptor>,
    provider: impl Provider,
    stop: Stop,
    idle_timeout: Option<Duration>,
    shutdown: impl Future<Output = ShutdownReason>,
) {
    let provider = Arc::new(provider);
    let services = Services::new(Arc::clone(&provider), &stop);
    let server = server::serve(
        listener::incoming(listener, tls),
        services,
        &stop,
        idle_timeout,
    );
    let end = async {
        let end = shutdown.await;
        stop.request();
        match end {
            ShutdownReason::Requested => tokio::time::sleep(SHUTDOWN_GRACE).await,
            ShutdownReason::Terminated { force } => drain(&*provider, force).await,
        }
    };
    tokio::select! {
        () = server => {}
        () = end => {}
    }
}

/// Tells the calls under way to wait for nothing, and leaves them the time that they may have.
async fn drain(provider: &impl Provider, force: impl Future<Output = ()>) {
    let time = async {
        // what it answers is for Terraform, which did not ask
        let _ = provider
            .stop_provider(tonic::Request::new(stop_provider::Request {}))
            .await;
        std::future::pending::<()>().await
    };
    tokio::select! {
        () = time => {}
        () = force => {}
        () = tokio::time::sleep(DRAIN_TIMEOUT) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::{future, pin::pin, sync::Arc};

    use futures_util::{StreamExt as _, stream};
    use tokio::{sync::Notify, time::timeout};
    use tonic::{Request, Response, Status, transport::Endpoint};

    use super::*;
    use crate::proto::{
        health::{HealthCheckRequest, health_client::HealthClient},
        plugin::{
            ConnInfo, grpc_broker_client::GrpcBrokerClient, grpc_stdio_client::GrpcStdioClient,
        },
        tfplugin6::{provider_client::ProviderClient, stop_provider},
    };

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

    fn listen() -> (impl Listener, Endpoint) {
        let listener = listener::tcp::Listener::bind(0..=0).unwrap();
        let url = format!("http://{}", listener.address().address);
        (listener, Endpoint::from_shared(url).unwrap())
    }

    /// The end that Terraform asks for.
    async fn asked(stop: &Stop) -> ShutdownReason {
        stop.requested().await;
        ShutdownReason::Requested
    }

    #[tokio::test]
    async fn tcp_serves_as_well_as_a_unix_socket() {
        let (listener, endpoint) = listen();
        let stop = Stop::default();
        let server = serve_on(
            listener,
            None,
            Stuck::default(),
            stop.clone(),
            None,
            asked(&stop),
        );

        let client = async {
            let mut health = HealthClient::new(endpoint.connect().await.unwrap());
            let answer = health.check(HealthCheckRequest::default()).await;
            stop.request();
            answer
        };
        let ((), answer) = tokio::join!(server, client);

        answer.unwrap();
    }

    /// Serves one connection whose client goes at once. Time is paused.
    async fn served_after_the_client_is_gone(idle_timeout: Option<Duration>) -> bool {
        let stop = Stop::default();
        let services = Services::new(Arc::new(Stuck::default()), &stop);
        let (client, connection) = tokio::io::duplex(1024);
        let incoming = stream::iter([listener::Connection::new(connection)]);
        let incoming = incoming.chain(stream::pending());
        drop(client);
        let served = server::serve(incoming, services, &stop, idle_timeout);
        timeout(Duration::from_secs(3600), served).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn server_without_a_client_ends_after_the_idle_timeout() {
        let began = tokio::time::Instant::now();

        assert!(!served_after_the_client_is_gone(Some(IDLE_TIMEOUT)).await);

        assert_eq!(began.elapsed().as_secs(), IDLE_TIMEOUT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn server_in_debug_mode_outlives_its_clients() {
        assert!(served_after_the_client_is_gone(None).await);
    }

    #[tokio::test]
    async fn open_helper_streams_do_not_delay_the_end() {
        let (listener, endpoint) = listen();
        let stop = Stop::default();
        let never = future::pending(); // so that nothing but the streams decides
        let server = serve_on(listener, None, Stuck::default(), stop.clone(), None, never);

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
            stop.request();
            (output, broker, health)
        };
        let both = async { tokio::join!(server, client) };
        let ended = timeout(Duration::from_secs(10), both).await;

        assert!(ended.is_ok());
    }

    #[tokio::test]
    async fn a_call_under_way_does_not_delay_the_end_for_long() {
        let (listener, endpoint) = listen();
        let stop = Stop::default();
        let begun = Arc::new(Notify::new());
        let provider = Stuck(Arc::clone(&begun));
        let server = serve_on(listener, None, provider, stop.clone(), None, asked(&stop));

        let mut client = ProviderClient::new(endpoint.connect_lazy());
        let call = pin!(client.stop_provider(stop_provider::Request {}));
        let asked = async {
            begun.notified().await;
            stop.request();
            future::pending::<()>().await;
        };
        tokio::select! {
            () = server => {}
            answer = call => panic!("the call has ended: {answer:?}"),
            () = asked => unreachable!(),
        }
    }
}
