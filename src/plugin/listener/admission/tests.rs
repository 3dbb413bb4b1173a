//! Peers that are slow, wrong or too many.

use std::{cell::RefCell, future, io};

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::StreamExt;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

use super::{super::Address, *};
use crate::plugin::tls;

fn acceptor() -> TlsAcceptor {
    let client = rcgen::generate_simple_self_signed(["localhost".to_owned()])
        .unwrap()
        .cert;
    let body = BASE64_STANDARD.encode(client.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    tls::acceptor(&pem).unwrap().0
}

/// Connections that were made before anybody listened.
struct Waiting {
    address: Address,
    connections: RefCell<VecDeque<DuplexStream>>,
}

impl Waiting {
    fn new(connections: impl IntoIterator<Item = DuplexStream>) -> Self {
        Self {
            address: Address {
                network: "none",
                address: String::new(),
            },
            connections: RefCell::new(connections.into_iter().collect()),
        }
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
            None => future::pending().await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_keeps_silent_is_let_go() {
    for tls in [None, Some(acceptor())] {
        let (_silent, ours) = duplex(1024);

        let connection = examine(Connection::new(ours), tls).await;

        assert!(connection.is_none());
    }
}

#[tokio::test]
async fn a_peer_that_hangs_up_is_let_go() {
    for tls in [None, Some(acceptor())] {
        let (peer, ours) = duplex(1024);
        drop(peer);

        let connection = examine(Connection::new(ours), tls).await;

        assert!(connection.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_sends_its_preface_byte_by_byte_has_no_longer() {
    let (mut slow, ours) = duplex(1024);
    let slowly = async {
        for byte in PREFACE {
            sleep(Duration::from_secs(1)).await;
            slow.write_all(&[*byte]).await?;
        }
        io::Result::Ok(())
    };
    let start = Instant::now();

    let (connection, _) = tokio::join!(examine(Connection::new(ours), None), slowly);

    assert!(connection.is_none());
    assert!(start.elapsed() < 2 * HANDSHAKE_TIMEOUT);
}

#[tokio::test]
async fn a_peer_that_speaks_another_protocol_is_refused_at_once() {
    let (mut peer, ours) = duplex(1024);
    peer.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();

    let connection = examine(Connection::new(ours), None).await;

    assert!(connection.is_none());
}

#[tokio::test]
async fn what_a_peer_sent_to_be_let_in_is_read_again() {
    let (mut peer, ours) = duplex(1024);
    peer.write_all(PREFACE).await.unwrap();
    peer.write_all(b"and more").await.unwrap();
    drop(peer);

    let mut connection = examine(Connection::new(ours), None).await.unwrap();
    let mut read = Vec::new();
    connection.read_to_end(&mut read).await.unwrap();

    assert_eq!(read, [PREFACE, &b"and more"[..]].concat());
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_keeps_silent_delays_the_next_peer_by_less_than_a_second() {
    let (silent, mut connections): (Vec<_>, Vec<_>) = (0..1000).map(|_| duplex(64)).unzip();
    let (mut terraform, ours) = duplex(64);
    terraform.write_all(PREFACE).await.unwrap();
    connections.push(ours);
    let start = Instant::now();

    let mut incoming = Box::pin(incoming(Waiting::new(connections), None));
    let first = incoming.next().await;

    assert!(first.is_some());
    assert!(start.elapsed() < Duration::from_secs(1));
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn no_more_connections_are_open_than_there_are_places_for() {
    let (mut peers, connections): (Vec<_>, Vec<_>) =
        (0..MAX_CONNECTIONS + 2).map(|_| duplex(64)).unzip();
    for peer in &mut peers {
        peer.write_all(PREFACE).await.unwrap();
    }
    let mut incoming = Box::pin(incoming(Waiting::new(connections), None));
    let mut open = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        open.push(incoming.next().await.unwrap());
    }

    let another = timeout(Duration::from_secs(60), incoming.next()).await;

    assert!(another.is_err(), "the others were refused");
}
