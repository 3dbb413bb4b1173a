//! `docs/` is what the schemas and `examples/` say, whole, and without dead links.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` rewrites the pages.
#![expect(
    clippy::expect_used,
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

use std::{collections::BTreeMap, env, fs, path::Path};

use realtimekit::{framework::Provider, provider::RealtimeKit};
use registry::NOT_SHOWN;

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
    let mut outdated = pages();
    outdated.retain(|path, text| !root().join(path).exists() || read(path) != *text);
    for (path, text) in outdated.iter().filter(|_| update) {
        let path = root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    let outdated: Vec<_> = outdated.keys().collect();
    assert!(
        update || outdated.is_empty(),
        "run `UPDATE_DOCS=1 cargo test --test docs`, since these are out of date: {outdated:?}"
    );
}

#[test]
fn there_is_no_page_or_example_of_what_does_not_exist() {
    let made = pages();
    let subjects = page::subjects();
    let examples = subjects.iter().map(|subject| subject.examples() + "/");
    let examples: Vec<String> = examples.chain(OTHER_EXAMPLES.map(str::to_owned)).collect();
    let is_known = |path: &str| {
        let is_example = examples.iter().any(|known| path.starts_with(known));
        let is_by_hand = path.starts_with("docs/performance/") || NOT_SHOWN.contains(&path);
        made.contains_key(path) || is_example || is_by_hand
    };

    let mut stray = [files("docs"), files("examples")].concat();
    stray.retain(|path| !is_known(path));

    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn contributing_shows_the_code_of_the_fake_resource() {
    let shown = read("CONTRIBUTING.md");
    let code = read("tests/framework/fake_resource.rs");
    let blocks = shown.split("```rust\n").skip(1);
    let blocks: Vec<&str> = blocks.map(|rest| between(rest, "", "```")).collect();

    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(code.contains(block), "not in the code any more:\n{block}");
    }
}

#[test]
fn the_readme_names_every_argument_of_the_provider_and_its_variable() {
    let readme = read("README.md");
    let is_variable = |code: &&str| {
        code.contains('_') && code.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };

    for attribute in Provider::schema(&RealtimeKit::default()).attributes {
        let variable = attribute.description.split('`').find(is_variable);
        let variable = variable.map_or(String::new(), |name| format!("`{name}` "));
        let row = format!("| `{}` | {variable}|", attribute.name);
        assert!(readme.contains(&row), "{row}");
    }
}

/// The pages as they should be, by path.
fn pages() -> BTreeMap<String, String> {
    let subjects = page::subjects();
    let mut pages: BTreeMap<_, _> = subjects.iter().map(page::Subject::page).collect();
    let index = pages.get_mut("docs/index.md").unwrap();
    *index = guides::index(index);
    pages.extend(guides::pages());
    pages
}

fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.ends_with('.')
}

/// All Rust code of the library and of the tests.
fn code() -> String {
    let mut files = [files("src"), files("tests")].concat();
    files.retain(|path| path.ends_with(".rs"));
    files.iter().map(|path| read(path)).collect()
}

/// Every file in a directory, by its path from the root.
fn files(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(directory)).unwrap();
    let files = entries.flat_map(|entry| {
        let entry = entry.unwrap();
        let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => files(&path),
            false => vec![path],
        }
    });
    files.collect()
}

/// The part of a text between two others.
#[track_caller]
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).expect(before);
    rest.split_once(after).expect(after).0
}

/// Markdown without its blocks of code.
fn outside_code(markdown: &str) -> String {
    markdown.split("```").step_by(2).collect()
}

#[track_caller]
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
