//! Where Terraform connects: a Unix socket, or TCP on the loopback interface on Windows.

#[cfg(any(not(unix), test))]
pub(super) mod tcp;
#[cfg(unix)]
mod unix;

use std::{
    future, io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::stream::{self, Stream, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tracing::warn;

#[cfg(not(unix))]
pub(super) use tcp::bind;
#[cfg(unix)]
pub(super) use unix::bind;

/// How long a peer may take for its TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many peers may be in their TLS handshake at the same time.
const MAX_HANDSHAKES: usize = 64;

/// An address as the handshake line and the reattach variable name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// `unix` or `tcp`.
    pub(super) network: &'static str,
    /// A path, or a host and a port.
    pub(super) address: String,
}

/// A bound socket. Dropping it leaves nothing behind.
pub(super) trait Listener {
    fn address(&self) -> &Address;

    async fn accept(&self) -> io::Result<Connection>;
}

/// The connections that Terraform makes to `listener`, encrypted if `tls` is given.
///
/// Handshakes run side by side, so a peer that is slow or fails does not keep another one waiting.
pub(super) fn incoming(
    listener: impl Listener,
    tls: Option<TlsAcceptor>,
) -> impl Stream<Item = Connection> {
    stream::unfold(listener, async |listener| {
        Some((accept(&listener).await, listener))
    })
    .map(move |connection| secure(connection, tls.clone()))
    .buffer_unordered(MAX_HANDSHAKES)
    .filter_map(future::ready)
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

async fn secure(connection: Connection, tls: Option<TlsAcceptor>) -> Option<Connection> {
    let Some(tls) = tls else {
        return Some(connection);
    };
    match timeout(HANDSHAKE_TIMEOUT, tls.accept(connection)).await {
        Ok(Ok(stream)) => Some(Connection::new(stream)),
        Ok(Err(error)) => {
            warn!(%error, "refused a connection");
            None
        }
        Err(_) => {
            warn!("refused a connection that did not finish its TLS handshake");
            None
        }
    }
}

/// An accepted connection, whatever carries it.
pub(super) struct Connection(Pin<Box<dyn ReadWrite>>);

trait ReadWrite: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> ReadWrite for T {}

impl Connection {
    fn new(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        Self(Box::pin(stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use tokio::io::duplex;

    use super::{super::tls, *};

    fn acceptor() -> TlsAcceptor {
        let client = rcgen::generate_simple_self_signed(["localhost".to_owned()])
            .unwrap()
            .cert;
        let body = BASE64_STANDARD.encode(client.der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        tls::acceptor(&pem).unwrap().0
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_keeps_silent_is_let_go() {
        let (_silent, ours) = duplex(1024);

        let connection = secure(Connection::new(ours), Some(acceptor())).await;

        assert!(connection.is_none());
    }

    #[tokio::test]
    async fn a_peer_that_hangs_up_is_let_go() {
        let (peer, ours) = duplex(1024);
        drop(peer);

        let connection = secure(Connection::new(ours), Some(acceptor())).await;

        assert!(connection.is_none());
    }
}
