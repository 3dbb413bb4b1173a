//! Where Terraform connects: a Unix socket, or TCP on the loopback interface on Windows.

mod admission;
#[cfg(any(not(unix), test))]
pub(super) mod tcp;
#[cfg(unix)]
mod unix;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::OwnedSemaphorePermit,
};

pub(super) use admission::incoming;
#[cfg(not(unix))]
pub(super) use tcp::bind;
#[cfg(unix)]
pub(super) use unix::bind;

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

/// An accepted connection, whatever carries it.
pub(super) struct Connection {
    stream: Pin<Box<dyn ReadWrite>>,
    /// What was read from it already, and is to be read first.
    unread: Bytes,
    /// One of those that there are for open connections.
    _place: Option<OwnedSemaphorePermit>,
}

trait ReadWrite: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> ReadWrite for T {}

impl Connection {
    pub(super) fn new(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        Self {
            stream: Box::pin(stream),
            unread: Bytes::new(),
            _place: None,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unread.is_empty() {
            return self.stream.as_mut().poll_read(context, buffer);
        }
        let count = self.unread.len().min(buffer.remaining());
        buffer.put_slice(&self.unread.split_to(count));
        Poll::Ready(Ok(()))
    }
}

/// Not vectored, on purpose: then `h2` copies the frames of small answers together and writes many
/// of them at once, instead of each with two system calls and two TLS records.
impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}
