//! The order of the layers of `src/`, and that no files import each other in a circle.
//!
//! Paths are read from the text: `crate::…`, `self::…`, `super::…`, `realtimekit::…` and those that
//! start with a child module. A name that a module only re-exports counts as a path to its source.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

/// Each layer with the other layers that it may name.
const LAYERS: [(&str, &[&str]); 10] = [
    ("lib", &[]),
    (
        "main",
        &["plugin", "framework", "framework::server", "provider"],
    ),
    ("bin::realtimekit-mock-api", &["mock_api"]),
    ("proto", &[]),
    ("plugin", &["proto"]),
    ("framework", &[]),
    ("framework::server", &["proto", "framework"]),
    ("api", &[]),
    ("provider", &["framework", "api"]),
    ("mock_api", &[]),
];

/// Names of modules, joined by `::`, and for each its source without comments and inline tests.
type Sources = BTreeMap<String, String>;

#[test]
fn each_layer_names_only_those_below_it() {
    let layers = BTreeMap::from(LAYERS);
    let layer = |module: &str| longest(layers.keys().copied(), module);
    let (sources, imports) = imports();
    let found: BTreeSet<_> = sources.keys().map(|module| layer(module)).collect();
    assert!(found.iter().eq(layers.keys()), "{found:?}");
    for (from, to) in imports {
        let (name, named) = (layer(&from), layer(&to));
        let is_allowed = name == named || layers[name].contains(&named);
        assert!(is_allowed, "{from} names {to}");
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let (_, mut imports) = imports();
    let mut count = 0;
    while count != imports.len() {
        count = imports.len();
        // What imports nothing, or is imported by nothing, is on no circle.
        let (from, to): (BTreeSet<_>, BTreeSet<_>) = imports.iter().cloned().unzip();
        imports.retain(|(importing, imported)| from.contains(imported) && to.contains(importing));
    }
    assert!(imports.is_empty(), "on a circle: {imports:#?}");
}

/// The longest of the modules that a path is in.
#[track_caller]
fn longest<'n>(modules: impl Iterator<Item = &'n str>, path: &str) -> &'n str {
    let is_in = |module: &&str| {
        let rest = path.strip_prefix(module);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let longest = modules.filter(is_in).max_by_key(|module| module.len());
    longest.unwrap_or_else(|| panic!("{path} belongs to none"))
}

/// The modules of `src/`, and which of them names which other.
fn imports() -> (Sources, BTreeSet<(String, String)>) {
    let (mut sources, mut imports) = (Sources::new(), BTreeSet::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read(&root, "", &mut sources);
    let mut re_exports = BTreeMap::new();
    for (module, source) in &sources {
        for statement in source.split_inclusive(';') {
            let mut visibilities = ["pub", "pub(super)", "pub(crate)"].into_iter();
            let is_re_export = visibilities.any(|it| statement.contains(&format!("{it} use ")));
            for path in paths(module, statement, &sources) {
                match is_re_export {
                    true => {
                        let name = path.rsplit("::").next().unwrap();
                        re_exports.insert(format!("{module}::{name}"), path);
                    }
                    false => drop(imports.insert((module.clone(), path))),
                }
            }
        }
    }
    let resolved = imports.into_iter().map(|(from, mut to)| {
        while let Some(source) = re_exports.get(&to).filter(|source| **source != to) {
            to.clone_from(source);
        }
        if to == "model" {
            to = "framework::model".to_owned(); // a macro is at the root of the crate
        }
        let named = longest(sources.keys().map(String::as_str), &to);
        (from, named.to_owned())
    });
    let imports = resolved.filter(|(from, to)| from != to).collect();
    (sources, imports)
}

fn read(directory: &Path, module: &str, sources: &mut Sources) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = match path.file_stem().unwrap().to_str().unwrap() {
            "mod" => module.to_owned(),
            "main" if !module.is_empty() => module.to_owned(),
            stem => format!("{module}::{stem}"),
        };
        let name = name.trim_start_matches("::");
        if path.is_dir() {
            read(&path, name, sources);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let code = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
        let code = match code.split_once("\n#[cfg(test)]\n") {
            Some((code, tests)) if tests.contains(" {\n") => code.to_owned(),
            _ => code,
        };
        sources.insert(name.to_owned(), code);
    }
}

/// The paths that `code` names, from the root of the crate.
fn paths(module: &str, code: &str, sources: &Sources) -> Vec<String> {
    let (parent, _) = module.rsplit_once("::").unwrap_or_default();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let before = code[..at].trim_end_matches(is_name);
        let first = &code[before.len()..at];
        let child = format!("{module}::{first}");
        let start = match first {
            _ if before.ends_with("::") || before.ends_with("pub(in ") => continue,
            "crate" if module.starts_with("bin::") => "bin::realtimekit-mock-api",
            "crate" | "realtimekit" => "",
            "self" => module,
            "super" => parent,
            _ if sources.contains_key(&child) => &child,
            _ => continue,
        };
        expand(start, &code[at + 2..], &mut found);
    }
    found
}

/// Adds the paths that start with `path` and go on as `code` does; returns the code after them.
fn expand<'c>(path: &str, code: &'c str, found: &mut Vec<String>) -> &'c str {
    let mut code = code.trim_start();
    if let Some(group) = code.strip_prefix('{') {
        code = group.trim_start();
        while !code.starts_with('}') {
            code = expand(path, code, found);
            code = &code[code.find([',', '}']).unwrap()..]; // after `as` and a name
            code = code.trim_start_matches(',').trim_start();
        }
        return &code[1..];
    }
    let is_end = |c: char| !(c.is_alphanumeric() || "_*".contains(c));
    let (name, rest) = code.split_at(code.find(is_end).unwrap_or(code.len()));
    let path = match name {
        "super" => path.rsplit_once("::").unwrap_or_default().0.to_owned(),
        "self" | "*" => path.to_owned(),
        name => format!("{path}::{name}"),
    };
    match rest.strip_prefix("::") {
        Some(rest) => expand(&path, rest, found),
        None => {
            found.push(path.trim_start_matches("::").to_owned());
            rest
        }
    }
}
