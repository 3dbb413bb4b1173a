//! One process in debug mode that serves one Terraform after another, for hours if need be.
//!
//! Eight clients at once create, change, read and delete webhooks, some of whose calls fail; after
//! a while of this the process must have no more memory or open files than near its beginning.
//!
//! `SOAK_SECONDS` says how long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http::StatusCode;
use realtimekit::mock_api::{Fault, MockApi, Quirks};
use serde_json::Value as Json;
use tokio::time::sleep;

use crate::{
    number,
    processes::{open_files, resident},
    support::{Answer, Calls, Handshake, Launch, bell, provider_block, until},
    terraform::{ACCOUNT, APP, builder},
};

/// How many seconds the short form takes.
const SHORT: u64 = 5;
const CLIENTS: u64 = 8;
/// Of a hundred requests to the API one fails; a round makes about eight.
const FAULTS_PER_ROUND: f64 = 0.08;
/// By how much memory may differ from one moment to another: what is in flight, and what the
/// allocator keeps.
const PLAY: u64 = 6 * 1024;

/// How many rounds were made, how many requests were answered by a fault, and operations failed.
type Tally = [AtomicU64; 3];

#[tokio::test]
async fn a_process_that_serves_for_long_grows_neither_in_memory_nor_in_files() {
    let whole = Duration::from_secs(number("SOAK_SECONDS", SHORT));
    let api = builder().quirks(Quirks::live()).keep_calls(100).start();
    let api = Arc::new(api.unwrap());
    let mut plugin = Launch::debug().spawn();
    let server = plugin.debug_server().await;
    let id = plugin.id();
    let tally = Arc::new(Tally::default());
    let end = Instant::now() + whole;

    let clients = (0..CLIENTS).map(|number| {
        let (server, api, tally) = (server.clone(), Arc::clone(&api), Arc::clone(&tally));
        tokio::spawn(async move {
            let mut random = fastrand::Rng::with_seed(number);
            while Instant::now() < end {
                terraform(number, &server, &api, &mut random, &tally).await;
            }
        })
    });
    let clients: Vec<_> = clients.collect();
    let mut memory = Vec::new();
    for _ in 0..10 {
        sleep(whole / 10).await;
        memory.push(resident(id));
        println!("{} KiB, {} files", memory[memory.len() - 1], open_files(id));
    }
    for client in clients {
        client.await.unwrap();
    }

    let [rounds, faults, failures] = [0, 1, 2].map(|it| tally[it].load(Ordering::Relaxed));
    println!("{rounds} rounds, {faults} faults, {failures} operations failed");
    assert!(
        rounds > 10 && faults > 0,
        "{rounds} rounds, {faults} faults"
    );
    let (early, late) = (memory[2], memory[9].max(resident(id)));
    assert!(late < early + PLAY, "from {early} to {late} KiB");
    until(|| open_files(id) < 40).await; // connections are closed
    assert_eq!(api.webhooks(ACCOUNT, APP), [], "left behind");
    plugin.signal("INT");
    let exit = plugin.exit().await;
    assert!(exit.status.success());
    assert!(!exit.stderr.contains("panic"), "{}", exit.stderr);
}

/// One Terraform: connects, configures, and makes some rounds.
async fn terraform(
    number: u64,
    server: &Handshake,
    api: &MockApi,
    random: &mut fastrand::Rng,
    tally: &Tally,
) {
    let calls = Calls::new(server.channel(None).await.unwrap());
    calls.configure("1.15.5", &provider_block(api, &[])).await;
    for _ in 0..random.u64(1..20) {
        if random.f64() < FAULTS_PER_ROUND {
            api.fail_next(1, fault(random));
            tally[1].fetch_add(1, Ordering::Relaxed);
        }
        let url = format!("https://example.com/{number}?{}", random.u64(..));
        let failed = round(&calls, &url, api).await;
        tally[0].fetch_add(1, Ordering::Relaxed);
        tally[2].fetch_add(failed, Ordering::Relaxed);
    }
}

fn fault(random: &mut fastrand::Rng) -> Fault {
    let limit = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    let mut faults = vec![
        Fault::status(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::status(StatusCode::BAD_GATEWAY).after_storing(),
        Fault::status(StatusCode::BAD_REQUEST),
        limit.header("retry-after", "1").unwrap(),
        Fault::drop_connection(),
        Fault::drop_connection().after_storing(),
        Fault::delay(Duration::from_millis(500)),
        Fault::truncate(20),
        Fault::html(StatusCode::OK),
        Fault::empty(StatusCode::NOT_FOUND),
        Fault::huge_body(1 << 20),
    ];
    faults.swap_remove(random.usize(..faults.len()))
}

/// Creates, reads, changes, reads and deletes a webhook; counts what failed on the way.
async fn round(calls: &Calls, url: &str, api: &MockApi) -> u64 {
    let (mut failed, mut stored) = (0, Answer::default());
    for name in ["bell", "gong"] {
        let mut config = bell(name);
        config["url"] = url.into();
        stored = calls.change(&stored, &config).await;
        failed += u64::from(stored.failed());
        if stored.state.is_null() {
            let Some(id) = id_with_url(api, url) else {
                continue;
            };
            let target = format!("{ACCOUNT}/{APP}/{id}");
            stored = calls.import(&target.into()).await;
        }
        let read = calls.read(&stored).await;
        if !read.failed() {
            stored = read;
        }
    }
    while !stored.state.is_null() {
        stored = calls.change(&stored, &Json::Null).await;
        failed += u64::from(stored.failed());
    }
    if let Some(id) = id_with_url(api, url) {
        let _ = api.remove_webhook(&id); // Terraform would have been told to import it
    }
    failed
}

/// The ID of the webhook that has a URL.
fn id_with_url(api: &MockApi, url: &str) -> Option<String> {
    let mut webhooks = api.webhooks(ACCOUNT, APP).into_iter();
    webhooks.find(|it| it.url == url).map(|it| it.id)
}
