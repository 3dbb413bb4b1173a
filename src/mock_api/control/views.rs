//! What the control endpoint and the page show, as JSON.

use crate::mock_api::model::faults::FaultRule;
use crate::mock_api::model::log::{Call, Delivery, Outcome};
use crate::mock_api::model::quirks::Quirks;
use crate::mock_api::model::webhook::EVENTS;
use crate::mock_api::model::{BASE_PATH, DEFAULT_TOKEN};
use crate::mock_api::state::{AppState, MockState};
use serde_json::{Value, json};

/// How many calls the page shows.
const RECENT_CALLS: usize = 100;

/// How much of a call's body the page shows, in bytes.
const MAX_SHOWN_BODY: usize = 2 * 1024;

/// Everything that the page shows, with the last calls and the first part of their bodies.
pub(crate) fn state(
    app_state: &AppState,
    endpoints: impl Iterator<Item = (&'static str, &'static str)>,
) -> Value {
    let state = app_state.lock();
    let calls = state.log.last(RECENT_CALLS).map(recent_call);
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "base_path": BASE_PATH,
        "allow_remote_deliveries": app_state.allow_remote_deliveries,
        "events": EVENTS,
        "endpoints": endpoints.collect::<Vec<_>>(),
        // A token that the user chose is not shown.
        "default_token": (state.token() == DEFAULT_TOKEN).then_some(DEFAULT_TOKEN),
        "mode": mode(&state.quirks),
        "apps": apps(&state),
        "faults": faults(&state),
        "quirks": quirks(&state),
        "calls": calls.collect::<Vec<_>>(),
        "deliveries": deliveries(&state),
    })
}

/// The mode whose quirks these are, or `null`.
fn mode(quirks: &Quirks) -> Value {
    let modes = ["documented", "live"].into_iter();
    let mode = modes.filter(|mode| Quirks::of_mode(mode).as_ref() == Some(quirks));
    mode.map(Value::from).next().unwrap_or_default()
}

/// All apps with their webhooks.
fn apps(state: &MockState) -> Value {
    let apps = state.store.all_apps().into_iter().map(|(key, name)| {
        let webhooks = state.store.existing(key);
        json!({
            "account_id": key.0,
            "app_id": key.1,
            "name": name,
            "webhooks": webhooks.collect::<Vec<_>>(),
        })
    });
    apps.collect()
}

/// Every call in the log.
pub(crate) fn calls(state: &MockState) -> Value {
    state.log.last(usize::MAX).map(call).collect()
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

/// The call with its body as text.
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

/// The pending faults.
pub(crate) fn faults(state: &MockState) -> Value {
    let rules = state.faults.rules().iter();
    rules.map(FaultRule::describe).collect()
}

/// Each quirk with its value, and whether it is as documented.
pub(crate) fn quirks(state: &MockState) -> Value {
    let documented = Quirks::documented();
    let quirks = Quirks::switches().iter().map(|quirk| {
        let value = quirk.value(&state.quirks);
        json!({
            "name": quirk.name(),
            "about": quirk.about(),
            "takes": quirk.values(),
            "documented": value == quirk.value(&documented),
            "choices": quirk.choices(),
            "value": value,
        })
    });
    quirks.collect()
}

/// The deliveries that are remembered.
pub(crate) fn deliveries(state: &MockState) -> Value {
    state.deliveries.iter().map(delivery).collect()
}

/// One delivery.
pub(crate) fn delivery(delivery: &Delivery) -> Value {
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
