//! One process in debug mode that serves one Terraform after another, for hours if need be.
//!
//! Eight clients at once create, change, read and delete webhooks, some of whose calls fail; after
//! a while of this the process must have no more memory or open files than near its beginning.
//!
//! `SOAK_SECONDS` says how long.

use std::{
    env,
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
    processes::{open_files, resident},
    support::{Calls, Handshake, Instance, Launch, bell, provider_block, provider_client},
    terraform::{ACCOUNT, APP, builder},
};

/// How long the short form takes.
const SHORT: u64 = 5;
const CLIENTS: u64 = 8;
/// Of a hundred requests to the API one fails; a round makes about eight.
const FAULTS_PER_ROUND: f64 = 0.08;
/// By how much memory may differ from one moment to another: what is in flight, and what the
/// allocator keeps.
const PLAY: u64 = 6 * 1024;

#[derive(Default)]
struct Tally {
    rounds: AtomicU64,
    faults: AtomicU64,
    failures: AtomicU64,
}

#[tokio::test]
async fn a_process_that_serves_for_long_grows_neither_in_memory_nor_in_files() {
    let seconds = env::var("SOAK_SECONDS").map_or(SHORT, |value| value.parse().unwrap());
    let whole = Duration::from_secs(seconds);
    let api = Arc::new(
        builder()
            .quirks(Quirks::live())
            .keep_calls(100)
            .start()
            .unwrap(),
    );
    let mut plugin = Launch::by_hand().argument("-debug").spawn();
    let server = plugin.debug_server().await;
    let id = plugin.id();
    let tally = Arc::new(Tally::default());
    let end = Instant::now() + whole;

    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (server, api, tally) = (server.clone(), Arc::clone(&api), Arc::clone(&tally));
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(number);
                while Instant::now() < end {
                    terraform(number, &server, &api, &mut random, &tally).await;
                }
            })
        })
        .collect();
    let mut memory = Vec::new();
    for _ in 0..10 {
        sleep(whole / 10).await;
        memory.push(resident(id));
        println!("{} KiB, {} files", memory[memory.len() - 1], open_files(id));
    }
    for client in clients {
        client.await.unwrap();
    }
    sleep(Duration::from_millis(500)).await; // connections are closed

    let counts = [&tally.rounds, &tally.faults, &tally.failures];
    let [rounds, faults, failures] = counts.map(|count| count.load(Ordering::Relaxed));
    println!(
        "{rounds} rounds, {faults} faults, {failures} operations failed; {} KiB, {} files",
        resident(id),
        open_files(id)
    );
    assert!(
        rounds > 10 && faults > 0,
        "{rounds} rounds, {faults} faults"
    );
    let (early, late) = (memory[2], memory[9].max(resident(id)));
    assert!(late < early + PLAY, "from {early} to {late} KiB");
    assert!(open_files(id) < 40, "{} files are open", open_files(id));
    assert_eq!(api.webhooks(ACCOUNT, APP), [], "left behind");
    plugin.signal("INT");
    let exit = plugin.exit().await;
    assert!(exit.status.success());
    assert!(!exit.stderr.contains("panic"), "{}", exit.stderr);
    plugin.expect_no_files();
}

/// One Terraform: connects, configures, and makes some rounds.
async fn terraform(
    number: u64,
    server: &Handshake,
    api: &MockApi,
    random: &mut fastrand::Rng,
    tally: &Tally,
) {
    let mut calls = Calls::new(provider_client(server.channel(None).await.unwrap()));
    calls.configure("1.15.5", &provider_block(api, &[])).await;
    for number_of_round in 0..random.u64(1..20) {
        if random.f64() < FAULTS_PER_ROUND {
            api.fail_next(1, fault(random));
            tally.faults.fetch_add(1, Ordering::Relaxed);
        }
        let url = format!(
            "https://example.com/{number}/{number_of_round}?{}",
            random.u32(..)
        );
        let failed = round(&mut calls, &url, api).await;
        tally.rounds.fetch_add(1, Ordering::Relaxed);
        tally.failures.fetch_add(failed, Ordering::Relaxed);
    }
}

fn fault(random: &mut fastrand::Rng) -> Fault {
    let mut faults = vec![
        Fault::status(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::status(StatusCode::BAD_GATEWAY).after_storing(),
        Fault::status(StatusCode::BAD_REQUEST),
        Fault::status(StatusCode::TOO_MANY_REQUESTS)
            .header("retry-after", "1")
            .unwrap(),
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
async fn round(calls: &mut Calls, url: &str, api: &MockApi) -> u64 {
    let mut failed = 0;
    let mut stored = Instance::default();
    for name in ["bell", "gong"] {
        let mut config = bell(name);
        config["url"] = url.into();
        let changed = calls.change(&stored, &config).await;
        failed += u64::from(changed.failed());
        stored = changed.instance;
        if stored == Instance::default() {
            match id_with_url(api, url) {
                Some(id) => stored = import(calls, &id).await,
                None => continue,
            }
        }
        stored = read(calls, stored).await;
    }
    while !stored.state.is_null() {
        let removed = calls.change(&stored, &Json::Null).await;
        failed += u64::from(removed.failed());
        stored = removed.instance;
    }
    if let Some(id) = id_with_url(api, url) {
        let _ = api.remove_webhook(&id); // Terraform would have been told to import it
    }
    failed
}

/// What there is now, or what was known if that could not be read.
async fn read(calls: &mut Calls, stored: Instance) -> Instance {
    let read = calls.read(&stored).await;
    if read.failed() { stored } else { read.instance }
}

async fn import(calls: &mut Calls, id: &str) -> Instance {
    let target = format!("{ACCOUNT}/{APP}/{id}");
    let imported = calls.import(&target.into()).await.instance;
    match imported.state.is_null() {
        true => imported,
        false => read(calls, imported).await,
    }
}

/// The ID of the webhook that has a URL.
fn id_with_url(api: &MockApi, url: &str) -> Option<String> {
    let mut webhooks = api.webhooks(ACCOUNT, APP).into_iter();
    webhooks
        .find(|webhook| webhook.url == url)
        .map(|webhook| webhook.id)
}
