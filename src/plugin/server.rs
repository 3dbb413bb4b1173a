//! gRPC on the connections of a listener: which service answers a call, and how it all ends.
//!
//! Over hyper alone: the server of `tonic` without its router, which brings axum, would leave the
//! dispatch and the idle timeout to us just the same, for a program that is 74 KB larger.

use std::{convert::Infallible, future, io, pin::pin, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::{
    Status,
    body::Body,
    codegen::{BoxFuture, Service},
    server::NamedService,
};
use tracing::warn;

use super::{
    listener::{Connection, Listener},
    services,
};
use crate::proto::{
    health::health_server::HealthServer,
    plugin::{
        grpc_broker_server::GrpcBrokerServer, grpc_controller_server::GrpcControllerServer,
        grpc_stdio_server::GrpcStdioServer,
    },
    tfplugin6::provider_server::{Provider, ProviderServer},
};

/// Largest message in either direction, in bytes: what Terraform's own plugins accept and send.
const MAX_MESSAGE_SIZE: usize = 256 << 20;

/// How many connections are served at the same time; others wait. Terraform has one.
const MAX_CONNECTIONS: usize = 128;

/// How long a client may take to show its certificate.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// All services of a plugin.
pub(super) struct Services<P> {
    provider: ProviderServer<P>,
    controller: GrpcControllerServer<services::Controller>,
    stdio: GrpcStdioServer<services::Stdio>,
    broker: GrpcBrokerServer<services::Broker>,
    health: HealthServer<services::Health>,
}

impl<P: Provider> Services<P> {
    pub(super) fn new(provider: Arc<P>, stop: &CancellationToken) -> Self {
        Self {
            provider: ProviderServer::from_arc(provider)
                .max_decoding_message_size(MAX_MESSAGE_SIZE)
                .max_encoding_message_size(MAX_MESSAGE_SIZE),
            controller: GrpcControllerServer::new(services::Controller(stop.clone())),
            stdio: GrpcStdioServer::new(services::Stdio(stop.clone())),
            broker: GrpcBrokerServer::new(services::Broker(stop.clone())),
            health: HealthServer::new(services::Health(stop.clone())),
        }
    }

    /// Hands a call to the service that its path names: `/service/method`.
    fn call(&self, request: Request<Incoming>) -> BoxFuture<Response<Body>, Infallible> {
        fn call<S>(service: &S, request: Request<Incoming>) -> S::Future
        where
            S: Service<Request<Incoming>> + Clone,
        {
            service.clone().call(request)
        }
        let name = request.uri().path().split('/').nth(1).unwrap_or_default();
        match name {
            name if name == ProviderServer::<P>::NAME => call(&self.provider, request),
            name if name == named(&self.controller) => call(&self.controller, request),
            name if name == named(&self.stdio) => call(&self.stdio, request),
            name if name == named(&self.broker) => call(&self.broker, request),
            name if name == named(&self.health) => call(&self.health, request),
            _ => Box::pin(future::ready(Ok(Status::unimplemented("").into_http()))),
        }
    }
}

fn named<S: NamedService>(_: &S) -> &'static str {
    S::NAME
}

/// Serves the connections of a listener, encrypted if `tls` is given.
///
/// Once `stop` is canceled no other is accepted, and this returns when all calls are answered. It
/// also returns when it had an admitted client and then has had none for `idle_timeout`.
pub(super) async fn serve<P: Provider>(
    listener: impl Listener,
    tls: Option<TlsAcceptor>,
    services: Services<P>,
    stop: &CancellationToken,
    idle_timeout: Option<Duration>,
) {
    let services = Arc::new(services);
    let (mut admissions, mut clients) = (JoinSet::new(), JoinSet::new());
    let mut idle_end: Option<Instant> = None; // set while the last client is gone
    loop {
        let connections = admissions.len() + clients.len();
        tokio::select! {
            () = stop.cancelled() => break,
            connection = accept(&listener), if connections < MAX_CONNECTIONS => {
                admissions.spawn(admit(connection, tls.clone()));
            }
            Some(admitted) = admissions.join_next() => if let Ok(Some(client)) = admitted {
                idle_end = None;
                clients.spawn(serve_connection(client, Arc::clone(&services), stop.clone()));
            },
            Some(_) = clients.join_next() => if clients.is_empty() {
                idle_end = idle_timeout.map(|timeout| Instant::now() + timeout);
            },
            () = sleep_until(idle_end.unwrap_or_else(Instant::now)), if idle_end.is_some() => {
                tracing::debug!("the client has been gone for some time");
                return;
            }
        }
    }
    drop((listener, admissions)); // and with them the socket, before the rest ends
    while clients.join_next().await.is_some() {}
}

async fn accept(listener: &impl Listener) -> Connection {
    loop {
        match listener.accept().await {
            Ok(connection) => return connection,
            Err(error) => {
                warn!(%error, "could not accept a connection");
                sleep(Duration::from_millis(50)).await; // it may be a lack of descriptors
            }
        }
    }
}

/// Lets the client prove in time who it is, which it need not without `tls`.
async fn admit(connection: Connection, tls: Option<TlsAcceptor>) -> Option<Connection> {
    let Some(tls) = tls else {
        return Some(connection);
    };
    let accepted = timeout(HANDSHAKE_TIMEOUT, tls.accept(connection)).await;
    match accepted.unwrap_or_else(|elapsed| Err(io::Error::from(elapsed))) {
        Ok(stream) => Some(Connection::new(stream)),
        Err(error) => {
            warn!(%error, "refused a connection");
            None
        }
    }
}

async fn serve_connection<P: Provider>(
    connection: Connection,
    services: Arc<Services<P>>,
    stop: CancellationToken,
) {
    let service = service_fn(move |request| services.call(request));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(None) // Terraform knows how many calls it wants to make
        .serve_connection(TokioIo::new(connection), service);
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection has failed");
    }
}
