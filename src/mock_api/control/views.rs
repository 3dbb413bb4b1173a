//! What the control endpoint and the page show, as JSON.

use super::ENDPOINTS;
use crate::mock_api::checks::EVENTS;
use crate::mock_api::delivery::{Delivery, Outcome};
use crate::mock_api::log::Call;
use crate::mock_api::quirks::Quirks;
use crate::mock_api::server::Shared;
use crate::mock_api::service::{BASE_PATH, Service};
use serde_json::{Value, json};

/// How many calls the page shows.
const RECENT_CALLS: usize = 100;

/// How much of a call's body the page shows, in bytes.
const MAX_SHOWN_BODY: usize = 2 * 1024;

/// All that the page shows; of the calls, the last ones, and not all of a long body.
pub(super) fn state(shared: &Shared) -> Value {
    let service = shared.service();
    let calls = service.log.last(RECENT_CALLS).map(recent_call);
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "base_path": BASE_PATH,
        "allow_remote_deliveries": shared.allow_remote_deliveries,
        "events": EVENTS,
        "endpoints": ENDPOINTS,
        "apps": apps(&service),
        "faults": faults(&service),
        "quirks": quirks(&service),
        "calls": calls.collect::<Vec<_>>(),
        "deliveries": deliveries(&service),
    })
}

/// All apps with their webhooks.
fn apps(service: &Service) -> Value {
    let apps = service.store.all_apps().into_iter().map(|(key, name)| {
        let webhooks = service.store.existing(&key);
        let webhooks: Vec<Value> = webhooks.map(|webhook| webhook.to_json()).collect();
        json!({
            "account_id": key.0,
            "app_id": key.1,
            "name": name,
            "webhooks": webhooks,
        })
    });
    apps.collect()
}

/// Every call that the log has.
pub(super) fn calls(service: &Service) -> Value {
    service.log.last(usize::MAX).map(call).collect()
}

fn call(call: &Call) -> Value {
    json!({
        "number": call.number,
        "arrived_at": call.arrived_at,
        "method": call.method.as_str(),
        "path": call.path,
        "query": call.query,
        "body": call.body,
        "user_agent": call.user_agent,
        "authorized": call.authorized,
        "status": call.status.map(|status| status.as_u16()),
        "fault": call.fault.as_ref().map(ToString::to_string),
    })
}

/// The call with the text of its body instead of the body.
fn recent_call(recent: &Call) -> Value {
    let mut shown = call(recent);
    let text = recent.body.as_ref().map(|body| format!("{body:#}"));
    shown["body"] = json!(text.map(shortened));
    shown
}

fn shortened(mut text: String) -> String {
    let end = text.floor_char_boundary(MAX_SHOWN_BODY);
    if end < text.len() {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The faults that are still to come.
pub(super) fn faults(service: &Service) -> Value {
    let rules = service.faults.rules().iter();
    rules.map(|rule| rule.show()).collect()
}

/// Each quirk with its value, and whether it is as documented.
pub(super) fn quirks(service: &Service) -> Value {
    let documented = Quirks::documented();
    let quirks = Quirks::switches().iter().map(|quirk| {
        let value = quirk.value(&service.quirks);
        json!({
            "name": quirk.name(),
            "about": quirk.about(),
            "takes": quirk.values(),
            "documented": value == quirk.value(&documented),
            "value": value,
        })
    });
    quirks.collect()
}

/// The deliveries that are remembered.
pub(super) fn deliveries(service: &Service) -> Value {
    service.deliveries.iter().map(delivery).collect()
}

/// One delivery.
pub(super) fn delivery(delivery: &Delivery) -> Value {
    let mut shown = json!({
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "url": delivery.url,
        "event": delivery.event,
        "sent_at": delivery.sent_at,
        "milliseconds": u64::try_from(delivery.took.as_millis()).unwrap_or(u64::MAX),
    });
    match &delivery.outcome {
        Outcome::Answered { status, body, cut } => {
            shown["delivered"] = json!(status.is_success());
            shown["status"] = json!(status.as_u16());
            shown["body"] = json!(body);
            shown["body_cut"] = json!(cut);
        }
        Outcome::Failed(reason) => {
            shown["delivered"] = json!(false);
            shown["error"] = json!(reason);
        }
    }
    shown
}
