//! Edits that give the URL of one webhook to another in one run: the API allows each URL once per
//! app, and Terraform creates, changes and deletes in parallel.

use std::time::{Duration, Instant};

use http::Method;
use realtimekit::mock_api::{Fault, Matcher, MockApi};

use crate::features::*;
use crate::shown::read;
use crate::support::*;

/// The API as met, where changes and deletions take a while.
fn slow() -> MockApi {
    let api = live();
    for method in [Method::PUT, Method::DELETE] {
        let delay = Fault::delay_before_storing(Duration::from_millis(300));
        api.fail(Matcher::method(method), usize::MAX, delay);
    }
    api
}

/// A resource with `repetition`, whose webhooks have the names and URLs of `name`.
fn webhooks(address: &str, repetition: &str, name: &str) -> String {
    format!(
        "resource \"realtimekit_webhook\" \"{address}\" {{\n  {repetition}\n  name = {name}\n  url = \
         \"https://example.com/${{{name}}}\"\n  events = [\"meeting.started\"]\n}}\n"
    )
}

fn counted(names: &[&str]) -> String {
    let count = format!("count = {}", names.len());
    webhooks("w", &count, &format!("{names:?}[count.index]"))
}

fn keyed(names: &[&str]) -> String {
    webhooks("w", &format!("for_each = toset({names:?})"), "each.key")
}

/// Fails unless the API has webhooks with these names, each with its URL, and no other.
#[track_caller]
fn expect_webhooks(api: &MockApi, names: &[&str]) {
    let webhooks = api.webhooks(ACCOUNT, APP).into_iter();
    let mut found: Vec<_> = webhooks
        .map(|webhook| (webhook.name, webhook.url))
        .collect();
    let names = names.iter().map(|name| (*name).to_owned());
    let mut expected: Vec<_> = names
        .map(|name| (name.clone(), format!("https://example.com/{name}")))
        .collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// Applies one configuration after the other: each apply must reach what is wanted at once.
#[track_caller]
fn converges(before: &str, after: &str, names: &[&str]) {
    let api = slow();
    let terraform = Terraform::new(&api);
    terraform.apply(before);

    let ran = terraform.apply(after);

    assert!(!ran.text.contains("import {"), "{ran}");
    expect_webhooks(&api, names);
    terraform.expect_no_changes();
}

const FIVE: [&str; 5] = ["a", "b", "c", "d", "e"];

#[test]
fn url_handed_over_in_one_run_converges_in_one_apply() {
    let values = |key: &str| {
        let each = format!("for_each = {{ {key} = \"a\", other = \"b\" }}");
        webhooks("w", &each, "each.value")
    };
    let renamed = |address: &str| webhooks(address, "", "\"a\"");
    let longer = ["new", "a", "b", "c", "d", "e"];
    // count to for_each, a renamed key, a renamed resource, insertion and removal at the front
    converges(&counted(&FIVE), &keyed(&FIVE), &FIVE);
    converges(&values("old"), &values("new"), &["a", "b"]);
    converges(&renamed("before"), &renamed("after"), &["a"]);
    converges(&counted(&FIVE), &counted(&longer), &longer);
    converges(&counted(&FIVE), &counted(&FIVE[1..]), &FIVE[1..]);
}

#[test]
fn exchanged_urls_are_refused_with_the_holder_and_what_to_do() {
    let api = slow();
    let terraform = Terraform::new(&api);
    let pair = |one: &str, other: &str| {
        let timeout = "timeouts = { update = \"3s\" }";
        webhooks("one", timeout, &format!("{one:?}"))
            + &webhooks("other", timeout, &format!("{other:?}"))
    };
    terraform.apply(&pair("a", "b"));
    let before = api.webhooks(ACCOUNT, APP);

    let ran = terraform.apply_fails(&pair("b", "a"));

    ran.says(&[
        "URL Held by a Managed Webhook",
        "has the URL \"https://example.com/",
        "This configuration also manages that webhook",
        "apply again",
        "moved block",
        "temporary URL",
        "create_before_destroy",
    ]);
    assert!(!ran.text.contains("import"), "{ran}");
    assert_eq!(api.webhooks(ACCOUNT, APP), before);
    assert_eq!(
        terraform.state("realtimekit_webhook.one")["url"],
        "https://example.com/a"
    );
}

#[test]
fn foreign_holder_is_reported_without_a_long_wait() {
    let api = slow();
    let theirs = add(&api, "theirs", "https://example.com/a");
    let terraform = Terraform::new(&api);

    let start = Instant::now();
    let ran = terraform.apply_fails(&webhooks("w", "", "\"a\""));

    let block = format!("id = \"{ACCOUNT}/{APP}/{}\"", theirs.id);
    ran.says(&[
        "Error: URL Already in Use",
        "named \"theirs\"",
        "import {",
        &block,
    ]);
    let elapsed = start.elapsed(); // the wait for a managed holder alone takes 15 s
    assert!(elapsed < Duration::from_secs(15), "{elapsed:?}");
    assert!(terraform.state("realtimekit_webhook.w").is_null());

    // The block does what the error says.
    if has(&IMPORT_BLOCKS) {
        let block = import_block(&theirs.id).replace(BELL, "realtimekit_webhook.w");
        terraform.apply(&format!("{block}{}", webhooks("w", "", "\"a\"")));
        assert_eq!(
            terraform.state("realtimekit_webhook.w")["id"],
            theirs.id.as_str()
        );
    }
}

#[test]
fn foreign_holder_of_an_updated_url_keeps_the_state() {
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));
    add(&api, "theirs", "https://example.com/theirs");

    let ran = terraform.apply_fails(&bell(&BELL_ATTRIBUTES.replace("/bell", "/theirs")));

    ran.says(&["Error: URL Already in Use", "\"theirs\""]);
    assert_eq!(terraform.state(BELL)["url"], "https://example.com/bell");
}

#[test]
fn url_that_is_free_again_is_taken_by_a_second_request() {
    let api = live();
    let conflict = Fault::status(http::StatusCode::CONFLICT);
    api.fail(Matcher::method(Method::POST), 1, conflict);
    let terraform = Terraform::new(&api);

    terraform.apply(&webhooks("w", "", "\"a\""));

    expect_webhooks(&api, &["a"]);
    assert_eq!(writes(&api), ["POST webhooks", "POST webhooks"]);
}

#[test]
fn webhook_moved_as_the_guide_shows_stays_as_it_is() {
    requires!(MOVED);
    let api = slow();
    let terraform = Terraform::new(&api);
    let before = read("receiving-deliveries/webhook.tf").replace("Meeting log", "meetings");
    terraform.apply(&before);
    let before = api.webhooks(ACCOUNT, APP);

    let after = read("renaming-and-reordering-webhooks/moved.tf");
    let ran = terraform.apply(&after);

    ran.says(&["1 added, 0 changed, 0 destroyed."]);
    assert!(api.webhooks(ACCOUNT, APP).contains(&before[0]));
    terraform.expect_no_changes();
}
