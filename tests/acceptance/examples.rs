//! Every example of the documentation, and the README's, works as it stands.

use std::fs;

use crate::features::*;
use crate::support::*;

/// The examples of a kind, one for each resource or data source: `resources/NAME/resource.tf`.
fn all(kind: &str, file: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join("examples").join(kind)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    let paths = names.map(|name| format!("examples/{kind}/{}/{file}", name.to_str().unwrap()));
    paths.map(|path| read(&path)).collect()
}

#[test]
fn readme_and_resource_examples_apply_without_further_changes() {
    let provider = read("examples/provider/provider.tf");
    let resources = all("resources", "resource.tf").into_iter();
    let resources = resources.map(|resource| resource + &provider);
    for example in resources.chain([shown_in("README.md")]) {
        let w = Workspace::new();
        w.put("main.tf", &example);

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
        if example.contains("provider::") && !has(&needed) {
            continue;
        }
        let w = Workspace::with(builder().app(ACCOUNT, APP, "production"));
        w.api.change_quirks(|quirks| quirks.lists_events = true);
        if example.contains("public_key") {
            // Where the key usually is, no test may ask.
            let url = format!("url = {:?}", w.api.public_key_url());
            let key = "data realtimekit_webhook_public_key deliveries";
            w.put("override.tf", &block(key, &url));
        }

        w.apply(example.replace(SAMPLE_ID, &w.meetings()));
    }
}
