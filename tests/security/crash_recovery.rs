//! Runs that end at a random point: afterwards the next ones plan, duplicate nothing, converge.
//!
//! Each case creates webhooks and destroys them, and each of the two runs is cut short once. A
//! creation whose answer was lost is imported, as the error of the next run says.
//!
//! `CASES` says how many, `SEED` which is the first; each prints its seed when it fails.

use std::{
    process::Child,
    thread,
    time::{Duration, Instant},
};

use http::Method;
use realtimekit::mock_api::Fault;

use crate::{
    number,
    processes::{providers_of, sockets_below},
    terraform::{APPLY, Ran, Workspace, signal, wait_for, webhook},
};

/// Cases of the short form.
const FEW: u64 = 5;
const WEBHOOKS: usize = 3;
const TOO_LATE: &str = " (too late)";
const SIGNALS: [&str; 3] = ["KILL", "TERM", "INT"];

/// Whom the signal reaches: one alone, or both, as from a terminal or from whatever stops a job.
const VICTIMS: [&str; 3] = ["the provider", "Terraform", "both"];

#[test]
fn run_that_is_cut_short_is_finished_by_the_next() {
    let (cases, first) = (number("CASES", FEW), number("SEED", 1));
    let outcomes: Vec<String> = (first..first + cases).map(case).collect();
    let all_late = outcomes.iter().all(|it| it.matches(TOO_LATE).count() == 2);
    assert!(!all_late, "no signal reached a run");
}

fn case(seed: u64) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut w = Workspace::new();
    let slow = Duration::from_millis(random.u64(0..150));
    for method in [Method::POST, Method::DELETE] {
        let fault = match random.bool() {
            true => Fault::delay(slow), // the API has acted before it answers
            false => Fault::delay_before_storing(slow),
        };
        w.fail(method, usize::MAX, fault);
    }
    let temporary = tempfile::tempdir().unwrap();
    w.set("TMPDIR", temporary.path().to_str().unwrap());
    let url = "url = 'https://example.com/${count.index}'";
    w.write(webhook("each", &format!("count = {WEBHOOKS}\n{url}")));

    let creation = cut_short(&w, "apply", &mut random);
    finish(&w, &format!("seed {seed}, {creation}"));
    let destruction = cut_short(&w, "destroy", &mut random);
    let again = w.run("destroy -auto-approve");
    let outcome = format!("seed {seed}, {creation}; {destruction}");
    assert!(again.succeeded, "{outcome}: {again}");

    assert_eq!(w.webhooks(), [], "{outcome}");
    // one that was killed by SIGKILL can clean up nothing
    if !outcome.contains("KILL") {
        let left = sockets_below(temporary.path().to_str().unwrap());
        assert_eq!(left.len(), 0, "{outcome}: {left:?}");
    }
    println!("{outcome}");
    outcome
}

/// Starts a command and hits it some time after its start or after one of its first requests to
/// the API; says what was done.
fn cut_short(w: &Workspace, command: &str, random: &mut fastrand::Rng) -> String {
    let victim = VICTIMS[random.usize(..VICTIMS.len())];
    let name = SIGNALS[random.usize(..SIGNALS.len())];
    w.api.clear_calls();
    let mut child = w.start(&format!("{command} -auto-approve"));
    let requests = random.usize(..6);
    wait_for(&mut child, || w.api.calls().len() >= requests);
    let longest = if requests == 0 { 400 } else { 60 };
    thread::sleep(Duration::from_millis(random.u64(..longest)));
    let outcome = match strike(&mut child, victim, name) {
        true => "",
        false => TOO_LATE,
    };
    let group = child.id();
    let patience = Instant::now() + Duration::from_secs(60);
    // A provider whose Terraform was killed notices within a second.
    while child.try_wait().unwrap().is_none() || !providers_of(group).is_empty() {
        let is_patient = Instant::now() < patience;
        assert!(is_patient, "it does not end after {name} to {victim}");
        thread::sleep(Duration::from_millis(5));
    }
    format!("{command} met {name} to {victim}{outcome}")
}

/// Whether there was anything to hit.
fn strike(child: &mut Child, victim: &str, name: &str) -> bool {
    let id = child.id();
    let mut target = None;
    let is_there = wait_for(child, || {
        target = match victim {
            "the provider" => providers_of(id).first().map(u32::to_string),
            "Terraform" => Some(id.to_string()),
            _ => Some(format!("-{id}")), // the process group
        };
        target.is_some()
    });
    is_there && child.try_wait().unwrap().is_none() && signal(name, &target.unwrap())
}

/// Applies, and imports what the errors name, until there is nothing left to do.
fn finish(w: &Workspace, how: &str) {
    let planned = w.run("plan");
    assert!(planned.succeeded, "{how}: {planned}");
    for _ in 0..=WEBHOOKS {
        let ran = w.run(APPLY);
        assert!(w.webhooks().len() <= WEBHOOKS, "{how}");
        if ran.succeeded {
            w.expect_no_changes();
            assert_eq!(w.webhooks().len(), WEBHOOKS, "{how}");
            return;
        }
        let lost = named_imports(&ran);
        assert_ne!(lost.len(), 0, "{how}: nothing is said of {ran}");
        for (address, id) in &lost {
            let imported = w.run(&format!("import {address} {id}"));
            assert!(imported.succeeded, "{how}: {imported}");
        }
    }
    panic!("{how}: it does not converge");
}

/// The addresses and imports that the errors of a run name.
fn named_imports(ran: &Ran) -> Vec<(String, String)> {
    let diagnostics = ran.diagnostics().into_iter();
    let errors = diagnostics.filter(|it| it.starts_with("Error: "));
    let imports = errors.map(|error| {
        assert!(error.starts_with("Error: URL Already in Use"), "{ran}");
        let between = |before: &str, after: &str| {
            let (_, rest) = error.split_once(before).unwrap();
            rest.split_once(after).unwrap().0.to_owned()
        };
        (between("with ", ","), between("id = \"", "\""))
    });
    imports.collect()
}
