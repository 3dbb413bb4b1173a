//! The tables of the troubleshooting guide have one row for each error and warning of the provider,
//! named by its summary, and no other.

use std::collections::BTreeSet;

use crate::{between, files, read};

const GUIDE: &str = "examples/guides/troubleshooting.md.tmpl";

/// What makes a diagnostic; its first argument is the summary.
const MAKERS: [&str; 2] = ["Diagnostics::error(", "Diagnostics::warning("];

/// Said by what makes diagnostics, wherever the provider finds a fault of its own.
const BUG: (&str, &str) = ("Bug in the Provider", "src/framework/diagnostics.rs");

#[test]
fn the_guide_explains_every_error_and_warning_and_nothing_else() {
    let guide = read(GUIDE);
    let rows = guide.split("\n| **").skip(1);
    let titles: BTreeSet<String> = rows.map(|row| between(row, "", "**").to_owned()).collect();
    let summaries = summaries();

    let missing: Vec<_> = summaries.difference(&titles).collect();
    let stale: Vec<_> = titles.difference(&summaries).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "change the rows of {GUIDE}, then run `UPDATE_DOCS=1 cargo test --test docs`: there is none \
         about {missing:#?}, and nothing says {stale:#?}"
    );
    assert!(read(BUG.1).contains(&format!("{:?},", BUG.0)));
}

#[test]
fn the_details_in_the_guide_are_in_words_of_the_api_client() {
    let guide = read(GUIDE);
    let table = between(&guide, "\n## Reasons\n", "\n## ");
    let client: String = files("src/api").iter().map(|path| read(path)).collect();

    let words = table.split("\n| `").skip(1);
    let words = words.map(|row| between(row, "", "`"));
    let is_number = |c: char| c.is_ascii_digit() || c == '…';
    let words: Vec<&str> = words.map(|it| it.trim_end_matches(is_number)).collect();
    let mut foreign = words.iter().filter(|words| !client.contains(**words));

    assert!(!words.is_empty());
    assert_eq!(foreign.next(), None);
}

/// Every summary in the files of the layers that make diagnostics, up to their tests.
fn summaries() -> BTreeSet<String> {
    let mut files = [files("src/framework"), files("src/provider")].concat();
    files.retain(|path| !path.ends_with("tests.rs") && !path.contains("/tests/"));
    let mut code = String::new();
    for path in files {
        code += read(&path).split("#[cfg(test)]\nmod").next().unwrap();
    }
    let made = MAKERS.iter().flat_map(|maker| code.split(maker).skip(1));
    let made = made.flat_map(|argument| spelt_out(argument.trim_start(), &code));
    made.chain([BUG.0.to_owned()]).collect()
}

/// The summaries that a first argument stands for.
#[track_caller]
fn spelt_out(argument: &str, code: &str) -> Vec<String> {
    if let Some(literal) = literal(argument) {
        return vec![literal.to_owned()];
    }
    let Some(pattern) = argument.strip_prefix("format!(").and_then(literal) else {
        let line = argument.lines().next().unwrap_or_default();
        panic!("write the summary where the diagnostic is made, not as `{line}`");
    };
    let values = match pattern {
        "Could Not {action}" => actions(code),
        "Unsupported {what}" => vec!["resource", "data source", "list resource", "action"],
        "Missing {name}" => vec!["account_id", "app_id"],
        "Unreadable {what}" | "{what} of a Newer Provider" => vec!["State", "Identity"],
        _ => panic!("say in tests/docs/messages.rs what `{pattern}` may come to"),
    };
    let placeholder = format!("{{{}}}", between(pattern, "{", "}"));
    let summaries = values
        .iter()
        .map(|value| pattern.replace(&placeholder, value));
    summaries.collect()
}

/// What can be tried in vain: literals such as `"Read the Webhook"`.
fn actions(code: &str) -> Vec<&str> {
    let is_title = |word: &&str| word.starts_with(char::is_uppercase);
    let is_action = |literal: &&str| match literal.split(' ').collect::<Vec<_>>().as_slice() {
        [verb, "the", object @ ..] => is_title(verb) && object.iter().all(is_title),
        _ => false,
    };
    code.split('"').filter(is_action).collect()
}

fn literal(code: &str) -> Option<&str> {
    let (literal, _) = code.trim_start().strip_prefix('"')?.split_once('"')?;
    Some(literal)
}
