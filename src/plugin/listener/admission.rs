//! Lets peers in: those who prove in time that they are Terraform, and not too many at once.
//!
//! Peers are looked at side by side, so one that is slow or fails does not delay the others. When there
//! are too many, the one that has been at it longest makes room for the next, but each is left
//! enough time to prove itself if it can: a crowd of strangers delays Terraform and cannot keep
//! it out.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use tokio::{
    io::AsyncReadExt,
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;
use tracing::warn;

use super::{Connection, Listener};

/// How long a peer may take until it is let in.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many peers may be on their way in at the same time.
const MAX_CANDIDATES: usize = 64;

/// How long a peer is left alone that has to make room: a handshake takes a few milliseconds.
const FAIR_TIME: Duration = Duration::from_millis(50);

/// How many connections may be open at the same time. Terraform has one.
const MAX_CONNECTIONS: usize = 128;

/// What every HTTP/2 client sends first.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The connections that Terraform makes to `listener`, encrypted if `tls` is given.
pub(in crate::plugin) fn incoming(
    listener: impl Listener,
    tls: Option<TlsAcceptor>,
) -> impl Stream<Item = Connection> {
    let admission = Admission {
        listener,
        tls,
        tasks: JoinSet::new(),
        candidates: VecDeque::new(),
        places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
    };
    stream::unfold(admission, async |mut admission| {
        Some((admission.next().await, admission))
    })
}

struct Admission<L> {
    listener: L,
    tls: Option<TlsAcceptor>,
    tasks: JoinSet<Option<Connection>>,
    /// Those on their way in, the one that came first in front.
    candidates: VecDeque<Candidate>,
    places: Arc<Semaphore>,
}

struct Candidate {
    task: AbortHandle,
    since: Instant,
}

impl<L: Listener> Admission<L> {
    /// The next peer that is let in.
    async fn next(&mut self) -> Connection {
        loop {
            let room = self.room();
            tokio::select! {
                biased;
                Some(examined) = self.tasks.join_next() => {
                    if let Some(connection) = examined.ok().flatten().and_then(|it| self.acquire_permit(it)) {
                        return connection;
                    }
                }
                connection = accept(&self.listener, room) => self.examine(connection),
            }
        }
    }

    /// When there is room for another candidate.
    fn room(&mut self) -> Instant {
        self.candidates
            .retain(|candidate| !candidate.task.is_finished());
        match self.candidates.front() {
            Some(first) if self.candidates.len() >= MAX_CANDIDATES => first.since + FAIR_TIME,
            _ => Instant::now(),
        }
    }

    fn examine(&mut self, connection: Connection) {
        if self.candidates.len() >= MAX_CANDIDATES
            && let Some(slowest) = self.candidates.pop_front()
        {
            slowest.task.abort();
            warn!("gave up a connection that was slow, for others were waiting");
        }
        let task = self.tasks.spawn(examine(connection, self.tls.clone()));
        let since = Instant::now();
        self.candidates.push_back(Candidate { task, since });
    }

    fn acquire_permit(&self, connection: Connection) -> Option<Connection> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => Some(Connection {
                _place: Some(place),
                ..connection
            }),
            Err(_) => {
                warn!("refused a connection, for {MAX_CONNECTIONS} are open");
                None
            }
        }
    }
}

/// Accepts a connection, not before there is `room`.
async fn accept(listener: &impl Listener, room: Instant) -> Connection {
    sleep_until(room).await;
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

/// Lets the peer prove in time who it is, and that it speaks HTTP/2.
async fn examine(connection: Connection, tls: Option<TlsAcceptor>) -> Option<Connection> {
    match timeout(HANDSHAKE_TIMEOUT, handshake(connection, tls)).await {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(error)) => {
            warn!(%error, "refused a connection");
            None
        }
        Err(_) => {
            warn!("refused a connection that did not finish its handshake");
            None
        }
    }
}

async fn handshake(
    connection: Connection,
    tls: Option<TlsAcceptor>,
) -> std::io::Result<Connection> {
    let mut connection = match tls {
        Some(tls) => Connection::new(tls.accept(connection).await?),
        None => connection,
    };
    let mut read = BytesMut::with_capacity(PREFACE.len());
    while read.len() < PREFACE.len() {
        let mut limited = (&mut connection).take((PREFACE.len() - read.len()) as u64);
        let more = limited.read_buf(&mut read).await?;
        if more == 0 || !PREFACE.starts_with(&read) {
            return Err(std::io::Error::other("the peer does not speak HTTP/2"));
        }
    }
    Ok(Connection {
        unread: Bytes::from_static(PREFACE),
        ..connection
    })
}

#[cfg(test)]
mod tests;
