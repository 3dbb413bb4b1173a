//! gRPC on the connections of a listener: which service answers a call, and how it all ends.
//!
//! Over hyper alone: `tonic`'s own server brings HTTP/1, a router and middleware for what no
//! plugin has, a twentieth of the program.

use std::{convert::Infallible, future, pin::pin, sync::Arc, time::Duration};

use futures_util::stream::{Stream, StreamExt};
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::task::JoinSet;
use tonic::{
    Status,
    body::Body,
    codegen::{BoxFuture, Service},
    server::NamedService,
};

use super::{listener::Connection, services, shutdown::Stop};
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

/// All services of a plugin. Cheap to clone.
pub(super) struct Services<P> {
    provider: ProviderServer<P>,
    controller: GrpcControllerServer<services::Controller>,
    stdio: GrpcStdioServer<services::Stdio>,
    broker: GrpcBrokerServer<services::Broker>,
    health: HealthServer<services::Health>,
}

impl<P: Provider> Services<P> {
    pub(super) fn new(provider: Arc<P>, stop: &Stop) -> Self {
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

impl<P> Clone for Services<P> {
    fn clone(&self) -> Self {
        Self {
            provider: self.provider.clone(),
            controller: self.controller.clone(),
            stdio: self.stdio.clone(),
            broker: self.broker.clone(),
            health: self.health.clone(),
        }
    }
}

/// Serves each connection on a task of its own. Once `stop` is requested no other is taken, and
/// this returns when those that there are have answered what they were asked. It also returns when
/// it was connected and then has had no connection for `idle_timeout`: a call ends with its
/// connection, so none is under way.
pub(super) async fn serve<P: Provider>(
    incoming: impl Stream<Item = Connection>,
    services: Services<P>,
    stop: &Stop,
    idle_timeout: Option<Duration>,
) {
    let mut connections = JoinSet::new();
    let mut was_connected = false;
    {
        let mut incoming = pin!(incoming); // and the listener in it is gone before the rest ends
        let mut stopped = pin!(stop.requested());
        loop {
            tokio::select! {
                () = &mut stopped => break,
                Some(connection) = incoming.next() => {
                    was_connected = true;
                    connections.spawn(serve_one(connection, services.clone(), stop.requested()));
                }
                Some(_) = connections.join_next() => {} // it has said itself how it ended
                () = idle(idle_timeout), if was_connected && connections.is_empty() => {
                    log_debug!("the client has been gone for some time");
                    return;
                }
            }
        }
    }
    while connections.join_next().await.is_some() {}
}

/// Waits for the timeout, or for ever without one.
async fn idle(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => future::pending().await,
    }
}

async fn serve_one<P: Provider>(
    connection: Connection,
    services: Services<P>,
    stopped: impl Future<Output = ()>,
) {
    let service = service_fn(move |request| services.call(request));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(None) // Terraform knows how many calls it wants to make
        .serve_connection(TokioIo::new(connection), service);
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        log_debug!(%error, "a connection has failed");
    }
}
