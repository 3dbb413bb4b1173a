//! The rules that HashiCorp's `tfplugindocs validate` checks for pages of the Terraform Registry.

use crate::{code, files, read};

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

/// Pages for contributors are directly below `docs/` and without front matter.
const NOT_SHOWN: [&str; 3] = [
    "docs/design.md",
    "docs/performance.md",
    "docs/reliability.md",
];

#[test]
fn pages_in_other_directories_do_not_exist() {
    let stray: Vec<String> = files("docs")
        .into_iter()
        .filter(|path| path.ends_with(".md"))
        .filter(
            |path| match path.split('/').collect::<Vec<_>>().as_slice() {
                ["docs", "index.md"] => false,
                ["docs", directory, _] => !DIRECTORIES.contains(directory),
                _ => !NOT_SHOWN.contains(&path.as_str()),
            },
        )
        .collect();

    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn page_front_matter_has_what_the_registry_needs() {
    for (path, text) in shown() {
        let (_, rest) = text.split_once("---\n").unwrap();
        let (front_matter, body) = rest.split_once("\n---\n").unwrap();
        let keys: Vec<&str> = front_matter
            .lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .map(|line| line.split(':').next().unwrap())
            .collect();

        assert!(text.starts_with("---\n"), "{path}");
        match path.as_str() {
            "docs/index.md" => assert_eq!(keys, ["page_title", "description"], "{path}"),
            _ => assert_eq!(keys, ["page_title", "subcategory", "description"], "{path}"),
        }
        assert_eq!(
            body.lines().filter(|line| line.starts_with("# ")).count() - comments(body),
            1,
            "{path}: one title"
        );
        assert!(text.len() < LARGEST_PAGE, "{path}");
    }
}

#[test]
fn pages_for_contributors_are_short() {
    for path in NOT_SHOWN {
        let lines = read(path).unwrap().lines().count();
        assert!(lines < 200, "{path} has {lines} lines");
    }
    let index = read("docs/index.md").unwrap();
    for path in NOT_SHOWN {
        let name = path.trim_start_matches("docs/");
        assert!(!index.contains(name), "the Registry does not show {name}");
        assert!(read("README.md").unwrap().contains(path), "{path}");
    }
    assert!(read("README.md").unwrap().lines().count() < 100);
}

#[test]
fn security_page_names_tests_that_exist() {
    let code = code();
    let page = read("SECURITY.md").unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let tests = rows.filter_map(|row| row.split('|').nth(3));
    let names = tests.flat_map(|tests| tests.split('`').skip(1).step_by(2));
    let names: Vec<&str> = names.filter(|name| !name.starts_with('.')).collect();

    let missing: Vec<&&str> = names
        .iter()
        .filter(|name| !code.contains(&format!("fn {name}()")))
        .collect();
    assert!(names.len() > 10 && missing.is_empty(), "{missing:?}");
}

/// Lines of code blocks that look like titles: comments of Terraform, shell and Python.
fn comments(body: &str) -> usize {
    let code = body.split("```").skip(1).step_by(2);
    code.map(|code| code.lines().filter(|line| line.starts_with("# ")).count())
        .sum()
}

/// The pages that the Registry shows.
fn shown() -> Vec<(String, String)> {
    files("docs")
        .into_iter()
        .filter(|path| path.ends_with(".md") && !NOT_SHOWN.contains(&path.as_str()))
        .map(|path| {
            let text = read(&path).unwrap();
            (path, text)
        })
        .collect()
}
