//! Other programs of the same user, which reach the socket and have no certificate.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream as StdStream,
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use tokio::{io::AsyncWriteExt, time::timeout};
use tonic::{body::Body, codegen::Service};

use crate::{
    processes::{resident, sockets_below},
    support::{Core, Launch, PATIENCE, handshake::Stream, is_served},
    terraform::{self, Terraform},
};

const TLS_ALERT: u8 = 21;

/// What strangers begin with who then keep silent.
const SILENT: [&[u8]; 3] = [
    b"",
    &[22, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3],
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

/// More connections than are served at a time: some wait until those before them are refused.
#[tokio::test]
async fn crowd_of_strangers_neither_disturbs_a_client_nor_keeps_it_out_for_good() {
    let mut terraform = Core::start().await;
    terraform.expect_served().await;
    let id = terraform.plugin.id();
    let before = resident(id);

    let mut strangers: Vec<Stream> = Vec::new();
    for number in 0..200 {
        let mut stranger = terraform.handshake.dial().await.unwrap();
        let beginning = SILENT[number % SILENT.len()];
        stranger.write_all(beginning).await.unwrap();
        strangers.push(stranger);
        terraform.expect_served().await;
    }
    let client = terraform.plugin.identity.as_ref();
    let again = timeout(PATIENCE, terraform.handshake.channel(client)).await;

    assert!(is_served(again.expect("not let in in time")).await);
    let grown = resident(id).saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} KiB more");
    let (exit, ..) = terraform.stop().await;
    assert!(exit.status.success());
}

/// Whoever reaches an unencrypted server may use it, and no more than so many at a time.
#[tokio::test]
async fn crowd_at_an_unencrypted_server_does_not_disturb_a_client() {
    let mut terraform = Launch::new().without_tls().connect().await;
    let mut crowd = Vec::new();
    for number in 0..1000 {
        let mut stranger = terraform.handshake.dial().await.unwrap();
        let _ = stranger.write_all(SILENT[number % SILENT.len()]).await; // it may be closed
        crowd.push(stranger);
    }

    terraform.expect_served().await;
    let (exit, ..) = terraform.stop().await;
    assert!(exit.status.success());
}

#[tokio::test]
async fn message_that_is_said_to_be_too_large_is_refused_unread() {
    let mut terraform = Core::start().await;
    let mut channel = terraform
        .handshake
        .channel(terraform.plugin.identity.as_ref())
        .await
        .unwrap();
    let id = terraform.plugin.id();
    let before = resident(id);
    let prefix = [&[0], &(512_u32 << 20).to_be_bytes()[..]].concat();
    let request = http::Request::post("http://localhost/tfplugin6.Provider/GetProviderSchema")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(Full::new(Bytes::from(prefix))))
        .unwrap();

    std::future::poll_fn(|context| Service::poll_ready(&mut channel, context))
        .await
        .unwrap();
    let answer = channel.call(request).await.unwrap();

    let out_of_range = answer.headers().get("grpc-status").unwrap();
    assert_eq!(out_of_range, "11", "{:?}", answer.headers());
    let grown = resident(id).saturating_sub(before);
    assert!(grown < 4 * 1024, "{grown} KiB more");
    terraform.expect_served().await;
}

/// What strangers send, to each of which nothing but an alert of TLS may be answered.
const BEGINNINGS: [&[u8]; 4] = [
    b"",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    b"GET / HTTP/1.1\r\n\r\n",
    &[22, 3, 2, 0, 5, 1, 0, 0, 1, 3],
];

/// Connects to every provider there is, over and over, and counts how often.
fn pester(directory: &str, over: &AtomicBool, count: &AtomicUsize) {
    let mut kept = Vec::new();
    while !over.load(Ordering::Relaxed) {
        for socket in sockets_below(directory) {
            for beginning in BEGINNINGS {
                if let Some(stream) = approach(&socket, beginning) {
                    count.fetch_add(1, Ordering::Relaxed);
                    kept.push(stream);
                }
            }
        }
        kept.drain(..kept.len().saturating_sub(300));
        thread::sleep(Duration::from_micros(200));
    }
}

fn approach(socket: &PathBuf, beginning: &[u8]) -> Option<StdStream> {
    let mut stream = StdStream::connect(socket).ok()?;
    stream.set_nonblocking(true).unwrap();
    let _ = stream.write_all(beginning); // it may be closed by then
    let mut answer = [0; 16];
    if let Ok(length) = stream.read(&mut answer) {
        assert!(length == 0 || answer[0] == TLS_ALERT, "{answer:?}");
    }
    Some(stream)
}

#[test]
fn flood_of_strangers_during_an_apply_changes_nothing() {
    let api = terraform::live();
    let mut terraform = Terraform::new(&api);
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().to_str().unwrap();
    terraform.set("TMPDIR", directory);
    let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));

    let ran = thread::scope(|scope| {
        let strangers = [(); 2].map(|()| scope.spawn(|| pester(directory, &over, &count)));
        terraform.write(
            r#"
resource "realtimekit_webhook" "each" {
  count  = 20
  name   = "bell ${count.index}"
  url    = "https://example.com/${count.index}"
  events = ["meeting.started"]
}
"#,
        );
        let ran = terraform.run(&["apply", "-auto-approve"]);
        over.store(true, Ordering::Relaxed);
        for stranger in strangers {
            stranger.join().unwrap();
        }
        ran
    });

    let strangers = count.into_inner();
    ran.says(&["Apply complete! Resources: 20 added"]);
    assert!(strangers > 100, "only {strangers} came");
    assert_eq!(api.webhooks(terraform::ACCOUNT, terraform::APP).len(), 20);
    assert_eq!(sockets_below(directory).len(), 0, "left behind");
}
