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
use realtimekit::{
    mock_api::{Fault, MockApi, Quirks},
    proto::tfplugin6::{
        DynamicValue, apply_resource_change, configure_provider, diagnostic::Severity,
        import_resource_state, plan_resource_change, provider_client::ProviderClient,
        read_resource,
    },
};
use serde_json::{Value as Json, json};
use tokio::time::sleep;
use tonic::transport::Channel;

use crate::{
    processes::{open_files, resident},
    support::{
        Handshake, Launch, provider_client,
        realtimekit::{object, webhook},
    },
    terraform::{ACCOUNT, APP, TOKEN, builder},
    wire::{self, dynamic},
};

/// How long the short form takes.
const SHORT: u64 = 5;
const CLIENTS: u64 = 8;
/// Of a hundred requests to the API one fails; a round makes about eight.
const FAULTS_PER_ROUND: f64 = 0.08;
/// By how much memory may differ from one moment to another: what is in flight, and what the
/// allocator keeps.
const PLAY: u64 = 6 * 1024;
const WEBHOOK: &str = "realtimekit_webhook";

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
    let launch = Launch::by_hand()
        .argument("-debug")
        .env("CLOUDFLARE_BASE_URL", &api.base_url())
        .env("CLOUDFLARE_API_TOKEN", TOKEN)
        .env("CLOUDFLARE_ACCOUNT_ID", ACCOUNT)
        .env("REALTIMEKIT_APP_ID", APP);
    let mut plugin = launch.spawn();
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
    let provider = provider_client(server.channel(None).await.unwrap());
    let mut client = Client { provider };
    client.configure().await;
    for round in 0..random.u64(1..20) {
        if random.f64() < FAULTS_PER_ROUND {
            api.fail_next(1, fault(random));
            tally.faults.fetch_add(1, Ordering::Relaxed);
        }
        let url = format!("https://example.com/{number}/{round}?{}", random.u32(..));
        let failed = client.round(&url, api).await;
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

struct Client {
    provider: ProviderClient<Channel>,
}

impl Client {
    async fn configure(&mut self) {
        let names = [
            "api_token",
            "account_id",
            "app_id",
            "base_url",
            "max_retries",
            "requests_per_second",
        ];
        let request = configure_provider::Request {
            terraform_version: "1.15.5".into(),
            config: dynamic(&object(&names, &[])),
            ..Default::default()
        };
        let answer = self.provider.configure_provider(request).await.unwrap();
        assert_eq!(answer.into_inner().diagnostics, []);
    }

    /// Creates, reads, changes, reads and deletes a webhook; counts what failed on the way.
    async fn round(&mut self, url: &str, api: &MockApi) -> u64 {
        let mut failed = 0;
        let mut state = Json::Null;
        for name in ["bell", "gong"] {
            let config = config(name, url);
            match self.change(&state, &config).await {
                Ok(changed) => state = changed,
                Err(after) => {
                    failed += 1;
                    state = after;
                }
            }
            if state.is_null() {
                match held(api, url) {
                    Some(id) => state = self.import(&id).await,
                    None => continue,
                }
            }
            state = self.read(&state).await.unwrap_or(state);
        }
        while !state.is_null() {
            match self.change(&state, &Json::Null).await {
                Ok(gone) => state = gone,
                Err(_) => failed += 1,
            }
        }
        if let Some(id) = held(api, url) {
            let _ = api.remove_webhook(&id); // Terraform would have been told to import it
        }
        failed
    }

    /// The new state; what is left of the old one if it failed.
    async fn change(&mut self, prior: &Json, config: &Json) -> Result<Json, Json> {
        let proposed = proposed(prior, config);
        let request = plan_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            proposed_new_state: dynamic(&proposed),
            config: dynamic(config),
            ..Default::default()
        };
        let planned = self.provider.plan_resource_change(request).await.unwrap();
        let request = apply_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            planned_state: planned.into_inner().planned_state,
            config: dynamic(config),
            ..Default::default()
        };
        let answer = self.provider.apply_resource_change(request).await.unwrap();
        let answer = answer.into_inner();
        let state = value(answer.new_state.as_ref());
        match answer
            .diagnostics
            .iter()
            .any(|it| it.severity() == Severity::Error)
        {
            true => Err(state),
            false => Ok(state),
        }
    }

    /// What there is now; `None` if that could not be read.
    async fn read(&mut self, state: &Json) -> Option<Json> {
        let request = read_resource::Request {
            type_name: WEBHOOK.into(),
            current_state: dynamic(state),
            ..Default::default()
        };
        let answer = self.provider.read_resource(request).await.unwrap();
        let answer = answer.into_inner();
        let read = answer.diagnostics.is_empty();
        read.then(|| value(answer.new_state.as_ref()))
    }

    async fn import(&mut self, id: &str) -> Json {
        let request = import_resource_state::Request {
            type_name: WEBHOOK.into(),
            id: format!("{ACCOUNT}/{APP}/{id}"),
            ..Default::default()
        };
        let answer = self.provider.import_resource_state(request).await.unwrap();
        let answer = answer.into_inner();
        let imported = answer.imported_resources.first();
        let state = imported.map_or(Json::Null, |it| value(it.state.as_ref()));
        match state.is_null() {
            true => state,
            false => self.read(&state).await.unwrap_or_default(),
        }
    }
}

fn config(name: &str, url: &str) -> Json {
    webhook(&[
        ("name", name.into()),
        ("url", url.into()),
        ("events", json!(["meeting.started", "meeting.ended"])),
    ])
}

/// The configuration, with what the provider computed before.
fn proposed(prior: &Json, config: &Json) -> Json {
    let mut proposed = config.clone();
    if let (Some(prior), Some(proposed)) = (prior.as_object(), proposed.as_object_mut()) {
        for (name, value) in proposed {
            if value.is_null() {
                *value = prior[name].clone();
            }
        }
    }
    proposed
}

fn value(message: Option<&DynamicValue>) -> Json {
    message.map_or(Json::Null, |message| wire::json(Some(message)))
}

/// The webhook that has a URL.
fn held(api: &MockApi, url: &str) -> Option<String> {
    let webhooks = api.webhooks(ACCOUNT, APP).into_iter();
    let mut with_url = webhooks.filter(|webhook| webhook.url == url);
    with_url.next().map(|webhook| webhook.id)
}
