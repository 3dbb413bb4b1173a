//! Every example of the documentation, and the README's, works as it stands.

use std::{fs, path::Path};

use realtimekit::mock_api::Quirks;

use crate::features::*;
use crate::support::*;

const RESOURCE: &str = "resources/realtimekit_webhook/resource.tf";
const BLOCK: &str = "resources/realtimekit_webhook/import-by-string-id.tf";

/// Adds an example to a directory; `id` takes the place of the webhook that it names.
fn put(w: &Workspace, example: &str, id: &str) {
    let text = read(&format!("examples/{example}")).replace(SAMPLE_ID, id);
    let name = Path::new(example).file_name().unwrap();
    w.put(name.to_str().unwrap(), &text);
}

/// A directory with the example of the provider block, and the webhook that examples look up.
fn workspace() -> (Workspace, String) {
    let quirks = Quirks {
        lists_events: true,
        ..Quirks::live()
    };
    let w = Workspace::with(builder().quirks(quirks).app(ACCOUNT, APP, "production"));
    put(&w, "provider/provider.tf", "");
    let id = w.meetings();
    (w, id)
}

/// The examples of a kind, one for each resource or data source: `resources/NAME/resource.tf`.
fn all(kind: &str, file: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join("examples").join(kind)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names
        .map(|name| format!("{kind}/{}/{file}", name.to_str().unwrap()))
        .collect()
}

#[test]
fn readme_and_resource_examples_apply_without_further_changes() {
    let resources = all("resources", "resource.tf").into_iter();
    let resources = resources.map(|path| read(&format!("examples/{path}")));
    for example in resources.chain([shown_in("README.md")]) {
        let w = Workspace::new();
        w.put("main.tf", &example);
        if !example.contains("required_providers") {
            put(&w, "provider/provider.tf", "");
        }

        w.succeeds(APPLY);

        w.expect_no_changes();
        assert!(!w.webhooks().is_empty());
        w.destroy();
        assert!(w.webhooks().is_empty());
    }
}

#[test]
fn data_source_and_function_examples_apply_without_further_changes() {
    let data_sources = all("data-sources", "data-source.tf").into_iter();
    let functions = all("functions", "function.tf").into_iter();
    let data_sources = data_sources.map(|example| (example, FUNCTIONS));
    let functions = functions.map(|example| (example, FUNCTIONS_IN_IMPORTS));
    for (example, needed) in data_sources.chain(functions) {
        let calls_function = read(&format!("examples/{example}")).contains("provider::");
        if calls_function && !has(&needed) {
            continue;
        }
        let (w, id) = workspace();
        put(&w, &example, &id);
        if example.contains("public_key") {
            // Where the key usually is, no test may ask.
            let url = format!("url = {:?}", w.api.public_key_url());
            let key = "data realtimekit_webhook_public_key deliveries";
            w.put("override.tf", &block(key, &url));
        }

        w.succeeds(APPLY);

        w.expect_no_changes();
    }
}

#[test]
fn import_examples_import_without_changes() {
    let script = read("examples/resources/realtimekit_webhook/import.sh");
    let commands = commands(&script);
    assert_eq!(commands.len(), 3);
    let by_command = commands.into_iter().map(Some);
    let by_block = has(&IMPORT_BLOCKS).then_some(None);
    for command in by_command.chain(by_block) {
        let (w, id) = workspace();
        put(&w, RESOURCE, "");
        match command {
            Some(command) => drop(w.succeeds(&command.replace(SAMPLE_ID, &id))),
            None => put(&w, BLOCK, &id),
        }

        w.succeeds(APPLY);

        assert_eq!(w.state(MEETINGS)["id"], id.as_str());
        assert_eq!(w.writes(), ["POST webhooks"], "of the other webhook");
        w.expect_no_changes();
    }
}
