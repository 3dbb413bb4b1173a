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
type Imports = BTreeSet<(String, String)>;

#[test]
fn each_layer_names_only_those_below_it() {
    let (sources, imports) = imports();
    let layer = |module: &str| {
        let holds = |(name, _): &&(&str, &[&str])| is_below(module, name);
        let layer = LAYERS
            .iter()
            .filter(holds)
            .max_by_key(|(name, _)| name.len());
        *layer.unwrap_or_else(|| panic!("{module} belongs to no layer"))
    };
    for module in sources.keys() {
        layer(module);
    }
    for (from, to) in imports {
        let ((name, allowed), (named, _)) = (layer(&from), layer(&to));
        assert!(
            name == named || allowed.contains(&named),
            "{from} names {to}"
        );
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let (sources, mut reach) = imports();
    for via in sources.keys() {
        let edges = |end: fn(&(String, String)) -> (&String, &String)| {
            let found = reach.iter().map(end).filter(|(at, _)| *at == via);
            found.map(|(_, other)| other.clone()).collect::<Vec<_>>()
        };
        let (before, after) = (
            edges(|(from, to)| (to, from)),
            edges(|(from, to)| (from, to)),
        );
        reach.extend(
            before
                .iter()
                .flat_map(|a| after.iter().map(move |b| (a.clone(), b.clone()))),
        );
    }
    let reaches = |from: &String, to: &String| reach.contains(&(from.clone(), to.clone()));
    let on_circle = |module: &&String| reaches(module, module);
    let circles = sources.keys().filter(on_circle).map(|module| {
        let circle = sources
            .keys()
            .filter(|other| reaches(module, other) && reaches(other, module));
        circle.cloned().collect::<Vec<_>>().join(" ↔ ")
    });
    let circles: BTreeSet<String> = circles.collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

fn is_below(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The modules of `src/`, and which of them names which other.
fn imports() -> (Sources, Imports) {
    let (mut sources, src) = (
        Sources::new(),
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
    );
    read(&src, "", &mut sources);
    let (mut imports, mut re_exports) = (Imports::new(), BTreeMap::new());
    for (module, source) in &sources {
        for statement in source.split_inclusive(';') {
            let paths = paths(module, statement, &sources);
            if ["pub", "pub(super)", "pub(crate)"]
                .iter()
                .any(|it| statement.contains(&format!("{it} use ")))
            {
                let name = |path: &str| format!("{module}::{}", path.rsplit("::").next().unwrap());
                re_exports.extend(paths.into_iter().map(|path| (name(&path), path)));
            } else {
                imports.extend(paths.into_iter().map(|path| (module.clone(), path)));
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
        let modules = sources.keys().filter(|module| is_below(&to, module));
        let named = modules.max_by_key(|module| module.len());
        (
            from,
            named
                .unwrap_or_else(|| panic!("{to} belongs to no module"))
                .clone(),
        )
    });
    let imports = resolved.filter(|(from, to)| from != to).collect();
    (sources, imports)
}

fn read(directory: &Path, module: &str, sources: &mut Sources) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let below = format!("{module}::{name}");
        let is_root = name == "mod" || (name == "main" && !module.is_empty());
        let name = if is_root { module } else { &below }.trim_start_matches("::");
        if path.is_dir() {
            read(&path, name, sources);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let code = lines.collect::<Vec<_>>().join("\n");
            let tests = code
                .find("\n#[cfg(test)]\n")
                .filter(|at| code[*at..].contains(" {\n"));
            sources.insert(
                name.to_owned(),
                code[..tests.unwrap_or(code.len())].to_owned(),
            );
        }
    }
}

/// The paths that `code` names, from the root of the crate.
fn paths(module: &str, code: &str, sources: &Sources) -> Vec<String> {
    let crate_root = if module.starts_with("bin::") {
        "bin::realtimekit-mock-api"
    } else {
        ""
    };
    let (parent, _) = module.rsplit_once("::").unwrap_or_default();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let before = code[..at].trim_end_matches(is_name);
        let start = match &code[before.len()..at] {
            _ if before.ends_with("::") || before.ends_with("pub(in ") => continue,
            "crate" => crate_root.to_owned(),
            "realtimekit" => String::new(),
            "self" => module.to_owned(),
            "super" => parent.to_owned(),
            name if sources.contains_key(&format!("{module}::{name}")) => {
                format!("{module}::{name}")
            }
            _ => continue,
        };
        expand(&start, &code[at + 2..], &mut found);
    }
    found
        .iter()
        .map(|path| path.trim_start_matches("::").to_owned())
        .collect()
}

/// Adds the paths that start with `path` and go on as `code` does; returns the code after them.
fn expand<'a>(path: &str, code: &'a str, found: &mut Vec<String>) -> &'a str {
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
    let end = code
        .find(|c: char| !(c.is_alphanumeric() || "_*".contains(c)))
        .unwrap_or(code.len());
    let path = match &code[..end] {
        "super" => path.rsplit_once("::").unwrap_or_default().0.to_owned(),
        "self" | "*" => path.to_owned(),
        name => format!("{path}::{name}"),
    };
    match code[end..].strip_prefix("::") {
        Some(rest) => expand(&path, rest, found),
        None => {
            found.push(path);
            &code[end..]
        }
    }
}
