//! Runs that end at a random point: afterwards the next ones plan, duplicate nothing, converge.
//!
//! Each case creates webhooks and destroys them, and each of the two runs is cut short once. A
//! creation whose answer was lost is imported, as the error of the next run says.
//!
//! `CASES` says how many, `SEED` which is the first; each prints its seed when it fails.

use std::{
    env,
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use http::Method;
use realtimekit::mock_api::{Fault, Matcher, MockApi};

use crate::{
    processes::{providers_of, providers_of_group, sockets_below},
    terraform::{self, ACCOUNT, APP, Ran, Terraform},
};

/// Cases of the short form.
const FEW: u64 = 5;
const WEBHOOKS: usize = 3;
const TOO_LATE: &str = " (too late)";
const CONFIGURATION: &str = r#"
resource "realtimekit_webhook" "each" {
  count  = 3
  name   = "bell ${count.index}"
  url    = "https://example.com/${count.index}"
  events = ["meeting.started"]
}
"#;

/// What cuts a run short.
#[derive(Debug, Clone, Copy)]
enum Blow {
    /// A signal to the provider alone.
    Provider(&'static str),
    /// A signal to Terraform alone.
    Terraform(&'static str),
    /// A signal to both, as from a terminal or from whatever stops a job.
    Both(&'static str),
}

const BLOWS: [Blow; 8] = [
    Blow::Provider("KILL"),
    Blow::Provider("TERM"),
    Blow::Terraform("KILL"),
    Blow::Terraform("INT"),
    Blow::Terraform("TERM"),
    Blow::Both("KILL"),
    Blow::Both("INT"),
    Blow::Both("TERM"),
];

fn number(name: &str, default: u64) -> u64 {
    let given = env::var(name).ok().map(|value| value.parse().unwrap());
    given.unwrap_or(default)
}

#[test]
fn run_that_is_cut_short_is_finished_by_the_next() {
    let (cases, first) = (number("CASES", FEW), number("SEED", 1));
    let outcomes = (first..first + cases).map(|seed| {
        let outcome = case(seed);
        println!("seed {seed}: {outcome}");
        outcome
    });
    let outcomes: Vec<_> = outcomes.collect();
    let all_late = outcomes.iter().all(|it| it.matches(TOO_LATE).count() == 2);
    assert!(!all_late, "no signal reached a run");
}

#[test]
fn run_under_nohup_outlives_its_terminal() {
    let api = terraform::live();
    let slow = Fault::delay(Duration::from_secs(1));
    api.fail(Matcher::method(Method::POST), 1, slow);
    let terraform = Terraform::new(&api);
    terraform.write(CONFIGURATION);
    let plain = terraform.command(&["apply", "-auto-approve"]);

    let mut child = Command::new("/bin/sh")
        .args(["-c", r#"trap "" HUP; exec "$0" "$@""#])
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear()
        .envs(
            plain
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(terraform.path())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    while api.calls().iter().all(|call| call.method != Method::POST) {
        assert_eq!(child.try_wait().unwrap(), None, "terraform has ended");
        thread::sleep(Duration::from_millis(1));
    }
    let group = format!("-{}", child.id());
    assert!(send(&mut child, "HUP", &group));

    assert!(child.wait().unwrap().success());
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), WEBHOOKS);
}

fn case(seed: u64) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    let api = terraform::live();
    let slow = Duration::from_millis(random.u64(0..150));
    for method in [Method::POST, Method::DELETE] {
        let fault = match random.bool() {
            true => Fault::delay(slow), // the API has acted before it answers
            false => Fault::delay_before_storing(slow),
        };
        api.fail(Matcher::method(method), usize::MAX, fault);
    }
    let mut terraform = Terraform::new(&api);
    let temporary = tempfile::tempdir().unwrap();
    terraform.set("TMPDIR", temporary.path().to_str().unwrap());
    terraform.write(CONFIGURATION);

    let creation = cut_short(&terraform, &api, "apply", &mut random);
    finish(&terraform, &api, &creation, seed);
    let destruction = cut_short(&terraform, &api, "destroy", &mut random);
    let again = terraform.run(&["destroy", "-auto-approve"]);
    assert!(again.succeeded, "seed {seed}, {destruction}: {again}");

    let left = api.webhooks(ACCOUNT, APP);
    assert_eq!(left, [], "seed {seed}, {destruction}");
    // one that was killed by SIGKILL can clean up nothing
    if !format!("{creation} {destruction}").contains("KILL") {
        let left = sockets_below(temporary.path().to_str().unwrap());
        assert_eq!(left.len(), 0, "seed {seed}: {left:?}");
    }
    format!("{creation}; {destruction}")
}

/// Starts a command and hits it at a random point; says what was done.
fn cut_short(
    terraform: &Terraform,
    api: &MockApi,
    command: &str,
    random: &mut fastrand::Rng,
) -> String {
    let blow = BLOWS[random.usize(..BLOWS.len())];
    let quiet = |command: &mut Command| {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap()
    };
    api.clear_calls();
    let mut child = quiet(&mut terraform.command(&[command, "-auto-approve"]));
    wait_for_a_moment(&mut child, api, random);
    let hit = strike(&mut child, blow);
    let patience = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < patience, "it does not end after {blow:?}");
        thread::sleep(Duration::from_millis(5));
    }
    wait_for_orphans(child.id());
    let outcome = if hit { "" } else { TOO_LATE };
    format!("{command} met {blow:?}{outcome}")
}

/// Some time after the start, or after one of the first requests to the API.
fn wait_for_a_moment(child: &mut Child, api: &MockApi, random: &mut fastrand::Rng) {
    let requests = random.usize(..6);
    while api.calls().len() < requests && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    let longest = if requests == 0 { 400 } else { 60 };
    thread::sleep(Duration::from_millis(random.u64(..longest)));
}

/// A provider whose Terraform was killed notices within a second.
fn wait_for_orphans(group: u32) {
    let orphaned = Instant::now();
    while orphaned.elapsed() < Duration::from_secs(10) && !providers_of_group(group).is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(
        providers_of_group(group),
        [0; 0],
        "providers without a Terraform"
    );
}

/// Whether there was anything to hit.
fn strike(child: &mut Child, blow: Blow) -> bool {
    let id = child.id();
    match blow {
        Blow::Terraform(signal) => send(child, signal, &id.to_string()),
        Blow::Both(signal) => send(child, signal, &format!("-{id}")),
        Blow::Provider(signal) => {
            while child.try_wait().unwrap().is_none() {
                if let Some(provider) = providers_of(id).first() {
                    return send(child, signal, &provider.to_string());
                }
            }
            false
        }
    }
}

fn send(child: &mut Child, signal: &str, target: &str) -> bool {
    if child.try_wait().unwrap().is_some() {
        return false;
    }
    let mut kill = Command::new("kill");
    kill.args(["-s", signal, "--", target])
        .stderr(Stdio::null());
    kill.status().unwrap().success() // it may have ended just now
}

/// Applies, and imports what the errors name, until there is nothing left to do.
fn finish(terraform: &Terraform, api: &MockApi, how: &str, seed: u64) {
    let planned = terraform.run(&["plan"]);
    assert!(planned.succeeded, "seed {seed}, {how}: {planned}");
    for _ in 0..=WEBHOOKS {
        let ran = terraform.run(&["apply", "-auto-approve"]);
        assert!(
            api.webhooks(ACCOUNT, APP).len() <= WEBHOOKS,
            "seed {seed}, {how}"
        );
        if ran.succeeded {
            terraform.expect_no_changes();
            assert_eq!(
                api.webhooks(ACCOUNT, APP).len(),
                WEBHOOKS,
                "seed {seed}, {how}"
            );
            return;
        }
        let lost = named_imports(&ran, seed);
        for (address, import) in &lost {
            let imported = terraform.run(&["import", address, import]);
            assert!(imported.succeeded, "seed {seed}, {how}: {imported}");
        }
        assert_ne!(
            lost.len(),
            0,
            "seed {seed}, {how}: nothing is said of {ran}"
        );
    }
    panic!("seed {seed}, {how}: it does not converge");
}

/// The addresses and imports that the errors of a run name.
fn named_imports(ran: &Ran, seed: u64) -> Vec<(String, String)> {
    let told = ran.text.split("Error: ").skip(1).map(|error| {
        assert!(
            error.starts_with("URL Already in Use"),
            "seed {seed}: {ran}"
        );
        let address = between(error, "with ", ",");
        let import = between(error, "id = \"", "\"");
        (address.to_owned(), import.to_owned())
    });
    told.collect()
}

#[track_caller]
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(after));
    found.unwrap_or_else(|| panic!("no {before:?} in {text}")).0
}
