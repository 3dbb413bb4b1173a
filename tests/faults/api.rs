//! The mock API, and what it was asked.

use std::time::Duration;

use http::Method;
use realtimekit::mock_api::{Call, Fault, MockApi, Quirks, Webhook};
use serde_json::{Value as Json, json};
use tokio::{sync::watch, time::sleep};

pub(crate) const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
pub(crate) const APP: &str = "14a396e7-ca44-4937-bf1f-050a69118543";
/// Occurs nowhere else, so that it can be searched for in everything that is said.
pub(crate) const TOKEN: &str = "v1.0-resilience-7be1a8634f9d2c";

/// The API with these quirks.
pub(crate) fn start(quirks: Quirks) -> MockApi {
    let builder = MockApi::builder().token(TOKEN).quirks(quirks);
    builder.start().expect("the mock API starts")
}

/// The API with these quirks, and a count of its answers.
pub(crate) fn observed(quirks: Quirks) -> (MockApi, watch::Receiver<u64>) {
    let (answers, answered) = watch::channel(0);
    let builder = MockApi::builder().token(TOKEN).quirks(quirks);
    let api = builder
        .on_call(move |_| answers.send_modify(|count| *count += 1))
        .start();
    (api.expect("the mock API starts"), answered)
}

/// Requests, each as one letter: `L`ist, `G`et, `P`OST, p`U`t, `D`elete.
pub(crate) fn letters(calls: &[Call]) -> String {
    calls.iter().map(letter).collect()
}

fn letter(call: &Call) -> char {
    match call.method {
        Method::GET if call.path.ends_with("/webhooks") => 'L',
        Method::GET => 'G',
        Method::POST => 'P',
        Method::PUT => 'U',
        Method::DELETE => 'D',
        _ => '?',
    }
}

/// The webhook as Terraform stores it.
pub(crate) fn stored(app: &str, webhook: &Webhook) -> Json {
    let mut events = webhook.events.clone();
    events.sort_unstable();
    json!({
        "id": webhook.id, "account_id": ACCOUNT, "app_id": app, "name": webhook.name,
        "url": webhook.url, "events": events, "enabled": webhook.enabled,
        "created_at": webhook.created_at, "updated_at": webhook.updated_at, "timeouts": null,
    })
}

/// Calls off all faults, and lets the requests that are late come.
pub(crate) async fn settled(api: &MockApi) {
    api.clear_faults();
    let dropped = [
        Fault::drop_connection(),
        Fault::drop_connection().after_storing(),
    ];
    let is_dropped = |call: &Call| {
        call.fault
            .as_ref()
            .is_some_and(|fault| dropped.contains(fault))
    };
    let under_way = |call: &Call| call.status.is_none() && !is_dropped(call);
    while api.calls().iter().any(under_way) {
        sleep(Duration::from_millis(5)).await;
    }
}
