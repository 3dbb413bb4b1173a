//! The rules that HashiCorp's `tfplugindocs validate` checks for pages of the Terraform Registry.

use crate::{between, files, outside_code, read};

/// The directories that the Registry shows, below `docs/`.
const DIRECTORIES: [&str; 7] = [
    "actions",
    "data-sources",
    "ephemeral-resources",
    "functions",
    "guides",
    "list-resources",
    "resources",
];

/// In bytes; the Registry does not show larger pages.
const LARGEST_PAGE: usize = 500_000;

/// Pages for contributors, and for whoever weighs the provider: directly below `docs/`, without
/// front matter, and short.
pub(crate) const NOT_SHOWN: [&str; 3] = [
    "docs/design.md",
    "docs/performance.md",
    "docs/reliability.md",
];

#[test]
fn page_is_where_the_registry_looks_and_has_what_it_needs() {
    let mut pages = files("docs");
    pages.retain(|path| path.ends_with(".md") && !NOT_SHOWN.contains(&path.as_str()));
    for path in pages {
        let mut expected = vec!["page_title", "subcategory", "description"];
        match path.split('/').collect::<Vec<_>>()[..] {
            ["docs", "index.md"] => drop(expected.remove(1)),
            ["docs", directory, _] => assert!(DIRECTORIES.contains(&directory), "{path}"),
            _ => panic!("{path}"),
        }
        let text = read(&path);
        let keys = between(&text, "---\n", "\n---\n").lines();
        let keys = keys.filter(|line| !line.starts_with([' ', '#']));
        let keys: Vec<&str> = keys.map(|line| between(line, "", ":")).collect();

        assert_eq!(keys, expected, "{path}");
        let (_, body) = text.split_once("\n---\n").unwrap();
        let titles = outside_code(body).matches("\n# ").count();
        assert_eq!(titles, 1, "{path}");
        assert!(text.len() < LARGEST_PAGE, "{path}");
    }
}

#[test]
fn pages_for_contributors_are_short_and_in_the_readme() {
    let (index, readme) = (read("docs/index.md"), read("README.md"));
    assert!(readme.lines().count() < 100);
    for path in NOT_SHOWN {
        let lines = read(path).lines().count();
        assert!(lines < 200, "{path} has {lines} lines");
        let name = path.trim_start_matches("docs/");
        assert!(!index.contains(name), "the Registry does not show {name}");
        assert!(readme.contains(path), "{path}");
    }
}
