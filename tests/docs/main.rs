//! `docs/` is what the schemas and `examples/` say, whole, and without dead links.
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
mod mutants;
mod page;
mod registry;
mod style;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use realtimekit::{
    framework::{
        Declaration, Provider, Signature,
        schema::{Attribute, Schema, optional, required},
    },
    provider::RealtimeKit,
};

use page::{Content, Identity, Import, Page, Subject};

const MADE_BY: &str =
    "made by `UPDATE_DOCS=1 cargo test --test docs` from src/provider and examples: edit those";

/// Pages that are written by hand: for contributors, and for whoever weighs the provider.
const BY_HAND: [&str; 4] = [
    "docs/design.md",
    "docs/performance.md",
    "docs/performance/",
    "docs/reliability.md",
];

/// Examples that belong to no page of a schema: programs (`cargo run --example`), and what guides
/// are about.
const OTHER_EXAMPLES: [&str; 6] = [
    "examples/mock-api/",
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
        .map(|(subject, _)| subject.examples())
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
fn contributing_shows_the_code_of_the_second_resource() {
    let (shown, code) = (read("CONTRIBUTING.md"), read("tests/framework/library.rs"));
    let (shown, code) = (shown.unwrap(), code.unwrap());
    let blocks = shown.split("```rust\n").skip(1);
    let blocks: Vec<&str> = blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect();

    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(code.contains(block), "not in the code any more:\n{block}");
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

/// What a subject says of itself.
enum Described {
    Schema(Schema),
    Signature(Signature),
}

/// Everything that has a page.
fn subjects() -> Vec<(Subject, Described)> {
    let provider = RealtimeKit::default();
    let mut subjects = vec![(Subject::Provider, Provider::schema(&provider))];
    let mut declared = |subject: fn(&'static str) -> Subject, item: Declaration| {
        subjects.push((subject(item.type_name), item.schema));
    };
    for resource in provider.resources() {
        declared(Subject::Resource, resource.declaration());
    }
    for source in provider.data_sources() {
        declared(Subject::DataSource, source.declaration());
    }
    for list in provider.list_resources() {
        declared(Subject::ListResource, list.declaration());
    }
    for action in provider.actions() {
        declared(Subject::Action, action.declaration());
    }
    let functions = provider.functions().into_iter().map(|function| {
        let signature = Described::Signature(function.signature());
        (Subject::Function(function.name()), signature)
    });
    subjects
        .into_iter()
        .map(|(subject, schema)| (subject, Described::Schema(schema)))
        .chain(functions)
        .collect()
}

/// The pages as they should be, by path.
fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = subjects()
        .into_iter()
        .map(|(subject, described)| page(subject, &described))
        .collect();
    for (path, text) in &mut pages {
        if path == "docs/index.md" {
            *text = guides::index(text);
        }
    }
    pages.extend(guides::pages());
    pages
}

#[track_caller]
fn page(subject: Subject, described: &Described) -> (String, String) {
    let example = |file: &str| {
        let path = format!("{}/{file}", subject.examples());
        read(&path).unwrap_or_else(|| panic!("{path} is missing"))
    };
    let usage = example(subject.example_file());
    let adopted = matches!(subject, Subject::Resource(_)).then(|| Adopted {
        attributes: identity_of(subject),
        identity: example("import-by-identity.tf"),
        block: example("import-by-string-id.tf"),
        command: example("import.sh"),
        moved: example("moved.tf"),
    });
    let page = Page {
        subject,
        provider: "realtimekit",
        content: match described {
            Described::Schema(schema) => Content::Schema(schema),
            Described::Signature(signature) => Content::Signature(signature),
        },
        example: &usage,
        import: adopted.as_ref().map(Adopted::import),
        moved: adopted.as_ref().map(|adopted| adopted.moved.as_str()),
        made_by: MADE_BY,
    };
    (page.path(), page.to_string())
}

/// How objects that exist come to be a resource's.
struct Adopted {
    attributes: Vec<Attribute>,
    identity: String,
    block: String,
    command: String,
    moved: String,
}

impl Adopted {
    fn import(&self) -> Import<'_> {
        Import {
            identity: Some(Identity {
                block: &self.identity,
                attributes: &self.attributes,
            }),
            block: &self.block,
            command: &self.command,
        }
    }
}

/// The identity of a resource, as attributes of a configuration.
fn identity_of(subject: Subject) -> Vec<Attribute> {
    let resources = RealtimeKit::default().resources();
    let mut declared = resources.iter().map(|resource| resource.declaration());
    let declared = declared.find(|it| Subject::Resource(it.type_name) == subject);
    let attributes = declared
        .unwrap()
        .identity
        .attributes
        .into_iter()
        .map(|attribute| {
            let presence = match attribute.required_for_import {
                true => required,
                false => optional,
            };
            presence(&attribute.name, attribute.kind, &attribute.description)
        });
    attributes.collect()
}

fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.ends_with('.')
}

/// All Rust code of the library and of the tests.
fn code() -> String {
    [files("src"), files("tests")]
        .concat()
        .iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| read(path).unwrap())
        .collect()
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
