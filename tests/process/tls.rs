//! Who may connect.

use rustls::version::{TLS12, TLS13};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::support::{Core, Identity, Launch, PATIENCE, Versions, is_served};

const EACH_VERSION: [Versions; 2] = [&[&TLS12], &[&TLS13]];
const TLS_ALERT: u8 = 21;

/// With TLS 1.3 a client learns only by its first call that it was refused.
#[tokio::test]
async fn stranger_is_refused_whatever_the_certificate() {
    let terraform = Core::start().await;
    let client = terraform.plugin.identity.as_ref().unwrap();
    let copy = client.with_key_of(&Identity::new());
    let old = Identity::with("localhost", true);
    let strangers = [
        ("no certificate", None),
        ("another name", Some(Identity::with("stranger", false))),
        ("the same name, as in another run", Some(Identity::new())),
        ("a copy without its key", Some(copy)),
        ("an old certificate", Some(old)),
    ];
    for versions in EACH_VERSION {
        let channel = |client| terraform.handshake.channel_over(client, versions);
        for (what, stranger) in &strangers {
            assert!(!is_served(channel(stranger.as_ref()).await).await, "{what}");
        }
        assert!(is_served(channel(Some(client)).await).await);
    }
}

#[tokio::test]
async fn client_is_let_in_though_its_clock_is_wrong() {
    let launch = Launch::new().identity(Identity::with("localhost", true));

    launch.connect().await.expect_served().await;
}

#[tokio::test]
async fn old_tls_and_plain_text_learn_nothing() {
    let terraform = Core::start().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    for beginning in [client_hello(0), client_hello(1), client_hello(2), preface] {
        let mut stranger = terraform.handshake.dial().await.unwrap();

        stranger.write_all(&beginning).await.unwrap();
        let mut answer = Vec::new();
        // an error is a connection that was reset
        let read = timeout(PATIENCE, stranger.read_to_end(&mut answer)).await;

        assert!(read.is_ok(), "the connection stays open");
        let is_alert = answer.first().is_none_or(|&kind| kind == TLS_ALERT);
        assert!(is_alert, "{beginning:?}: {answer:?}");
        terraform.expect_served().await;
    }
}

/// What a client sends that knows only SSL 3.0 (0), TLS 1.0 (1) or TLS 1.1 (2).
fn client_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]); // random
    hello.push(0); // no session
    hello.extend([0, 6, 0xc0, 0x0a, 0xc0, 0x09, 0, 0x2f]); // suites of that time
    hello.extend([1, 0]); // no compression
    let length = u8::try_from(hello.len()).unwrap();
    let message = [&[1, 0, 0, length], &hello[..]].concat();
    [&[22, 3, minor, 0, length + 4], &message[..]].concat()
}
