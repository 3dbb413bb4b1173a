//! Tests that are named elsewhere exist: in `tests/mutants/list.json`, which `.ci/mutants` runs,
//! and in `SECURITY.md`.

use serde::Deserialize;

use crate::{code, read};

/// A fault to be made in the source, and the test that must notice it.
#[derive(Deserialize)]
struct Mutant {
    fault: String,
    file: String,
    find: String,
    replace: String,
    target: Vec<String>,
    test: String,
}

#[test]
fn every_mutant_can_be_made_and_its_test_exists() {
    let code = code();
    let list = read("tests/mutants/list.json");
    let mutants: Vec<Mutant> = serde_json::from_str(&list).unwrap();

    assert!(mutants.len() >= 30);
    for mutant in mutants {
        let fault = mutant.fault;
        let name = mutant.test.rsplit("::").next().unwrap_or_default();

        let found = read(&mutant.file).matches(&mutant.find).count();
        assert_eq!(found, 1, "{fault}");
        assert_ne!(mutant.find, mutant.replace, "{fault}");
        assert!(!mutant.target.is_empty(), "{fault}");
        assert!(code.contains(&format!("fn {name}(")), "{fault}: no {name}");
    }
}

#[test]
fn security_page_names_tests_that_exist() {
    let (code, page) = (code(), read("SECURITY.md"));
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let tests = rows.filter_map(|row| row.split('|').nth(3));
    let names = tests.flat_map(|tests| tests.split('`').skip(1).step_by(2));
    let names: Vec<&str> = names.filter(|name| !name.starts_with('.')).collect();

    let does_exist = |name: &&&str| code.contains(&format!("fn {name}()"));
    let missing: Vec<_> = names.iter().filter(|name| !does_exist(name)).collect();
    assert!(names.len() > 10 && missing.is_empty(), "{missing:?}");
}
