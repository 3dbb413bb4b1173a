//! Files of the repository, and what is in them.

use std::{fs, path::Path};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
#[track_caller]
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A file of a guide.
#[track_caller]
pub(crate) fn guide(file: &str) -> String {
    read(&format!("examples/guides/{file}"))
}

/// The first configuration in a page.
pub(crate) fn shown_in(page: &str) -> String {
    let page = read(page);
    let (_, rest) = page.split_once("```terraform\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// The Terraform commands of a script, without questions.
pub(crate) fn commands(script: &str) -> Vec<String> {
    let lines = script.lines();
    let commands = lines.filter_map(|line| line.strip_prefix("terraform "));
    let commands = commands.map(|line| match line.split_once(' ').unwrap_or((line, "")) {
        (name @ ("apply" | "destroy"), rest) => format!("{name} -auto-approve {rest}"),
        _ => line.to_owned(),
    });
    commands.collect()
}

/// The rows of a table, a line each, with cells between ` | `.
#[track_caller]
pub(crate) fn rows<const N: usize>(table: &str) -> Vec<[&str; N]> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split(" | ").map(str::trim).collect();
        <[&str; N]>::try_from(cells).unwrap_or_else(|cells| panic!("{} cells: {line}", cells.len()))
    });
    rows.collect()
}
