//! One run of the provider: its waits are short, and no message shows the token, a panic or a bug.

use std::time::Duration;

use realtimekit::{api::Timing, provider::RealtimeKit};
use serde_json::json;

use crate::{
    api::{ACCOUNT, APP, TOKEN},
    support::{Answer, WEBHOOK, calls::Calls, look_up, object},
};

const fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// The provider's waits, but shorter.
pub(crate) const TIMING: Timing = Timing {
    request_timeout: milliseconds(500),
    first_backoff: milliseconds(2),
    longest_backoff: milliseconds(1_000),
    window_margin: milliseconds(2),
    shutdown_grace: milliseconds(200),
    visibility_backoff: milliseconds(2),
    batch_window: milliseconds(10),
    operation_timeout: milliseconds(5_000),
    url_wait: milliseconds(300),
};

/// A run of the provider, for the API at this base URL.
pub(crate) async fn start(base_url: &str, max_retries: Option<u32>) -> Calls {
    let provider = Calls {
        never_shown: &[TOKEN, "panicked", "bug in the provider"],
        ..Calls::in_process(RealtimeKit { timing: TIMING })
    };
    let block = json!({
        "api_token": TOKEN, "base_url": base_url, "account_id": ACCOUNT, "app_id": APP,
        "max_retries": max_retries, "requests_per_second": null,
    });
    provider.configure("1.11.4", &block).await;
    provider
}

/// Reads a data source: the webhook of the provider's app with a known attribute, or all.
pub(crate) async fn find(provider: &Calls, known: Option<(&str, &str)>) -> Answer {
    match known {
        Some((name, value)) => provider.look_up(WEBHOOK, &look_up(name, value)).await,
        None => {
            let query = object("account_id app_id webhooks", &[]);
            provider.look_up("realtimekit_webhooks", &query).await
        }
    }
}
