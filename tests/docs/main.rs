//! `docs/` is what the schemas, `templates/` and `examples/` say, whole, and without dead links.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` rewrites the pages.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails its test"
)]

mod guides;
mod links;
mod messages;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use realtimekit::{
    framework::{
        Provider,
        docs::{Import, Page, Subject},
        schema::{Attribute, Default, Kind, Schema},
    },
    provider::RealtimeKit,
};

const MADE_BY: &str =
    "made by `UPDATE_DOCS=1 cargo test --test docs` from src/provider and examples: edit those";

/// Pages that are written by hand: for contributors.
const BY_HAND: [&str; 1] = ["docs/design.md"];

/// Examples that belong to no page of a schema: programs (`cargo run --example`), and what guides
/// are about.
const OTHER_EXAMPLES: [&str; 5] = [
    "examples/demo/",
    "examples/guides/",
    "examples/modules/",
    "examples/package/",
    "examples/receivers/",
];

#[test]
fn the_pages_are_what_schemas_and_examples_say() {
    let update = env::var_os("UPDATE_DOCS").is_some();

    let outdated: Vec<String> = pages()
        .into_iter()
        .filter(|(path, text)| read(path).as_ref() != Some(text))
        .map(|(path, text)| {
            if update {
                write(&path, &text);
            }
            path
        })
        .collect();

    assert!(
        update || outdated.is_empty(),
        "run `UPDATE_DOCS=1 cargo test --test docs`, since these are out of date: {outdated:?}"
    );
}

#[test]
fn there_is_no_page_of_what_does_not_exist() {
    let made: BTreeSet<String> = pages().into_iter().map(|(path, _)| path).collect();

    let stray: Vec<String> = files("docs")
        .into_iter()
        .filter(|path| !made.contains(path))
        .filter(|path| !BY_HAND.iter().any(|known| path.starts_with(known)))
        .collect();

    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn there_is_no_example_of_what_does_not_exist() {
    let known: BTreeSet<String> = subjects()
        .into_iter()
        .map(|(subject, _)| examples(subject))
        .chain(actions())
        .collect();

    let stray: Vec<String> = files("examples")
        .into_iter()
        .filter(|path| !OTHER_EXAMPLES.iter().any(|known| path.starts_with(known)))
        .filter(|path| {
            !known
                .iter()
                .any(|known| path.starts_with(&format!("{known}/")))
        })
        .collect();

    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn every_attribute_is_described_and_its_default_named() {
    for (subject, schema) in subjects() {
        assert!(is_sentence(&schema.description), "{subject:?}");
        for attribute in all_attributes(&schema.attributes) {
            let Attribute {
                name, description, ..
            } = attribute;
            assert!(
                is_sentence(description),
                "{subject:?}: {name}: {description:?}"
            );
            if let Some(Default::Value(default)) = &attribute.default {
                let words = format!("Defaults to `{default}`.");
                assert!(
                    description.contains(&words),
                    "{subject:?}: {name}: {description:?}"
                );
            }
        }
    }
}

#[test]
fn the_readme_names_every_argument_of_the_provider_and_its_variable() {
    let readme = read("README.md").unwrap();
    let is_variable = |code: &&str| {
        code.contains('_') && code.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };

    for attribute in Provider::schema(&RealtimeKit::default()).attributes {
        let Attribute {
            name, description, ..
        } = attribute;
        let row = match description.split('`').find(is_variable) {
            Some(variable) => format!("| `{name}` | `{variable}` |"),
            None => format!("| `{name}` | |"),
        };
        assert!(readme.contains(&row), "{row}");
    }
}

/// Everything that has a page.
fn subjects() -> Vec<(Subject, Schema)> {
    let resources = RealtimeKit::default().resources();
    let data_sources = RealtimeKit::default().data_sources();
    let provider = (Subject::Provider, Provider::schema(&RealtimeKit::default()));
    let resources = resources
        .iter()
        .map(|resource| (Subject::Resource(resource.type_name()), resource.schema()));
    let data_sources = data_sources
        .iter()
        .map(|source| (Subject::DataSource(source.type_name()), source.schema()));
    [provider]
        .into_iter()
        .chain(resources)
        .chain(data_sources)
        .collect()
}

/// Where the Registry's tools look for examples.
fn examples(subject: Subject) -> String {
    match subject {
        Subject::Provider => "examples/provider".to_owned(),
        Subject::Resource(name) => format!("examples/resources/{name}"),
        Subject::DataSource(name) => format!("examples/data-sources/{name}"),
    }
}

/// The same, of actions.
fn actions() -> Vec<String> {
    let actions = RealtimeKit::default().actions();
    let examples = actions
        .iter()
        .map(|action| format!("examples/actions/{}", action.type_name()));
    examples.collect()
}

/// The pages as they should be, by path.
fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = subjects()
        .into_iter()
        .map(|(subject, schema)| page(subject, &schema))
        .collect();
    for (path, text) in &mut pages {
        if path == "docs/index.md" {
            *text = guides::listed_in(text);
        }
    }
    pages.extend(guides::pages());
    pages
}

#[track_caller]
fn page(subject: Subject, schema: &Schema) -> (String, String) {
    let example = |file: &str| {
        let path = format!("{}/{file}", examples(subject));
        read(&path).unwrap_or_else(|| panic!("{path} is missing"))
    };
    let (usage, import) = match subject {
        Subject::Provider => (example("provider.tf"), None),
        Subject::DataSource(_) => (example("data-source.tf"), None),
        Subject::Resource(_) => {
            let import = [example("import-by-string-id.tf"), example("import.sh")];
            (example("resource.tf"), Some(import))
        }
    };
    let page = Page {
        subject,
        provider: "realtimekit",
        schema,
        example: &usage,
        import: import
            .as_ref()
            .map(|[block, command]| Import { block, command }),
        made_by: MADE_BY,
    };
    (page.path(), page.to_string())
}

/// The attributes and, each after the one that holds it, those that are nested in them.
fn all_attributes(attributes: &[Attribute]) -> Vec<&Attribute> {
    let mut all = Vec::new();
    for attribute in attributes {
        all.push(attribute);
        if let Kind::Nested(_, nested) = &attribute.kind {
            all.extend(all_attributes(nested));
        }
    }
    all
}

fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.ends_with('.')
}

/// Every file in a directory, by its path from the root.
fn files(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(directory)).unwrap();
    entries
        .flat_map(|entry| {
            let entry = entry.unwrap();
            let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
            match entry.file_type().unwrap().is_dir() {
                true => files(&path),
                false => vec![path],
            }
        })
        .collect()
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

fn write(path: &str, text: &str) {
    let path: PathBuf = root().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
