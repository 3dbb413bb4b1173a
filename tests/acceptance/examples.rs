//! Every example of the documentation, and the README's, works as it stands.

use std::{fs, path::Path};

use realtimekit::mock_api::{MockApi, Quirks};

use crate::features::*;
use crate::support::*;

/// What the examples call a webhook that exists already.
const SAMPLE_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

const MEETINGS: &str = "realtimekit_webhook.meetings";

/// The webhook that the examples look up and import.
fn meetings(api: &MockApi) -> String {
    let events = ["meeting.ended", "meeting.started"];
    let url = "https://hooks.example.com/meetings";
    api.add_webhook(ACCOUNT, APP, "Meeting log", url, &events)
        .id
}

/// A directory with the example of the provider block.
fn terraform(api: &MockApi) -> Terraform {
    let terraform = Terraform::new(api);
    add(&terraform, "provider/provider.tf", "");
    terraform
}

/// Adds an example to a directory; `id` takes the place of the webhook that it names.
fn add(terraform: &Terraform, example: &str, id: &str) {
    let text = read(example).replace(SAMPLE_ID, id);
    let name = Path::new(example).file_name().unwrap();
    fs::write(terraform.path().join(name), text).unwrap();
}

fn read(example: &str) -> String {
    fs::read_to_string(root().join("examples").join(example)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The examples of a kind, one for each resource or data source: `resources/NAME/resource.tf`.
fn all(kind: &str, file: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join("examples").join(kind)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name())
        .map(|name| format!("{kind}/{}/{file}", name.to_str().unwrap()))
        .collect()
}

#[track_caller]
fn apply(terraform: &Terraform) {
    terraform.succeeds(&["apply", "-auto-approve"]);
}

#[test]
fn readme_configuration_applies() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```terraform\n").unwrap();
    let (configuration, _) = rest.split_once("```").unwrap();
    let (api, terraform) = setup();
    fs::write(terraform.path().join("main.tf"), configuration).unwrap();

    apply(&terraform);

    terraform.expect_no_changes();
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);
}

#[test]
fn resource_example_applies_without_further_changes() {
    for example in all("resources", "resource.tf") {
        let api = live();
        let terraform = terraform(&api);
        add(&terraform, &example, "");

        apply(&terraform);

        terraform.expect_no_changes();
        terraform.destroy();
        assert!(api.webhooks(ACCOUNT, APP).is_empty());
    }
}

/// The API with all that the examples look up.
fn complete() -> MockApi {
    let quirks = Quirks {
        lists_events: true,
        ..Quirks::live()
    };
    let builder = builder().quirks(quirks);
    builder.app(ACCOUNT, APP, "production").start().unwrap()
}

/// Lets the example of the public key ask `api`: where it usually is, no test may ask.
fn override_public_key(terraform: &Terraform, api: &MockApi) {
    let block = format!(
        "data \"realtimekit_webhook_public_key\" \"deliveries\" {{\n  url = {:?}\n}}\n",
        api.public_key_url()
    );
    fs::write(terraform.path().join("override.tf"), block).unwrap();
}

#[test]
fn data_source_example_applies_without_further_changes() {
    for example in all("data-sources", "data-source.tf") {
        if read(&example).contains("provider::") && !has(&FUNCTIONS) {
            continue;
        }
        let api = complete();
        meetings(&api);
        let terraform = terraform(&api);
        add(&terraform, &example, "");
        if example.contains("public_key") {
            override_public_key(&terraform, &api);
        }

        apply(&terraform);

        terraform.expect_no_changes();
    }
}

#[test]
fn function_example_applies_without_further_changes() {
    requires!(FUNCTIONS_IN_IMPORTS);
    for example in all("functions", "function.tf") {
        let api = live();
        let id = meetings(&api);
        let terraform = terraform(&api);
        add(&terraform, &example, &id);

        apply(&terraform);

        terraform.expect_no_changes();
    }
}

#[test]
fn import_block_example_imports_without_changes() {
    requires!(IMPORT_BLOCKS);
    let api = live();
    let id = meetings(&api);
    let terraform = terraform(&api);
    add(&terraform, "resources/realtimekit_webhook/resource.tf", "");
    add(
        &terraform,
        "resources/realtimekit_webhook/import-by-string-id.tf",
        &id,
    );

    apply(&terraform);

    assert_eq!(terraform.state(MEETINGS)["id"], id.as_str());
    assert_eq!(writes(&api), ["POST webhooks"], "of the other webhook");
    terraform.expect_no_changes();
}

#[test]
fn import_command_example_imports_without_changes() {
    let script = read("resources/realtimekit_webhook/import.sh");
    let commands = script.lines().filter(|line| line.starts_with("terraform "));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        let api = live();
        let id = meetings(&api);
        let terraform = terraform(&api);
        add(&terraform, "resources/realtimekit_webhook/resource.tf", "");
        let command = command.replace(SAMPLE_ID, &id);
        let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();

        terraform.succeeds(&arguments);

        assert_eq!(terraform.state(MEETINGS)["id"], id.as_str());
        apply(&terraform);
        assert_eq!(writes(&api), ["POST webhooks"], "of the other webhook");
    }
}
