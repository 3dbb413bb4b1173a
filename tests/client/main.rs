//! The API client against real servers: the mock API, and ones that only talk HTTP badly.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy knows tests by their attribute, and not their helpers"
)]
#![cfg_attr(
    target_os = "linux",
    expect(clippy::panic, reason = "a helper of the tests of Linux panics")
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

use realtimekit::api::{Client, Config, Secret, Timing, WebhookRequest, Webhooks};
use realtimekit::mock_api::{MockApi, Quirks};

const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
const APP: &str = "14a396e7-ca44-4937-bf1f-050a69118543";
const UNKNOWN_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
const TOKEN: &str = "a-token-that-nobody-may-see";

/// A client that sends each call once, so that every failure is seen.
fn config(base_url: &str) -> Config {
    let token = Secret::new(TOKEN).unwrap();
    Config {
        max_retries: 0,
        timing: Timing {
            visibility_backoff: Duration::from_millis(1),
            ..Timing::default()
        },
        ..Config::new(base_url.parse().unwrap(), token, "the-tests/1.0")
    }
}

fn webhooks_at(config: Config) -> Webhooks {
    Client::new(config).webhooks(ACCOUNT, APP)
}

fn start(quirks: Quirks) -> (MockApi, Webhooks) {
    let api = MockApi::builder()
        .token(TOKEN)
        .quirks(quirks)
        .start()
        .unwrap();
    let webhooks = webhooks_at(config(&api.base_url()));
    (api, webhooks)
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
