//! Other programs of the same user, which reach the socket and have no certificate.

use std::{
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream as StdStream,
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use realtimekit::proto::tfplugin6::get_provider_schema;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::AsyncWriteExt,
    net::UnixStream,
    time::{sleep, timeout},
};
use tonic::{body::Body, codegen::Service};

use crate::{
    processes::{resident, sockets_below},
    support::{Core, Handshake, Identity, Launch, PATIENCE, provider_client},
    terraform::{self, Terraform},
};

/// Connections that may be open, and on their way in, at the same time.
const MOST_CONNECTIONS: usize = 128 + 64;
const TLS_ALERT: u8 = 21;

async fn expect_served(terraform: &mut Core) {
    let request = get_provider_schema::Request {};
    let answer = timeout(PATIENCE, terraform.provider.get_provider_schema(request)).await;
    answer.expect("no answer in time").unwrap();
}

/// As Terraform does when its connection was lost: it dials until it is let in.
async fn expect_let_in(handshake: &Handshake, identity: Option<&Identity>) {
    let let_in = async {
        loop {
            match handshake.channel(identity).await {
                Ok(channel) => return channel,
                Err(_) => sleep(Duration::from_millis(10)).await, // the queue is full of others
            }
        }
    };
    let channel = timeout(PATIENCE, let_in).await.expect("not let in in time");
    let request = get_provider_schema::Request {};
    provider_client(channel)
        .get_provider_schema(request)
        .await
        .unwrap();
}

/// Connects, waiting for a place in the queue if need be.
async fn dial(handshake: &Handshake) -> UnixStream {
    loop {
        match handshake.dial().await {
            Ok(stream) => return stream,
            Err(_) => sleep(Duration::from_millis(1)).await,
        }
    }
}

/// The provider must close, before long, all but as many as it may have open.
async fn expect_most_closed(connections: &[UnixStream]) {
    let is_open = |stream: &&UnixStream| {
        let mut answer = [0; 64];
        loop {
            match stream.try_read(&mut answer) {
                Ok(0) => return false,
                Ok(_) => {} // what a server of HTTP/2 says first
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
    };
    let start = Instant::now();
    loop {
        let open = connections.iter().filter(is_open).count();
        if open <= MOST_CONNECTIONS {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{open} connections are open");
        sleep(Duration::from_millis(50)).await;
    }
}

/// As many as this, or as this process may have open.
fn as_many_as(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, raised); // what is allowed is looked at next
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let many = wanted.min(usize::try_from(allowed).unwrap() - 200);
    println!("{many} of {wanted} connections");
    many
}

#[tokio::test]
async fn ten_thousand_idle_connections_neither_stop_terraform_nor_keep_it_out() {
    for launch in [Launch::new(), Launch::new().without_tls()] {
        let mut terraform = launch.connect().await;
        let id = terraform.plugin.id();
        expect_served(&mut terraform).await;
        let before = resident(id);

        let mut idle = Vec::new();
        for number in 0..as_many_as(10_000) {
            idle.push(dial(&terraform.handshake).await);
            if number % 1000 == 0 {
                expect_served(&mut terraform).await;
            }
        }
        expect_let_in(&terraform.handshake, terraform.plugin.identity.as_ref()).await;
        expect_served(&mut terraform).await;

        expect_most_closed(&idle).await;
        let grown = resident(id).saturating_sub(before);
        assert!(grown < 16 * 1024, "{grown} KiB more");
        drop(idle);
        let (exit, ..) = terraform.stop().await;
        assert!(exit.status.success());
    }
}

#[tokio::test]
async fn connections_that_speak_http_2_and_then_keep_silent_are_bounded() {
    let mut terraform = Launch::new().without_tls().connect().await;
    let mut idle = Vec::new();
    for _ in 0..1000 {
        let mut stream = dial(&terraform.handshake).await;
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        let _ = stream.write_all(preface).await; // some are refused
        idle.push(stream);
    }

    expect_served(&mut terraform).await;
    expect_most_closed(&idle).await;
}

#[tokio::test]
async fn slow_writers_do_not_keep_terraform_out() {
    let hello: &[u8] = &[22, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3];
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (launch, beginning) in [
        (Launch::new(), hello),
        (Launch::new().without_tls(), &preface[..]),
    ] {
        let mut terraform = launch.connect().await;
        let slow: Vec<_> = (0..200)
            .map(|_| {
                let handshake = terraform.handshake.clone();
                tokio::spawn(async move {
                    let mut stream = dial(&handshake).await;
                    for byte in beginning.iter().cycle() {
                        if stream.write_all(&[*byte]).await.is_err() {
                            stream = dial(&handshake).await; // and again
                        }
                        sleep(Duration::from_millis(100)).await;
                    }
                })
            })
            .collect();
        sleep(Duration::from_millis(500)).await;

        for _ in 0..5 {
            expect_let_in(&terraform.handshake, terraform.plugin.identity.as_ref()).await;
            expect_served(&mut terraform).await;
        }
        slow.into_iter().for_each(|writer| writer.abort());
    }
}

#[tokio::test]
async fn a_message_that_is_said_to_be_too_large_is_refused_unread() {
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
    expect_served(&mut terraform).await;
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
fn a_flood_of_strangers_during_an_apply_changes_nothing() {
    let api = terraform::live();
    let mut terraform = Terraform::new(&api);
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().to_str().unwrap();
    terraform.set("TMPDIR", directory);
    let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let start = Instant::now();

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
    println!("{strangers} strangers in {:?}", start.elapsed());
    ran.says(&["Apply complete! Resources: 20 added"]);
    assert!(strangers > 100, "only {strangers} came");
    assert_eq!(api.webhooks(terraform::ACCOUNT, terraform::APP).len(), 20);
    assert_eq!(sockets_below(directory).len(), 0, "left behind");
}
