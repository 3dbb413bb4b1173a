//! Other programs of the same user, which reach the socket and have no certificate.

use std::{io::Write, os::unix::net::UnixStream as StdStream, thread, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use tokio::{io::AsyncWriteExt, time::timeout};
use tonic::body::Body;
use tower::ServiceExt;

use crate::{
    processes::{resident, sockets_below},
    support::{Core, Launch, PATIENCE, is_served},
    terraform::{APPLY, Ran, Workspace, webhook},
};

/// What strangers begin with: nothing, half a handshake, HTTP/2 without TLS.
const BEGINNINGS: [&[u8]; 3] = [
    b"",
    &[22, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3],
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
];

/// More connections than are served at a time: some wait until those before them are refused.
/// Whoever reaches an unencrypted server may use it, and no more than so many at a time.
#[tokio::test]
async fn crowd_of_strangers_neither_disturbs_a_client_nor_keeps_it_out_for_good() {
    for (launch, size) in [(Launch::new(), 200), (Launch::new().without_tls(), 1000)] {
        let terraform = launch.connect().await;
        terraform.expect_served().await;
        let id = terraform.plugin.id();
        let before = resident(id);

        let mut strangers = Vec::new();
        for number in 0..size {
            let mut stranger = terraform.handshake.dial().await.unwrap();
            let _ = stranger.write_all(BEGINNINGS[number % 3]).await; // it may be closed
            strangers.push(stranger);
            if number % 20 == 0 {
                terraform.expect_served().await;
            }
        }

        terraform.expect_served().await;
        if let client @ Some(_) = terraform.plugin.identity.as_ref() {
            let again = timeout(PATIENCE, terraform.handshake.channel(client)).await;
            assert!(is_served(again.expect("not let in in time")).await);
            let grown = resident(id).saturating_sub(before);
            assert!(grown < 16 * 1024, "{grown} KiB more");
        }
        terraform.stop().await.expect_success();
    }
}

#[tokio::test]
async fn message_that_is_said_to_be_too_large_is_refused_unread() {
    let terraform = Core::start().await;
    let id = terraform.plugin.id();
    let before = resident(id);
    let prefix = [&[0], &(512_u32 << 20).to_be_bytes()[..]].concat();
    let request = http::Request::post("http://localhost/tfplugin6.Provider/GetProviderSchema")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(Full::new(Bytes::from(prefix))))
        .unwrap();

    let answer = terraform.channel.clone().oneshot(request).await.unwrap();

    assert_eq!(answer.headers()["grpc-status"], "11"); // out of range
    let grown = resident(id).saturating_sub(before);
    assert!(grown < 4 * 1024, "{grown} KiB more");
    terraform.expect_served().await;
}

#[test]
fn flood_of_strangers_during_an_apply_changes_nothing() {
    let mut w = Workspace::new();
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().to_str().unwrap();
    w.set("TMPDIR", directory);
    let url = "url = 'https://example.com/${count.index}'";
    w.write(webhook("each", &format!("count = 20\n{url}")));

    let (mut count, mut strangers) = (0, Vec::new());
    let mut child = w.start(APPLY);
    while child.try_wait().unwrap().is_none() {
        for socket in sockets_below(directory) {
            for beginning in BEGINNINGS {
                let Ok(mut stranger) = StdStream::connect(&socket) else {
                    continue;
                };
                let _ = stranger.write_all(beginning); // it may be closed by then
                strangers.push(stranger);
                count += 1;
            }
        }
        strangers.drain(..strangers.len().saturating_sub(300));
        thread::sleep(Duration::from_micros(200));
    }

    let ran = Ran::from(child.wait_with_output().unwrap());
    ran.says("Apply complete! Resources: 20 added");
    assert!(count > 100, "only {count} came");
    assert_eq!(w.webhooks().len(), 20);
    assert_eq!(sockets_below(directory).len(), 0, "left behind");
}
