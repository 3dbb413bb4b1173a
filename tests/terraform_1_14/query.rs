//! `terraform query`: what exists, and its configuration.

use serde_json::Value;

use crate::{QUERY, features::*, support::*};

/// A directory with a query file, for two apps with two webhooks each.
fn workspace(query: &str) -> Workspace {
    let w = Workspace::new();
    for (app, name, event) in [
        (APP, "bell", "meeting.started"),
        (APP, "gong", "meeting.ended"),
        (OTHER_APP, "elsewhere", "meeting.ended"),
        (OTHER_APP, "quiet", "meeting.started"),
    ] {
        let url = format!("https://example.com/{name}");
        w.api.add_webhook(ACCOUNT, app, name, &url, &[event]);
    }
    w.write("provider \"realtimekit\" {}\n");
    w.put("webhooks.tfquery.hcl", query);
    w
}

#[test]
fn query_lists_the_webhooks_that_its_filter_matches() {
    requires!(QUERY);
    let example = "examples/list-resources/realtimekit_webhook/list-resource.tfquery.hcl";
    let w = workspace(&read(example));

    let printed = w.succeeds("query -json").stdout;

    let found = printed.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).unwrap();
        let found = message.get("list_resource_found")?;
        assert!(found["identity"]["id"].is_string(), "{found}");
        let list = found["address"].as_str()?.rsplit('.').next()?;
        Some(format!("{list} {}", found["display_name"].as_str()?))
    });
    let mut found: Vec<String> = found.collect();
    found.sort_unstable();
    assert_eq!(found, ["all bell", "all gong", "ended elsewhere"]);
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
