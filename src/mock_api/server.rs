//! Connections: accepts them, and serves each with the routes.
//!
//! axum's own server always answers; this one can also close a connection without an answer.

use super::api::{self, faults::closes_connection};
use super::control;
use super::state::AppState;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// The wait after a connection that cannot be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How long a client may take for the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The API, the control endpoint and the page.
pub(crate) fn router(state: &Arc<AppState>) -> Router {
    // The control endpoint has no fallback of its own: other paths are the API's.
    api::router(state).merge(control::router(state))
}

/// Accepts connections until it is dropped.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(open(stream, peer, tls.clone(), router.clone()));
            }
            // The client has disconnected, or the process is out of file descriptors for a moment.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn open(stream: TcpStream, peer: SocketAddr, tls: Option<TlsAcceptor>, router: Router) {
    // If this fails, answers are only slower.
    stream.set_nodelay(true).ok();
    let Some(acceptor) = tls else {
        return serve_connection(stream, peer, router).await;
    };
    let handshake = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream));
    // A client that does not trust the certificate, or does not speak TLS, receives an alert.
    if let Ok(Ok(stream)) = handshake.await {
        serve_connection(stream, peer, router).await;
    }
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    router: Router,
) {
    let service = service_fn(|request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        // A task of its own, so that a client that disconnects does not undo its request.
        let task = tokio::spawn(router.clone().oneshot(request));
        async {
            let response = task.await.map_err(io::Error::other)?;
            let response = response.unwrap_or_else(|never| match never {});
            match closes_connection(&response) {
                true => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                false => Ok(response),
            }
        }
    });
    // Clients that disconnect early and connections that faults close both end here.
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    connection.await.ok();
}
