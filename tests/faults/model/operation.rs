//! What may happen, at random.

use std::time::Duration;

use http::{Method, StatusCode};
use proptest::{collection::vec, option, prelude::*, sample::select};
use realtimekit::mock_api::{DeleteAnswer, Envelope, Fault, FaultRule, Matcher, Quirks, RateLimit};
use serde_json::Value as Json;

use crate::{
    api::{APP, configured},
    provider::TIMING,
};

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

/// A service, the provider's `max_retries`, and what happens to both.
pub(super) type Case = (Quirks, Option<u32>, Vec<Operation>);

#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// Each configured webhook has its own resource; `None` is not configured.
    Apply(Vec<Option<Json>>, FaultSchedule),
    Refresh(FaultSchedule),
    Elsewhere(Elsewhere),
}

/// What goes wrong while a command runs; moments are numbers of answers of the API.
#[derive(Debug, Clone)]
pub(super) struct FaultSchedule {
    pub(super) faults: Vec<FaultRule>,
    /// When the user interrupts.
    pub(super) interrupt: Option<u64>,
    /// What others do meanwhile, and when.
    pub(super) meanwhile: Option<(u64, Elsewhere)>,
}

impl FaultSchedule {
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty() && self.interrupt.is_none() && self.meanwhile.is_none()
    }
}

/// What others do, with webhooks as they would be configured.
#[derive(Debug, Clone)]
pub(super) enum Elsewhere {
    Add(Json),
    /// Changes the n-th webhook that there is, with or without its URL.
    Edit(usize, Json, bool),
    /// Removes the n-th webhook that there is.
    Remove(usize),
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let retries = prop_oneof![3 => Just(None), 1 => (0..2_u32).prop_map(Some)];
    (services(), retries, vec(operations(), 1..10))
}

fn services() -> impl Strategy<Value = Quirks> {
    use DeleteAnswer::{Empty, NoContent, Webhook};
    use Envelope::{Data, Result, ResultData};
    let services = (
        select(vec![Quirks::documented(), Quirks::live()]),
        select(vec![Data, ResultData, Result]),
        select(vec![Webhook, NoContent, Empty]),
        any::<bool>(),
        // A new webhook is looked for three times at least.
        (0..3_u32, 0..3_u32),
        option::weighted(0.1, Just(RATE_LIMIT)),
    );
    services.prop_map(
        |(base, envelope, delete_answer, normalizes_url, stale, rate_limit)| Quirks {
            envelope,
            delete_answer,
            normalizes_url,
            new_missing_reads: stale.0,
            deleted_found_reads: stale.1,
            rate_limit,
            ..base
        },
    )
}

fn operations() -> impl Strategy<Value = Operation> {
    let configuration = vec(option::weighted(0.7, webhooks()), WEBHOOKS);
    let configuration = prop_oneof![6 => configuration, 1 => Just(Vec::new())];
    let apply = (configuration, fault_schedules());
    let elsewhere = prop_oneof![
        webhooks().prop_map(Elsewhere::Add),
        edits(true),
        any::<usize>().prop_map(Elsewhere::Remove),
    ];
    prop_oneof![
        7 => apply.prop_map(|(webhooks, schedule)| Operation::Apply(webhooks, schedule)),
        1 => fault_schedules().prop_map(Operation::Refresh),
        3 => elsewhere.prop_map(Operation::Elsewhere),
    ]
}

fn edits(with_url: bool) -> impl Strategy<Value = Elsewhere> {
    let edit = (any::<usize>(), webhooks());
    edit.prop_map(move |(number, webhook)| Elsewhere::Edit(number, webhook, with_url))
}

/// Configurations of webhooks.
fn webhooks() -> impl Strategy<Value = Json> {
    let (apps, names) = (select(&APPS[..]), select(&NAMES[..]));
    let (urls, events) = (select(&URLS[..]), select(&EVENTS[..]));
    let webhooks = (apps, names, urls, events, option::of(any::<bool>()));
    webhooks.prop_map(|(app, name, url, events, enabled)| {
        let mut config = configured(name, url);
        config["app_id"] = app.into();
        config["events"] = events.into();
        config["enabled"] = enabled.into();
        config
    })
}

fn fault_schedules() -> impl Strategy<Value = FaultSchedule> {
    let faults = prop_oneof![2 => Just(Vec::new()), 3 => vec(faults(), 1..3)];
    // What others add while a command runs is not what we make then, and a URL that we named
    // stays, or nobody could tell whose is whose.
    let theirs = webhooks().prop_map(|mut config| {
        config["name"] = "theirs".into();
        config
    });
    let meanwhile = prop_oneof![
        theirs.prop_map(Elsewhere::Add),
        edits(false),
        any::<usize>().prop_map(Elsewhere::Remove),
    ];
    let interrupt = option::weighted(0.15, 0..12_u64);
    let meanwhile = option::weighted(0.2, (0..12_u64, meanwhile));
    (faults, interrupt, meanwhile).prop_map(|(faults, interrupt, meanwhile)| FaultSchedule {
        faults: faults.concat(),
        interrupt,
        meanwhile,
    })
}

/// A fault of some requests with a method, or of all, after some that are spared.
fn faults() -> impl Strategy<Value = [FaultRule; 2]> {
    let methods = vec![Method::GET, Method::POST, Method::PUT, Method::DELETE];
    let method = option::weighted(0.7, select(methods));
    let faults = (method, 0..6_usize, 1..7_usize, select(kinds()));
    faults.prop_map(|(method, spared, times, fault)| {
        let matcher = method.map_or(Matcher::any(), Matcher::method);
        [(spared, Fault::delay(Duration::ZERO)), (times, fault)].map(|(times, fault)| FaultRule {
            matcher: matcher.clone(),
            times,
            fault,
        })
    })
}

/// A 404 or 409 of the API itself would be the truth, or a lie that nobody can see through.
fn kinds() -> Vec<Fault> {
    let status = |code| StatusCode::from_u16(code).unwrap();
    let limited = |when| Fault::status(status(429)).header("retry-after", when);
    let data = |data| {
        Fault::body(
            StatusCode::OK,
            format!(r#"{{"success":true,"data":{data}}}"#),
        )
    };
    let late = TIMING.request_timeout * 5 / 4;
    let mut kinds = vec![
        Fault::delay(late),
        Fault::delay_before_storing(late),
        Fault::html(status(404)),
        limited("0").unwrap(),
        limited("Sun, 06 Nov 1994 08:49:37 GMT").unwrap(),
        Fault::truncate(40),
        Fault::empty(StatusCode::TEMPORARY_REDIRECT)
            .header("location", "https://elsewhere.example/")
            .unwrap(),
        data(r#"{"id":7,"name":true}"#).after_storing(),
        data("{}").after_storing(),
        Fault::empty(StatusCode::OK).after_storing(),
    ];
    let failures = [400, 401, 403, 408, 429, 500, 502, 503];
    kinds.extend(failures.map(|code| Fault::status(status(code))));
    for either in [
        Fault::drop_connection(),
        Fault::drop_connection(), // twice as often
        Fault::status(status(500)),
        Fault::html(status(504)),
        Fault::html(StatusCode::OK),
    ] {
        kinds.extend([either.clone(), either.after_storing()]);
    }
    kinds
}
