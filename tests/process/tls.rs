//! Who may connect.

use realtimekit::proto::tfplugin6::get_provider_schema::Request;
use rustls::version::{TLS12, TLS13};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::support::{Core, Handshake, Identity, Launch, PATIENCE, Versions, provider_client};

#[tokio::test]
async fn terraform_is_let_in() {
    let mut terraform = Core::start().await;

    let answer = terraform.provider.get_provider_schema(Request {}).await;

    answer.unwrap();
}

#[tokio::test]
async fn either_version_of_tls_will_do() {
    for versions in EACH_VERSION {
        let terraform = Core::start().await;
        let client = terraform.plugin.identity.as_ref();

        let channel = terraform
            .handshake
            .channel_over(client, versions)
            .await
            .unwrap();

        provider_client(channel)
            .get_provider_schema(Request {})
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn http_2_is_negotiated() {
    for versions in EACH_VERSION {
        let terraform = Core::start().await;
        let client = terraform.plugin.identity.as_ref();

        let stream = terraform
            .handshake
            .dial_tls(client, versions)
            .await
            .unwrap();

        let (_, connection) = stream.get_ref();
        assert_eq!(connection.alpn_protocol(), Some(&b"h2"[..]));
        assert_eq!(connection.protocol_version(), Some(versions[0].version));
    }
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    let mut terraform = Core::start().await;

    expect_refused(&terraform.handshake, None).await;

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stranger_is_refused() {
    let mut terraform = Core::start().await;
    let stranger = Identity::named("stranger");

    expect_refused(&terraform.handshake, Some(&stranger)).await;

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stranger_with_the_same_name_is_refused() {
    let mut terraform = Core::start().await;
    let stranger = Identity::new();

    expect_refused(&terraform.handshake, Some(&stranger)).await;

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stranger_who_copied_the_certificate_is_refused() {
    let mut terraform = Core::start().await;
    let client = terraform.plugin.identity.as_ref().unwrap();
    let stranger = client.with_key_of(&Identity::new());

    expect_refused(&terraform.handshake, Some(&stranger)).await;

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn the_certificate_of_another_run_is_refused() {
    let terraform = Core::start().await;
    let another = Core::start().await;

    expect_refused(&terraform.handshake, another.plugin.identity.as_ref()).await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let terraform = Core::start().await;

    expect_refused(&terraform.handshake, Some(&Identity::expired())).await;
}

#[tokio::test]
async fn terraform_is_let_in_though_its_clock_be_wrong() {
    let launch = Launch::new().identity(Identity::expired());

    let mut terraform = launch.connect().await;

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn versions_of_tls_that_are_broken_are_refused() {
    let terraform = Core::start().await;
    for minor in [0, 1, 2] {
        let mut old = terraform.handshake.dial().await.unwrap();

        old.write_all(&client_hello(minor)).await.unwrap();
        let mut answer = Vec::new();
        let end = timeout(PATIENCE, old.read_to_end(&mut answer)).await;

        end.expect("the connection stays open").unwrap();
        assert_eq!(answer.first(), Some(&TLS_ALERT), "3.{minor}: {answer:?}");
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

#[tokio::test]
async fn a_client_that_does_not_encrypt_learns_nothing() {
    let mut terraform = Core::start().await;
    let mut stranger = terraform.handshake.dial().await.unwrap();

    stranger
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let end = timeout(PATIENCE, stranger.read_to_end(&mut answer)).await;

    end.expect("the connection stays open").unwrap();
    assert!(
        answer.first().is_none_or(|&kind| kind == TLS_ALERT),
        "{answer:?}"
    );
    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn strangers_who_keep_silent_do_not_keep_terraform_out() {
    let terraform = Core::start().await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(terraform.handshake.dial().await.unwrap());
    }

    let channel = terraform
        .handshake
        .channel(terraform.plugin.identity.as_ref())
        .await
        .unwrap();

    provider_client(channel)
        .get_provider_schema(Request {})
        .await
        .unwrap();
    drop(silent);
}

const EACH_VERSION: [Versions; 2] = [&[&TLS12], &[&TLS13]];

const TLS_ALERT: u8 = 21;

/// With TLS 1.3 a client learns only by its first call that it was refused.
async fn expect_refused(handshake: &Handshake, client: Option<&Identity>) {
    for versions in EACH_VERSION {
        if let Ok(channel) = handshake.channel_over(client, versions).await {
            let answer = provider_client(channel)
                .get_provider_schema(Request {})
                .await;
            assert!(answer.is_err(), "served over {:?}", versions[0].version);
        }
    }
}
