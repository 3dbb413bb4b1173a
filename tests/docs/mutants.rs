//! `tests/mutants/list.json`, which `.ci/mutants` runs, is about the code as it is.

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
    let list = read("tests/mutants/list.json").unwrap();
    let mutants: Vec<Mutant> = serde_json::from_str(&list).unwrap();

    assert!(mutants.len() >= 30);
    for mutant in mutants {
        let fault = mutant.fault;
        let source = read(&mutant.file).unwrap_or_else(|| panic!("{fault}: no {}", mutant.file));
        let name = mutant.test.rsplit("::").next().unwrap_or_default();

        assert_eq!(source.matches(&mutant.find).count(), 1, "{fault}");
        assert_ne!(mutant.find, mutant.replace, "{fault}");
        assert!(!mutant.target.is_empty(), "{fault}");
        assert!(code.contains(&format!("fn {name}(")), "{fault}: no {name}");
    }
}
