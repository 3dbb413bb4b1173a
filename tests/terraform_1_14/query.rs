//! `terraform query`: what exists, and its configuration.

use std::{fs, path::Path};

use realtimekit::mock_api::MockApi;
use serde_json::Value;

use crate::QUERY;
use crate::features::*;
use crate::support::*;

/// A query file, and the provider that it is about.
fn write(terraform: &Terraform, list: &str) {
    terraform.write("provider \"realtimekit\" {}\n");
    let list =
        format!("list \"realtimekit_webhook\" \"found\" {{\n  provider = realtimekit\n{list}}}\n");
    fs::write(terraform.path().join("webhooks.tfquery.hcl"), list).unwrap();
}

/// Two webhooks of the provider's app.
fn add_bell_and_gong(api: &MockApi) {
    for (name, event) in [("bell", "meeting.started"), ("gong", "meeting.ended")] {
        let url = format!("https://example.com/{name}");
        api.add_webhook(ACCOUNT, APP, name, &url, &[event]);
    }
}

/// The messages of a kind that a query printed.
fn messages(ran: &Ran, kind: &str) -> Vec<Value> {
    let lines = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|message: &Value| message["type"] == kind)
        .collect()
}

#[test]
fn query_lists_webhooks_with_their_identities() {
    requires!(QUERY);
    let api = live();
    add_bell_and_gong(&api);
    api.add_webhook(
        ACCOUNT,
        OTHER_APP,
        "siren",
        "https://example.com/siren",
        &["meeting.ended"],
    );
    let terraform = Terraform::new(&api);
    write(&terraform, "");

    let ran = terraform.succeeds(&["query", "-json"]);

    let found = messages(&ran, "list_resource_found");
    let mut ids: Vec<&str> = found
        .iter()
        .map(|found| {
            found["list_resource_found"]["identity"]["id"]
                .as_str()
                .unwrap()
        })
        .collect();
    ids.sort_unstable();
    let mut expected: Vec<String> = api
        .webhooks(ACCOUNT, APP)
        .into_iter()
        .map(|webhook| webhook.id)
        .collect();
    expected.sort_unstable();
    assert_eq!(ids, expected);
}

#[test]
fn query_filter_is_applied() {
    requires!(QUERY);
    let api = live();
    add_bell_and_gong(&api);
    let terraform = Terraform::new(&api);
    write(
        &terraform,
        "  config {\n    event = \"meeting.ended\"\n  }\n",
    );

    let ran = terraform.succeeds(&["query", "-json"]);

    let found = messages(&ran, "list_resource_found");
    assert_eq!(found.len(), 1, "{ran}");
    assert!(found[0].to_string().contains("gong"), "{ran}");
}

#[test]
fn query_generated_configuration_imports_without_changes() {
    requires!(QUERY);
    let api = live();
    add_bell_and_gong(&api);
    let terraform = Terraform::new(&api);
    write(&terraform, "");

    terraform.succeeds(&["query", "-generate-config-out=generated.tf"]);
    let ran = terraform.succeeds(&["apply", "-auto-approve"]);

    ran.says(&["2 imported, 0 added, 0 changed, 0 destroyed"]);
    assert!(writes(&api).is_empty(), "an import changes nothing");
    terraform.expect_no_changes();
}

#[test]
fn query_without_app_is_an_error() {
    requires!(QUERY);
    let (_api, mut terraform) = setup();
    terraform.unset("REALTIMEKIT_APP_ID");
    write(&terraform, "");

    let ran = terraform.fails(&["query"]);

    ran.says(&["app_id", "REALTIMEKIT_APP_ID"]);
}

#[test]
fn query_example_works() {
    requires!(QUERY);
    let api = live();
    add_bell_and_gong(&api);
    let url = "https://example.com/elsewhere";
    api.add_webhook(ACCOUNT, OTHER_APP, "elsewhere", url, &["meeting.ended"]);
    let terraform = Terraform::new(&api);
    terraform.write("provider \"realtimekit\" {}\n");
    let path = "examples/list-resources/realtimekit_webhook/list-resource.tfquery.hcl";
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::copy(example, terraform.path().join("example.tfquery.hcl")).unwrap();

    let ran = terraform.succeeds(&["query", "-json"]);

    let found = messages(&ran, "list_resource_found").into_iter();
    let mut found: Vec<(String, String)> = found
        .map(|message| {
            let found = &message["list_resource_found"];
            let text = |name: &str| found[name].as_str().unwrap().to_owned();
            (text("address"), text("display_name"))
        })
        .collect();
    found.sort_unstable();
    let expected = [("all", "bell"), ("all", "gong"), ("ended", "elsewhere")];
    let expected = expected.map(|(list, name)| {
        let address = format!("list.realtimekit_webhook.{list}");
        (address, name.to_owned())
    });
    assert_eq!(found, expected);
}
