//! The layers of the program: which part of `src/` may name which other.
//!
//! A file outside of [`LAYERS`], or a path in one that leads where its layer may not go, fails.
//! Paths are found in the text: `crate::…`, `self::…`, `super::…` and `realtimekit::…`, written
//! out or in a `use` group.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each layer, by its module or its file, with the other layers that it may name.
const LAYERS: [(&str, &[&str]); 10] = [
    ("lib.rs", &["a file, by its path"]), // fuzz/src/replay.rs, for tests alone
    (
        "main.rs",
        &["plugin", "framework", "framework::server", "provider"],
    ),
    ("bin/realtimekit-mock-api", &["mock_api"]),
    ("proto", &[]),
    ("plugin", &["proto"]),
    ("framework", &[]),
    ("framework::server", &["proto", "framework"]),
    ("api", &[]),
    ("provider", &["framework", "api"]),
    ("mock_api", &[]),
];

/// Macros that `#[macro_export]` puts at the root of the crate, and the layer they belong to.
const MACROS: [(&str, &str); 1] = [("model", "framework")];

#[test]
fn each_layer_names_only_those_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in files_below(&src) {
        let name = file
            .strip_prefix(&src)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        found.extend(violations(&name, &fs::read_to_string(&file).unwrap()));
    }

    assert_eq!(found, [""; 0]);
}

#[test]
fn the_sources_are_seen() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let server = fs::read_to_string(src.join("framework/server/mod.rs")).unwrap();

    assert!(files_below(&src).contains(&src.join("framework/server/mod.rs")));
    assert!(layers_named("framework/server/mod.rs", &server).contains("proto"));
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What is wrong with a file, by its name below `src/`.
fn violations(file: &str, source: &str) -> Vec<String> {
    let Some(layer) = layer_of_file(file) else {
        return vec![format!("{file} belongs to no layer")];
    };
    let allowed = LAYERS.iter().find(|(name, _)| *name == layer).unwrap().1;
    let named = layers_named(file, source).into_iter();
    named
        .filter(|named| *named != layer && !allowed.contains(&named.as_str()))
        .map(|named| format!("{file} names {named}"))
        .collect()
}

fn layer_of_file(file: &str) -> Option<&'static str> {
    crate_of_file(file).or_else(|| layer_of_path(&module_of_file(file)))
}

/// The layer of a file that is no module of the library: a root, or a part of a binary.
fn crate_of_file(file: &str) -> Option<&'static str> {
    let mut layers = LAYERS.iter().map(|(name, _)| *name);
    layers.find(|name| {
        let below = file.strip_prefix(name);
        below == Some("") || name.starts_with("bin/") && below.is_some_and(|b| b.starts_with('/'))
    })
}

/// The layer of a path from the root of the crate: the innermost that it leads into.
fn layer_of_path(path: &[String]) -> Option<&'static str> {
    let path = path.join("::");
    let leads_into = |layer: &str| path == layer || path.starts_with(&format!("{layer}::"));
    let layers = LAYERS.iter().map(|(layer, _)| *layer);
    layers
        .filter(|layer| leads_into(layer))
        .max_by_key(|layer| layer.len())
}

fn module_of_file(file: &str) -> Vec<String> {
    if crate_of_file(file).is_some() {
        return Vec::new(); // the root of a crate, or a binary's own module
    }
    let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
    module.split('/').map(str::to_owned).collect()
}

/// The layers that a file names; what it names outside of any layer stands for itself.
fn layers_named(file: &str, source: &str) -> BTreeSet<String> {
    let mut scanner = Scanner {
        tokens: tokens(source),
        position: 0,
        module: module_of_file(file),
        in_binary: file == "main.rs" || file.starts_with("bin/"),
        beside_library: file == "main.rs",
        blocks: Vec::new(),
        paths: Vec::new(),
    };
    scanner.scan();
    let layers = scanner.paths.iter().map(|path| {
        let of_macro = || {
            let known = MACROS.iter().find(|(name, _)| path.join("::") == *name);
            known.map(|(_, layer)| *layer)
        };
        let layer = layer_of_path(path).or_else(of_macro);
        layer.map_or_else(|| path.join("::"), str::to_owned)
    });
    layers.collect()
}

/// Finds the paths in the tokens of a file.
struct Scanner<'s> {
    tokens: Vec<&'s str>,
    position: usize,
    /// The module of the tokens at hand: the file's, and those in it that are open.
    module: Vec<String>,
    in_binary: bool,
    /// Whether a module of the file may be one of the library's files.
    beside_library: bool,
    /// For each open brace, whether it is that of a module.
    blocks: Vec<bool>,
    /// From the root of the crate.
    paths: Vec<Vec<String>>,
}

impl<'s> Scanner<'s> {
    fn peek(&self, ahead: usize) -> &'s str {
        self.tokens
            .get(self.position + ahead)
            .copied()
            .unwrap_or("")
    }

    fn scan(&mut self) {
        while self.position < self.tokens.len() {
            let preceded = self.position > 0 && self.tokens[self.position - 1] == "::";
            match (self.peek(0), self.peek(1), self.peek(2)) {
                ("mod", name, "{") => {
                    self.module.push(name.to_owned());
                    self.blocks.push(true);
                    self.position += 3;
                }
                // The modules of a binary with a directory of its own are its own.
                ("mod", name, ";") if self.beside_library => {
                    self.paths.push(vec![name.to_owned()]);
                    self.position += 3;
                }
                ("{", ..) => {
                    self.blocks.push(false);
                    self.position += 1;
                }
                ("}", ..) => {
                    if self.blocks.pop() == Some(true) {
                        self.module.pop();
                    }
                    self.position += 1;
                }
                ("crate" | "realtimekit", "as", _) => {
                    self.paths
                        .push(vec!["the whole crate, by another name".into()]);
                    self.position += 1;
                }
                ("[", "path", "=") => {
                    self.paths.push(vec!["a file, by its path".into()]);
                    self.position += 3;
                }
                (start, "::", _) if !preceded => self.start_path(start),
                _ => self.position += 1,
            }
        }
    }

    fn start_path(&mut self, start: &str) {
        let root = match start {
            "realtimekit" => Vec::new(),
            // A binary is a crate of its own; what it has of the layers is in the library.
            "crate" | "self" | "super" if self.in_binary => {
                self.position += 1;
                return;
            }
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().saturating_sub(1)].to_vec(),
            // At the root of the crate a layer needs no prefix.
            name if self.module.is_empty() && layer_of_path(&[name.to_owned()]).is_some() => {
                vec![name.to_owned()]
            }
            _ => {
                self.position += 1;
                return;
            }
        };
        self.position += 2;
        self.path(root);
    }

    /// The rest of a path, or of the paths of a group.
    fn path(&mut self, mut path: Vec<String>) {
        loop {
            match self.peek(0) {
                "{" => {
                    self.position += 1;
                    while !matches!(self.peek(0), "}" | "") {
                        self.path(path.clone());
                        while !matches!(self.peek(0), "," | "}" | "") {
                            self.position += 1; // `as` and a name
                        }
                        if self.peek(0) == "," {
                            self.position += 1;
                        }
                    }
                    self.position += 1;
                    return;
                }
                "super" => drop(path.pop()),
                "self" => {}
                segment => path.push(segment.to_owned()),
            }
            self.position += 1;
            if self.peek(0) != "::" {
                self.paths.push(path);
                return;
            }
            self.position += 1;
        }
    }
}

/// Names, `::` and single characters; no comments, no texts.
fn tokens(source: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = not_code(rest);
        let is_name = |character: char| character.is_alphanumeric() || character == '_';
        let length = match first {
            _ if skipped > 0 => skipped,
            _ if is_name(first) => rest
                .find(|character| !is_name(character))
                .unwrap_or(rest.len()),
            _ if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        if skipped == 0 && !first.is_whitespace() {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    tokens
}

/// The length of the comment, text or character that `source` starts with, or 0.
fn not_code(source: &str) -> usize {
    let up_to = |end: &str, from: usize| {
        source[from..]
            .find(end)
            .map_or(source.len(), |at| from + at + end.len())
    };
    if source.starts_with("//") {
        return up_to("\n", 2);
    }
    if source.starts_with("/*") {
        return up_to("*/", 2);
    }
    let literal = source.trim_start_matches(['b', 'c']);
    let prefix = source.len() - literal.len();
    if prefix <= 1 && literal.starts_with('r') {
        let hashes = literal[1..].len() - literal[1..].trim_start_matches('#').len();
        if literal[1 + hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            return up_to(&end, prefix + 1 + hashes + 1);
        }
    }
    if prefix <= 1 && literal.starts_with('"') {
        return prefix + 1 + length_of_text(&literal[1..], '"');
    }
    // A quote starts a character if one ends it, else a lifetime.
    let mut characters = source.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some('\''), Some('\\'), _) => 1 + length_of_text(&source[1..], '\''),
        (Some('\''), Some(one), Some('\'')) => 2 + one.len_utf8(),
        _ => 0,
    }
}

/// The length of what is left of a text, with its end; a backslash hides one character.
fn length_of_text(text: &str, end: char) -> usize {
    let mut escaped = false;
    for (position, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == end => return position + end.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[track_caller]
fn refused(file: &str, source: &str, named: &str) {
    assert_eq!(violations(file, source), [format!("{file} names {named}")]);
}

#[track_caller]
fn accepted(file: &str, source: &str) {
    assert_eq!(violations(file, source), [""; 0]);
}

#[test]
fn a_file_outside_of_the_table_is_refused() {
    assert_eq!(
        violations("helpers.rs", ""),
        ["helpers.rs belongs to no layer"]
    );
    assert_eq!(
        violations("bin/other.rs", ""),
        ["bin/other.rs belongs to no layer"]
    );
    assert_eq!(
        violations("apidocs/mod.rs", ""),
        ["apidocs/mod.rs belongs to no layer"]
    );
}

#[test]
fn a_file_takes_the_rule_of_the_innermost_layer_around_it() {
    accepted("framework/server/some/file.rs", "use crate::proto::X;");
    refused("framework/some/file.rs", "use crate::proto::X;", "proto");
    accepted("plugin.rs", "use crate::proto::X;");
    accepted("plugin/some/file.rs", "use crate::proto::X;");
}

#[test]
fn proto_is_named_by_the_plugin_and_the_server_alone() {
    let may = LAYERS.iter().filter(|(_, names)| names.contains(&"proto"));

    let may: Vec<&str> = may.map(|(layer, _)| *layer).collect();
    assert_eq!(may, ["plugin", "framework::server"]);
}

#[test]
fn a_path_is_found_however_it_is_written() {
    for source in [
        "use crate::provider;",
        "use crate::provider::webhook::X as Y;",
        "pub use crate::{api::{self, X}, provider::Y};",
        "use crate::{\n    api::X,\n    provider::{Y, Z},\n};",
        "fn f() { crate::provider::run(); }",
        "fn f(x: &'a crate::provider::X) {}",
        "impl From<crate::provider::X> for Y {}",
        "use super::provider::X;",
        "use super::{provider, api};",
        "mod tests { use super::super::provider::X; }",
        "use self::super::provider::X;",
        "use realtimekit::provider::X;",
        "macro_rules! m { () => { $crate::provider::X } }",
        "const QUOTE: char = '\"'; use crate::provider::X; const OTHER: char = '\"';",
        "const ESCAPED: &str = \"\\\"\"; use crate::provider::X;",
        "const RAW: &str = r#\"\"\"#; use crate::provider::X;",
    ] {
        refused("api/mod.rs", source, "provider");
    }
}

#[test]
fn a_path_within_the_layer_is_fine() {
    for source in [
        "use crate::api::error::Error;",
        "use super::Error;",
        "mod tests { use super::*; mod more { use super::super::Error; } }",
        "use self::inner::X; mod inner { pub(super) struct X; pub(in crate::api) struct Y; }",
        "use other::provider::X; use std::crate_name::provider;",
    ] {
        accepted("api/client.rs", source);
    }
}

#[test]
fn what_is_no_code_names_nothing() {
    for source in [
        "// use crate::provider::X;",
        "/// See [`crate::provider`].\nstruct X;",
        "/* crate::provider */",
        "const TEXT: &str = \"crate::provider\";",
        "const RAW: &str = r#\"crate::provider \" crate::provider\"#;",
    ] {
        accepted("api/mod.rs", source);
    }
}

#[test]
fn the_whole_crate_cannot_be_named_to_get_around_the_table() {
    refused("api/mod.rs", "use super::*;", "*");
    refused("api/mod.rs", "use crate::*;", "*");
    refused(
        "api/mod.rs",
        "use crate as all;",
        "the whole crate, by another name",
    );
    refused("api/mod.rs", "use crate::helpers::X;", "helpers::X");
    refused(
        "api/mod.rs",
        "#[path = \"../proto.rs\"] mod proto;",
        "a file, by its path",
    );
}

#[test]
fn a_macro_belongs_to_its_layer() {
    accepted(
        "provider/webhook.rs",
        "use crate::model; crate::model!(X { y });",
    );
    refused("api/mod.rs", "crate::model!(X { y });", "framework");
}

#[test]
fn the_roots_of_the_crates_keep_to_the_table() {
    accepted(
        "main.rs",
        "use realtimekit::{framework::server::ProviderServer, plugin, provider};",
    );
    refused("main.rs", "use realtimekit::api::Client;", "api");
    accepted(
        "bin/realtimekit-mock-api/main.rs",
        "use realtimekit::mock_api::MockApi;",
    );
    refused(
        "bin/realtimekit-mock-api/main.rs",
        "use realtimekit::api::Client;",
        "api",
    );
    accepted(
        "bin/realtimekit-mock-api/main.rs",
        "mod tests { use super::*; use crate::run; }",
    );
    accepted(
        "bin/realtimekit-mock-api/options.rs",
        "use crate::api::X; use realtimekit::mock_api::Quirks;",
    );
    refused("main.rs", "mod api;", "api");
    accepted("bin/realtimekit-mock-api/main.rs", "mod options;");
    accepted("lib.rs", "pub mod api; pub mod plugin;");
    refused("lib.rs", "pub use api::Client;", "api");
    refused(
        "provider/mod.rs",
        "use crate::framework::server::X;",
        "framework::server",
    );
    refused(
        "framework/plan.rs",
        "use super::server::X;",
        "framework::server",
    );
}
