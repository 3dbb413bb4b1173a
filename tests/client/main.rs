//! The API client against real servers: the mock API, and ones that only talk HTTP badly.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy knows tests by their attribute, and not their helpers"
)]

mod answers;
mod apps;
mod connection;
mod creations;
#[cfg(target_os = "linux")] // elsewhere the system keeps its roots where no variable reaches
mod environment;
mod lists;
mod logs;
mod operations;
#[cfg(target_os = "linux")]
mod proxies;
mod public_key;
mod rate_limit;
mod raw_server;
mod retries;

use std::collections::BTreeSet;
use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Client, Config, Error, Secret, Timing, Webhook, WebhookRequest, Webhooks};
use realtimekit::mock_api::{DeleteAnswer, Envelope, Fault, Matcher, MockApi, Quirks};
use tokio::task::JoinHandle;

const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
const APP: &str = "14a396e7-ca44-4937-bf1f-050a69118543";
const UNKNOWN_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
const TOKEN: &str = "a-token-that-nobody-may-see";
/// Longer than any test takes: what is delayed so is not answered.
const LONG: Duration = Duration::from_secs(60);

/// A client that sends each call once, so that every failure is seen. Its waits are over before
/// anyone notices.
fn config(base_url: &str) -> Config {
    let token = Secret::new(TOKEN).unwrap();
    Config {
        max_retries: 0,
        timing: Timing {
            visibility_backoff: Duration::from_millis(5),
            batch_window: Duration::from_millis(1),
            first_backoff: Duration::from_millis(2),
            longest_backoff: Duration::from_millis(8),
            window_margin: Duration::ZERO,
            shutdown_grace: Duration::from_millis(50),
            operation_timeout: Duration::from_secs(60),
            ..Timing::default()
        },
        ..Config::new(base_url.parse().unwrap(), token, "the-tests/1.0")
    }
}

/// A client that tries again.
fn persistent(base_url: &str) -> Config {
    Config {
        max_retries: 4,
        ..config(base_url)
    }
}

fn webhooks_at(config: Config) -> Webhooks {
    Client::new(config).webhooks(ACCOUNT, APP)
}

fn mock(quirks: Quirks) -> MockApi {
    let api = MockApi::builder().token(TOKEN).quirks(quirks);
    api.start().unwrap()
}

/// The API, and a client that sends each call once.
fn start(quirks: Quirks) -> (MockApi, Webhooks) {
    let api = mock(quirks);
    let webhooks = webhooks_at(config(&api.base_url()));
    (api, webhooks)
}

/// The live API, a client that tries again, and its app.
fn start_persistent() -> (MockApi, Client, Webhooks) {
    start_persistent_as(Quirks::live())
}

/// An API, a client that tries again, and its app.
fn start_persistent_as(quirks: Quirks) -> (MockApi, Client, Webhooks) {
    let api = mock(quirks);
    let client = Client::new(persistent(&api.base_url()));
    let webhooks = client.webhooks(ACCOUNT, APP);
    (api, client, webhooks)
}

/// The documented and the live API, with each envelope and each answer to a creation and a deletion.
fn all_modes() -> impl Iterator<Item = Quirks> {
    let answers = [
        (Envelope::Data, DeleteAnswer::Webhook, false),
        (Envelope::ResultData, DeleteAnswer::NoContent, false),
        (Envelope::Result, DeleteAnswer::Empty, true),
    ];
    let modes = [Quirks::documented(), Quirks::live()].into_iter();
    modes.flat_map(move |mode| {
        answers.map(|(envelope, delete_answer, create_200)| Quirks {
            envelope,
            delete_answer,
            create_200,
            ..mode
        })
    })
}

/// Adds a webhook as somebody else would; returns its ID.
fn add(api: &MockApi, number: usize) -> String {
    let url = format!("https://example.com/{number}");
    let webhook = api.add_webhook(ACCOUNT, APP, "there", &url, &["meeting.started"]);
    webhook.id
}

fn fail(api: &MockApi, method: Method, times: usize, fault: impl Into<Fault>) {
    api.fail(Matcher::method(method), times, fault);
}

fn status(status: u16) -> Fault {
    Fault::status(StatusCode::from_u16(status).unwrap())
}

/// A refusal that asks to wait for so many seconds.
fn wait(code: u16, seconds: u32) -> Fault {
    let fault = status(code).header("retry-after", &seconds.to_string());
    fault.unwrap()
}

/// Calls the operation that sends a method; none but DELETE returns no webhook.
async fn send(webhooks: &Webhooks, method: &Method, id: &str) -> Result<Option<Webhook>, Error> {
    match *method {
        Method::GET => webhooks.get(id).await.map(Some),
        Method::POST => webhooks.create(&door_bell()).await.map(Some),
        Method::PUT => webhooks.replace(id, &door_bell()).await.map(Some),
        Method::PATCH => webhooks.set_enabled(id, false).await.map(Some),
        _ => webhooks.delete(id).await.map(|()| None),
    }
}

/// Creates a webhook in a task of its own.
fn creating(webhooks: &Webhooks) -> JoinHandle<Result<Webhook, Error>> {
    let webhooks = webhooks.clone();
    tokio::spawn(async move { webhooks.create(&door_bell()).await })
}

/// Lists webhooks in a task of its own, which returns how many there are.
fn listing(webhooks: &Webhooks) -> JoinHandle<Result<usize, Error>> {
    let webhooks = webhooks.clone();
    tokio::spawn(async move { Ok(webhooks.list().await?.len()) })
}

fn methods(api: &MockApi) -> Vec<Method> {
    api.calls().into_iter().map(|call| call.method).collect()
}

/// How often a method was sent.
fn sent(api: &MockApi, method: &Method) -> usize {
    let methods = methods(api).into_iter();
    methods.filter(|sent| sent == method).count()
}

/// Waits until something is the case.
async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn door_bell() -> WebhookRequest {
    WebhookRequest {
        name: "door bell".to_owned(),
        url: "https://example.com/door-bell".to_owned(),
        events: events(["meeting.started", "meeting.ended"]),
        enabled: true,
    }
}

fn events<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// An error and its causes, as a practitioner would see them.
fn shown(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let lines: Vec<String> = causes.map(ToString::to_string).collect();
    lines.join(": ")
}
