//! Edits that give the URL of one webhook to another in one run: the API allows each URL once per
//! app, and Terraform creates, changes and deletes in parallel.

use std::{collections::BTreeSet, time::Duration};

use http::Method;
use realtimekit::mock_api::Fault;
use serde_json::json;

use crate::features::*;
use crate::support::*;

/// The API as met, where changes and deletions take a while.
fn slow() -> Workspace {
    let w = Workspace::new();
    for method in [Method::PUT, Method::DELETE] {
        let delay = Fault::delay_before_storing(Duration::from_millis(300));
        w.fail(method, usize::MAX, delay);
    }
    w
}

/// A resource with `repetition`, whose webhooks have the names and URLs of `name`.
fn named(label: &str, repetition: &str, name: &str) -> String {
    let url = format!("url = 'https://example.com/${{{name}}}'");
    webhook(label, &format!("{repetition}\nname = {name}\n{url}"))
}

fn counted(names: &[&str]) -> String {
    let count = format!("count = {}", names.len());
    named("w", &count, &format!("{names:?}[count.index]"))
}

fn keyed(names: &[&str]) -> String {
    named("w", &format!("for_each = toset({names:?})"), "each.key")
}

#[test]
fn url_handed_over_in_one_run_converges_in_one_apply() {
    let renamed_key = |key: &str| {
        let each = format!("for_each = {{ {key} = 'a', other = 'b' }}");
        named("w", &each, "each.value")
    };
    let renamed_resource = |label: &str| named(label, "", "'a'");
    let five = ["a", "b", "c", "d", "e"];
    let longer = ["new", "a", "b", "c", "d", "e"];
    for (before, after, names) in [
        (counted(&five), keyed(&five), &five[..]),
        (renamed_key("old"), renamed_key("new"), &["a", "b"]),
        (renamed_resource("old"), renamed_resource("new"), &["a"]),
        (counted(&five), counted(&longer), &longer),
        (counted(&five), counted(&five[1..]), &five[1..]),
    ] {
        let w = slow();
        w.apply(before);

        w.apply(after).lacks("import {");

        let webhooks = w.webhooks().into_iter();
        let found: BTreeSet<_> = webhooks.map(|it| (it.name, it.url)).collect();
        let url = |name: &&str| (name.to_string(), format!("https://example.com/{name}"));
        assert_eq!(found, names.iter().map(url).collect());
        assert_eq!(w.webhooks().len(), names.len());
    }
}

#[test]
fn exchanged_urls_are_refused_with_the_holder_and_what_to_do() {
    let w = slow();
    let pair = |one: &str, other: &str| {
        let timeout = "timeouts = { update = '3s' }";
        let webhook = |label, name: &str| named(label, timeout, &format!("{name:?}"));
        webhook("one", one) + &webhook("other", other)
    };
    w.apply(pair("a", "b"));
    let before = w.webhooks();

    let told = "URL Held by a Managed Webhook | has the URL \"https://example.com/ | This \
                configuration also manages that webhook | two resources have this URL | \
                apply again | moved block | temporary URL | create_before_destroy";
    w.apply_fails(pair("b", "a"), told).lacks("import");

    assert_eq!(w.webhooks(), before);
    let url = json!({ "url": "https://example.com/a" });
    w.expect_state("realtimekit_webhook.one", url);
}

#[test]
fn foreign_holder_is_reported_with_an_import_block_that_works() {
    let w = Workspace::new();
    let other = webhook("other", "url = 'https://example.com/other'");
    w.apply(&other);
    let theirs = w.add("theirs", "https://example.com/bell");
    let block = format!("id = \"{ACCOUNT}/{APP}/{theirs}\"");
    let told = format!("Error: URL Already in Use | named \"theirs\" | import {{ | {block}");

    w.apply_fails(webhook("other", ""), &told);
    let url = json!({ "url": "https://example.com/other" });
    w.expect_state("realtimekit_webhook.other", url);
    w.apply_fails(other.clone() + &bell(""), &told);
    assert!(w.state(BELL).is_null());

    if has(&IMPORT_BLOCKS) {
        w.apply(other + &import_block(&theirs) + &bell(""));
        w.expect_state(BELL, json!({ "id": theirs }));
    }
}

#[test]
fn webhook_moved_as_the_guide_shows_stays_as_it_is() {
    requires!(MOVED);
    let w = slow();
    w.apply(guide("receiving-deliveries/webhook.tf").replace("Meeting log", "meetings"));
    let before = w.webhook();

    let moved = w.apply(guide("renaming-and-reordering-webhooks/moved.tf"));

    moved.says("1 added, 0 changed, 0 destroyed.");
    assert!(w.webhooks().contains(&before));
}
