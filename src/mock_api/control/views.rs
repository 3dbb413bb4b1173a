//! What the control endpoint and the page show, as JSON.

use crate::mock_api::model::faults::FaultRule;
use crate::mock_api::model::log::Call;
use crate::mock_api::model::quirks::{Quirks, Switch};
use crate::mock_api::model::{BASE_PATH, DEFAULT_TOKEN};
use crate::mock_api::state::{AppState, MockState};
use serde_json::{Value, json};

/// How many calls the page shows.
const RECENT_CALLS: usize = 100;

/// How much of a call's body the page shows, in bytes.
const MAX_SHOWN_BODY: usize = 2 * 1024;

/// Everything that the page shows, with the last calls and the first part of their bodies.
pub(crate) fn state(app_state: &AppState) -> Value {
    let state = app_state.lock();
    let older = state.calls.len().saturating_sub(RECENT_CALLS);
    let modes = ["documented", "live"].into_iter();
    let mut modes = modes.filter(|mode| Quirks::of_mode(mode).as_ref() == Some(&state.quirks));
    let known_token = app_state.settings.token == DEFAULT_TOKEN;
    let apps = state.store.all_apps().into_iter().map(|(key, name)| {
        let webhooks: Vec<_> = state.store.existing(key).collect();
        let (account, app) = key;
        json!({"account_id": account, "app_id": app, "name": name, "webhooks": webhooks})
    });
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "base_path": BASE_PATH,
        // A token that the user chose is not shown.
        "default_token": known_token.then_some(DEFAULT_TOKEN),
        // Null if the quirks are those of no mode.
        "mode": modes.next(),
        "apps": apps.collect::<Value>(),
        "faults": faults(&state),
        "quirks": quirks(&state),
        "calls": state.calls.iter().skip(older).map(recent_call).collect::<Value>(),
        "deliveries": state.deliveries,
    })
}

/// The call with the first part of its body as text.
fn recent_call(recent: &Call) -> Value {
    let mut shown = json!(recent);
    if let Some(body) = &recent.body {
        let mut text = format!("{body:#}");
        let end = text.floor_char_boundary(MAX_SHOWN_BODY);
        if end < text.len() {
            text.replace_range(end.., "…");
        }
        shown["body"] = json!(text);
    }
    shown
}

/// The pending faults.
pub(crate) fn faults(state: &MockState) -> Value {
    state.faults.iter().map(FaultRule::to_string).collect()
}

/// Each quirk with its value, and whether it is as documented.
pub(crate) fn quirks(state: &MockState) -> Value {
    let documented = Quirks::documented();
    let quirk = |quirk: &Switch| {
        let value = quirk.value(&state.quirks);
        json!({
            "name": quirk.name(),
            "about": quirk.about,
            "takes": quirk.takes,
            "documented": value == quirk.value(&documented),
            "value": value,
        })
    };
    Quirks::switches().iter().map(quirk).collect()
}
