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
fn found(w: &Workspace) -> Vec<(String, String)> {
    let ran = w.succeeds(&["query", "-json"]);
    let messages = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let results = messages.filter(|message| message["type"] == "list_resource_found");
    let results = results.map(|mut message| message["list_resource_found"].take());
    let mut found: Vec<_> = results
        .map(|found| {
            assert!(found["identity"]["id"].is_string(), "{found}");
            let address = found["address"].as_str().unwrap();
            let (_, list) = address.rsplit_once('.').unwrap();
            (
                list.to_owned(),
                found["display_name"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn query_lists_the_webhooks_that_its_filter_matches() {
    requires!(QUERY);
    let example = "examples/list-resources/realtimekit_webhook/list-resource.tfquery.hcl";
    let ended = list("config {\n  event = \"meeting.ended\"\n}");
    for (query, expected) in [
        (list(""), &[("found", "bell"), ("found", "gong")][..]),
        (ended, &[("found", "gong")]),
        (
            read(example),
            &[("all", "bell"), ("all", "gong"), ("ended", "elsewhere")],
        ),
    ] {
        let found = found(&workspace(&query));

        let found: Vec<_> = found
            .iter()
            .map(|(list, name)| (list.as_str(), name.as_str()))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn query_of_the_guide_imports_a_whole_app_with_generated_configuration() {
    requires!(QUERY);
    let w = workspace(&guide("importing-existing-webhooks/all.tfquery.hcl"));

    let ran = w.runs_script(&guide("importing-existing-webhooks/query.sh"));

    ran.says(&["2 imported, 0 added, 0 changed, 0 destroyed"]);
    let state = w.get("terraform.tfstate");
    assert!(
        w.webhooks()
            .iter()
            .all(|webhook| state.contains(&webhook.id))
    );
    assert!(w.writes().is_empty(), "an import changes nothing");
    w.expect_no_changes();
}

#[test]
fn query_without_app_is_an_error() {
    requires!(QUERY);
    let mut w = workspace(&list(""));
    w.unset("REALTIMEKIT_APP_ID");

    w.fails(&["query"], &["app_id", "REALTIMEKIT_APP_ID"]);
}
