//! What the control endpoint and the page show, as JSON.

use super::DEFAULT_TOKEN;
use super::checks::EVENTS;
use super::deliveries::{Delivery, Outcome};
use super::log::Call;
use super::quirks::Quirks;
use super::state::{AppState, BASE_PATH, MockState};
use serde_json::{Value, json};

/// How many calls the page shows.
const RECENT_CALLS: usize = 100;

/// How much of a call's body the page shows, in bytes.
const MAX_SHOWN_BODY: usize = 2 * 1024;

/// All that the page shows; of the calls, the last ones, and not all of a long body.
pub(super) fn state(
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
        // A chosen token is for the person who chose it.
        "default_token": (state.token() == DEFAULT_TOKEN).then_some(DEFAULT_TOKEN),
        "mode": mode(&state.quirks),
        "apps": apps(&state),
        "faults": faults(&state),
        "quirks": quirks(&state),
        "calls": calls.collect::<Vec<_>>(),
        "deliveries": deliveries(&state),
    })
}

/// The mode that the quirks are exactly, or `null`.
fn mode(quirks: &Quirks) -> Value {
    let modes = ["documented", "live"].into_iter();
    let mode = modes.filter(|mode| Quirks::of_mode(mode).as_ref() == Some(quirks));
    mode.map(Value::from).next().unwrap_or_default()
}

/// All apps with their webhooks.
fn apps(state: &MockState) -> Value {
    let apps = state.store.all_apps().into_iter().map(|(key, name)| {
        let webhooks = state.store.existing(&key);
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
pub(super) fn calls(state: &MockState) -> Value {
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
pub(super) fn faults(state: &MockState) -> Value {
    let rules = state.faults.rules().iter();
    rules.map(|rule| rule.show()).collect()
}

/// Each quirk with its value, and whether it is as documented.
pub(super) fn quirks(state: &MockState) -> Value {
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
pub(super) fn deliveries(state: &MockState) -> Value {
    state.deliveries.iter().map(delivery).collect()
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
