//! The mock API on the paused clock of a test, and the requests that it saw.
//!
//! A paused clock moves when the runtime has nothing to do, to the next timer. That alone would
//! expire the timeout of each request while its bytes are in the kernel. So there is always a
//! timer that expires after a millisecond: each time nothing is left to do, and the kernel was
//! asked for what has arrived, one millisecond passes.

use std::{thread, time::Duration};

use http::Method;
use realtimekit::mock_api::{Call, MockApi, Quirks, Webhook};
use serde_json::{Value as Json, json};
use tokio::{runtime, sync::watch, time::sleep};

pub(crate) use crate::support::{ACCOUNT, APP};
use crate::terraform::Terraform;

/// Occurs nowhere else, so that it can be searched for in every message.
pub(crate) const TOKEN: &str = "v1.0-resilience-7be1a8634f9d2c";

const TICK: Duration = Duration::from_millis(1);

/// Runs a test on one thread, with a paused clock.
pub(crate) fn on_paused_clock<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(test)
}

/// Starts the API with these quirks, and the ticks of the clock.
pub(crate) fn start(quirks: Quirks) -> MockApi {
    start_counting(quirks).0
}

/// Like [`start`]; also returns a count of the API's answers.
pub(crate) fn start_counting(quirks: Quirks) -> (MockApi, watch::Receiver<u64>) {
    tokio::spawn(async {
        loop {
            sleep(TICK).await;
            thread::yield_now(); // the kernel may need this processor to deliver
        }
    });
    let (answers, answered) = watch::channel(0);
    let builder = MockApi::builder().token(TOKEN).quirks(quirks);
    let builder = builder.on_call(move |_| answers.send_modify(|count| *count += 1));
    (builder.spawn().expect("the mock API starts"), answered)
}

/// The requests, each as one letter: `L`ist, `G`et, `P`OST, p`U`t, `D`elete.
pub(crate) fn letters(api: &MockApi) -> String {
    let letter = |call: Call| match call.method {
        Method::GET if call.path.ends_with("/webhooks") => 'L',
        Method::GET => 'G',
        Method::POST => 'P',
        Method::PUT => 'U',
        Method::DELETE => 'D',
        _ => '?',
    };
    api.calls().into_iter().map(letter).collect()
}

/// The webhook as Terraform stores it.
pub(crate) fn stored(app: &str, webhook: &Webhook) -> Json {
    let mut events = webhook.events.clone();
    events.sort_unstable();
    json!({
        "id": webhook.id, "account_id": ACCOUNT, "app_id": app, "name": webhook.name,
        "url": webhook.url, "events": events, "enabled": webhook.enabled,
        "created_at": webhook.created_at, "updated_at": webhook.updated_at,
        "timeouts": timeouts(),
    })
}

/// Fails unless Terraform stores the webhooks of the provider's app, and nothing else.
#[track_caller]
pub(crate) fn assert_stored(api: &MockApi, terraform: &Terraform) {
    let sorted = |mut states: Vec<Json>| {
        states.sort_unstable_by_key(|state| state["id"].to_string());
        states
    };
    let states = terraform.state.values().map(|it| it.stored.state.clone());
    let webhooks = api.webhooks(ACCOUNT, APP).into_iter();
    let webhooks = webhooks.map(|webhook| stored(APP, &webhook));
    assert_eq!(sorted(states.collect()), sorted(webhooks.collect()));
}

/// The configuration of a webhook in the provider's app.
pub(crate) fn configured(name: &str, url: &str) -> Json {
    json!({
        "id": null, "account_id": null, "app_id": null, "name": name, "url": url,
        "events": ["meeting.started"], "enabled": null, "created_at": null, "updated_at": null,
        "timeouts": timeouts(),
    })
}

fn timeouts() -> Json {
    json!({ "create": "5s", "read": "5s", "update": "5s", "delete": "5s" })
}

/// Cancels all faults, and waits for the requests that are late.
pub(crate) async fn settle(api: &MockApi) {
    api.clear_faults();
    let is_pending = |call: &Call| {
        let fault = call.fault.as_deref();
        let is_dropped = fault.is_some_and(|fault| fault.starts_with("connection dropped"));
        call.status.is_none() && !is_dropped
    };
    while api.calls().iter().any(is_pending) {
        sleep(TICK).await;
    }
}
