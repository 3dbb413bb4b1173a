//! What may happen, at random.

use std::time::Duration;

use proptest::{collection::vec, option, prelude::*};
use realtimekit::mock_api::{DeleteAnswer, Envelope, Quirks, RateLimit};
use serde_json::{Value as Json, json};

use super::fault_schedule::{FaultSchedule, fault_schedules};
use crate::api::{ACCOUNT, APP};

pub(super) const APPS: [&str; 2] = [APP, "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a"];
const URLS: [&str; 4] = [
    "https://hooks.example/one",
    "https://hooks.example/two",
    "https://HOOKS.example",
    "https://hooks.example/four",
];
const NAMES: [&str; 3] = ["bell", "door", "log"];
const EVENTS: [&[&str]; 3] = [
    &["meeting.started"],
    &["meeting.ended", "meeting.started"],
    &["meeting.ended", "recording.statusUpdate"],
];
const RATE_LIMIT: RateLimit = RateLimit {
    requests: 10,
    window: Duration::from_millis(200),
    block: Duration::from_millis(200),
};
/// Most webhooks of a configuration.
const WEBHOOKS: usize = 6;

/// A service, and what happens to it and to us.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) service: Quirks,
    pub(super) retries: Option<u32>,
    pub(super) operations: Vec<Operation>,
}

#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// Each configured webhook has its own resource; what is `None` is not configured.
    Apply(Vec<Option<Webhook>>, FaultSchedule),
    Destroy(FaultSchedule),
    Refresh(FaultSchedule),
    Elsewhere(Elsewhere),
}

/// What others do.
#[derive(Debug, Clone)]
pub(super) enum Elsewhere {
    Add(Webhook),
    /// Of the n-th webhook that there is, everything.
    Edit(usize, Webhook),
    /// Of the n-th webhook that there is, everything but the URL.
    Rename(usize, Webhook),
    /// The n-th webhook that there is.
    Remove(usize),
}

/// What a webhook shall be.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    pub(super) app: &'static str,
    pub(super) name: &'static str,
    pub(super) url: &'static str,
    pub(super) events: &'static [&'static str],
    pub(super) enabled: Option<bool>,
}

impl Webhook {
    pub(super) fn config(&self) -> Json {
        let Self {
            app,
            name,
            url,
            events,
            enabled,
        } = self;
        json!({
            "id": null, "account_id": ACCOUNT, "app_id": app, "name": name, "url": url,
            "events": events, "enabled": enabled, "created_at": null, "updated_at": null,
            "timeouts": null,
        })
    }
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let retries = prop_oneof![3 => Just(None), 1 => (0..2_u32).prop_map(Some)];
    (services(), retries, vec(operations(), 1..10)).prop_map(|(service, retries, operations)| {
        Case {
            service,
            retries,
            operations,
        }
    })
}

fn services() -> impl Strategy<Value = Quirks> {
    let base = prop_oneof![Just(Quirks::documented()), Just(Quirks::live())];
    let envelope = prop_oneof![
        Just(Envelope::Data),
        Just(Envelope::ResultData),
        Just(Envelope::Result)
    ];
    let delete_answer = prop_oneof![
        Just(DeleteAnswer::Webhook),
        Just(DeleteAnswer::NoContent),
        Just(DeleteAnswer::Empty)
    ];
    // Few, since it is waited for by the clock.
    let rate_limit = option::weighted(0.05, Just(RATE_LIMIT));
    // A new webhook is looked for three times at least.
    let unseen = (0..3_u32, 0..3_u32);
    (
        base,
        envelope,
        delete_answer,
        any::<bool>(),
        unseen,
        rate_limit,
    )
        .prop_map(
            |(base, envelope, delete_answer, normalises_url, unseen, rate_limit)| Quirks {
                envelope,
                delete_answer,
                normalises_url,
                new_missing_reads: unseen.0,
                deleted_found_reads: unseen.1,
                rate_limit,
                ..base
            },
        )
}

fn operations() -> impl Strategy<Value = Operation> {
    let configuration = vec(option::weighted(0.7, webhooks()), WEBHOOKS);
    prop_oneof![
        6 => (configuration, fault_schedules()).prop_map(|(webhooks, schedule)| Operation::Apply(webhooks, schedule)),
        1 => fault_schedules().prop_map(Operation::Destroy),
        1 => fault_schedules().prop_map(Operation::Refresh),
        3 => elsewhere().prop_map(Operation::Elsewhere),
    ]
}

fn elsewhere() -> impl Strategy<Value = Elsewhere> {
    prop_oneof![
        webhooks().prop_map(Elsewhere::Add),
        (any::<usize>(), webhooks()).prop_map(|(number, webhook)| Elsewhere::Edit(number, webhook)),
        any::<usize>().prop_map(Elsewhere::Remove),
    ]
}

/// What others do while a command runs. What they add then is not what we make then, and a URL
/// that we named stays, or nobody could tell whose is whose.
pub(super) fn meanwhile() -> impl Strategy<Value = Elsewhere> {
    let add = |webhook| {
        Elsewhere::Add(Webhook {
            name: "theirs",
            ..webhook
        })
    };
    prop_oneof![
        webhooks().prop_map(add),
        (any::<usize>(), webhooks())
            .prop_map(|(number, webhook)| Elsewhere::Rename(number, webhook)),
        any::<usize>().prop_map(Elsewhere::Remove),
    ]
}

fn webhooks() -> impl Strategy<Value = Webhook> {
    let one_of = |choices: usize| 0..choices;
    let enabled = option::of(any::<bool>());
    (
        one_of(APPS.len()),
        one_of(NAMES.len()),
        one_of(URLS.len()),
        one_of(EVENTS.len()),
        enabled,
    )
        .prop_map(|(app, name, url, events, enabled)| Webhook {
            app: APPS[app],
            name: NAMES[name],
            url: URLS[url],
            events: EVENTS[events],
            enabled,
        })
}
