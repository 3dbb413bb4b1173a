//! The tables of the troubleshooting guide have one row for each error and warning of the provider,
//! named by its summary, and no other.

use std::collections::{BTreeMap, BTreeSet};

use crate::{files, read};

const GUIDE: &str = "examples/guides/troubleshooting.md.tmpl";

/// What makes a diagnostic; its first argument is the summary.
const MAKERS: [&str; 2] = ["Diagnostics::error(", "Diagnostics::warning("];

/// Said by what makes diagnostics, wherever the provider finds a fault of its own.
const BUG: (&str, &str) = ("Bug in the Provider", "src/framework/diagnostics.rs");

#[test]
fn the_guide_explains_every_error_and_warning() {
    let titles = titles();
    let missing: Vec<String> = summaries()
        .into_iter()
        .filter(|(summary, _)| !titles.contains(summary))
        .map(|(summary, source)| format!("| **{summary}** |    ({source})"))
        .collect();

    assert!(
        missing.is_empty(),
        "{GUIDE} lacks these. Add a row for each with what it means and what to do, then run \
         `UPDATE_DOCS=1 cargo test --test docs`:\n{}",
        missing.join("\n")
    );
}

#[test]
fn the_guide_explains_nothing_that_is_never_said() {
    let summaries = summaries();
    let stale: Vec<String> = titles()
        .into_iter()
        .filter(|title| !summaries.contains_key(title))
        .collect();

    assert!(
        stale.is_empty(),
        "no diagnostic has these summaries any more; remove them from {GUIDE}: {stale:#?}"
    );
}

#[test]
fn a_bug_is_still_called_one() {
    let (summary, source) = BUG;

    assert!(read(source).unwrap().contains(&format!("{summary:?},")));
}

#[test]
fn the_details_in_the_guide_are_in_words_of_the_api_client() {
    let guide = read(GUIDE).unwrap();
    let (_, table) = guide.split_once("\n## Reasons\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let client: String = files("src/api")
        .iter()
        .filter_map(|path| read(path))
        .collect();

    let rows: Vec<&str> = table.lines().filter(|row| row.starts_with("| `")).collect();
    let foreign: Vec<&str> = rows
        .iter()
        .map(|row| row.split('`').nth(1).unwrap())
        .map(|words| words.trim_end_matches(|c: char| c.is_ascii_digit() || c == '…'))
        .filter(|words| !client.contains(words))
        .collect();

    assert!(!rows.is_empty());
    assert!(foreign.is_empty(), "{foreign:?}");
}

/// The messages in the first column of the tables.
fn titles() -> BTreeSet<String> {
    let guide = read(GUIDE).unwrap();
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| **"));
    let titles = rows.map(|row| row.split("**").next().unwrap());
    titles.map(str::to_owned).collect()
}

/// Every summary, with the file that says it.
fn summaries() -> BTreeMap<String, String> {
    let sources = sources();
    let mut found = BTreeMap::from([(BUG.0.to_owned(), BUG.1.to_owned())]);
    for (path, source) in &sources {
        for maker in MAKERS {
            for argument in arguments(source, maker) {
                for summary in spelt_out(path, argument, &sources) {
                    found.insert(summary, path.clone());
                }
            }
        }
    }
    found
}

/// The files of the layers that make diagnostics, up to their tests.
fn sources() -> Vec<(String, String)> {
    ["src/framework", "src/provider"]
        .into_iter()
        .flat_map(files)
        .filter(|path| !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .map(|path| {
            let text = read(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
            (path, code.to_owned())
        })
        .collect()
}

/// What follows each occurrence of `call` in the source.
fn arguments<'s>(source: &'s str, call: &str) -> Vec<&'s str> {
    let occurrences = source.split(call).skip(1);
    occurrences.map(str::trim_start).collect()
}

/// The summaries that a first argument stands for.
#[track_caller]
fn spelt_out(path: &str, argument: &str, sources: &[(String, String)]) -> Vec<String> {
    if let Some(literal) = literal(argument) {
        return vec![literal.to_owned()];
    }
    let Some(pattern) = argument.strip_prefix("format!(").and_then(literal) else {
        let line = argument.lines().next().unwrap_or_default();
        panic!("{path}: write the summary where the diagnostic is made, not as `{line}`");
    };
    let (before, rest) = pattern.split_once('{').unwrap();
    let (placeholder, after) = rest.split_once('}').unwrap();
    let values = match (before, placeholder) {
        ("Could Not ", "action") => actions(sources),
        ("Unsupported ", "what") => ["resource", "data source", "list resource", "action"]
            .map(str::to_owned)
            .to_vec(),
        ("Unreadable ", "what") | ("", "what") => ["State", "Identity"].map(str::to_owned).to_vec(),
        ("Missing ", "name") => vec!["account_id".to_owned(), "app_id".to_owned()],
        _ => panic!("{path}: say in tests/docs/messages.rs what `{pattern}` may come to"),
    };
    let summaries = values.iter().map(|value| format!("{before}{value}{after}"));
    summaries.collect()
}

/// What can be tried in vain: literals such as `"Read the Webhook"`.
fn actions(sources: &[(String, String)]) -> Vec<String> {
    let is_title = |word: &str| word.starts_with(char::is_uppercase);
    let is_action = |literal: &&str| match literal.split(' ').collect::<Vec<_>>().as_slice() {
        [verb, "the", object @ ..] => is_title(verb) && object.iter().all(|word| is_title(word)),
        _ => false,
    };
    let quoted = sources.iter().flat_map(|(_, source)| source.split('"'));
    quoted.filter(is_action).map(str::to_owned).collect()
}

fn literal(code: &str) -> Option<&str> {
    let (literal, _) = code.trim_start().strip_prefix('"')?.split_once('"')?;
    Some(literal)
}
