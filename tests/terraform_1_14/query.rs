//! `terraform query`: what exists, and its configuration.

use serde_json::Value;

use crate::QUERY;
use crate::features::*;
use crate::support::*;

/// A directory with a query file, for an app with two webhooks and another app with one.
fn workspace(query: &str) -> Workspace {
    let w = Workspace::new();
    for (app, name, event) in [
        (APP, "bell", "meeting.started"),
        (APP, "gong", "meeting.ended"),
        (OTHER_APP, "elsewhere", "meeting.ended"),
    ] {
        let url = format!("https://example.com/{name}");
        w.api.add_webhook(ACCOUNT, app, name, &url, &[event]);
    }
    w.write("provider \"realtimekit\" {}\n");
    w.put("webhooks.tfquery.hcl", query);
    w
}

fn list(config: &str) -> String {
    let body = format!("provider = realtimekit\n{config}");
    block("list realtimekit_webhook found", &body)
}

/// What a query finds: the name of the list, and of the webhook.
#[track_caller]
fn found(w: &Workspace) -> Vec<String> {
    let printed = w.succeeds("query -json").stdout;
    let messages = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let messages: Vec<Value> = messages.collect();
    let results = messages
        .iter()
        .map(|message| &message["list_resource_found"]);
    let results = results.filter(|found| found["identity"]["id"].is_string());
    let names = results.map(|found| {
        let [address, name] = ["address", "display_name"].map(|it| found[it].as_str().unwrap());
        address.replace("list.realtimekit_webhook.", "") + " " + name
    });
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn query_lists_the_webhooks_that_its_filter_matches() {
    requires!(QUERY);
    let example = "examples/list-resources/realtimekit_webhook/list-resource.tfquery.hcl";
    let ended = list("config {\n  event = 'meeting.ended'\n}");
    for (query, expected) in [
        (list(""), &["found bell", "found gong"][..]),
        (ended, &["found gong"]),
        (read(example), &["all bell", "all gong", "ended elsewhere"]),
    ] {
        assert_eq!(found(&workspace(&query)), expected);
    }
}

#[test]
fn query_of_the_guide_imports_a_whole_app_with_generated_configuration() {
    requires!(QUERY);
    let w = workspace(&guide("importing-existing-webhooks/all.tfquery.hcl"));

    let ran = w.runs_script(&guide("importing-existing-webhooks/query.sh"));

    ran.says("2 imported, 0 added, 0 changed, 0 destroyed");
    let state = w.get("terraform.tfstate");
    let mut webhooks = w.webhooks().into_iter();
    assert!(webhooks.all(|webhook| state.contains(&webhook.id)));
    assert!(w.writes().is_empty(), "an import changes nothing");
    w.expect_no_changes();
}

#[test]
fn query_without_app_is_an_error() {
    requires!(QUERY);
    let mut w = workspace(&list(""));
    w.unset("REALTIMEKIT_APP_ID");

    w.fails("query", "app_id | REALTIMEKIT_APP_ID");
}
