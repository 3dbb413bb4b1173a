//! The files that guides show: to be read, and to be run.

use std::{fs, path::Path};

use crate::support::*;

/// A file of a guide.
pub(crate) fn read(file: &str) -> String {
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/guides");
    fs::read_to_string(guides.join(file)).unwrap()
}

/// The Terraform commands of a script, each as its arguments, without questions.
pub(crate) fn commands(script: &str) -> Vec<Vec<String>> {
    let lines = read(script);
    let commands = lines.lines().map(|line| {
        let arguments = line.strip_prefix("terraform ").unwrap();
        let mut arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
        if ["apply", "destroy"].contains(&arguments[0].as_str()) {
            arguments.insert(1, "-auto-approve".to_owned());
        }
        arguments
    });
    commands.collect()
}

#[track_caller]
pub(crate) fn run(terraform: &Terraform, script: &str) -> Ran {
    let mut last = None;
    for arguments in commands(script) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        last = Some(terraform.succeeds(&arguments));
    }
    last.unwrap()
}
