//! The release build, free of where it was made.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Error;

/// The target triple of this machine.
pub(crate) fn host() -> Result<String, Error> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let version = String::from_utf8(output.stdout)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .ok_or("rustc -vV does not say which host it is for")?
        .to_owned())
}

/// Builds the programs for `target`, and says in which directory they are.
///
/// It has a directory of its own below `target/`, since flags that hide the paths of this
/// machine would have everything else there built anew.
pub(crate) fn release(root: &Path, target: &str) -> Result<PathBuf, Error> {
    let directory = root.join("target/package-build");
    let paths = paths_to_hide(root)?;
    let rust: Vec<String> = paths
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={from}={to}"))
        .collect();
    let c: Vec<String> = paths
        .iter()
        .map(|(from, to)| format!("-ffile-prefix-map={from}={to}"))
        .collect();
    // The provider is built without what only the mock API needs.
    for arguments in [
        [
            "--no-default-features",
            "--bin",
            "terraform-provider-realtimekit",
        ]
        .as_slice(),
        &["--bin", "realtimekit-mock-api"],
    ] {
        let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(root)
            .args(["build", "--release", "--locked", "--target", target])
            .args(arguments)
            .arg("--target-dir")
            .arg(&directory)
            .env("CARGO_ENCODED_RUSTFLAGS", rust.join("\u{1f}"))
            .env_remove("RUSTFLAGS")
            .env("CFLAGS", c.join(" "))
            .status()?;
        if !status.success() {
            return Err("cargo could not build the release".into());
        }
    }
    Ok(directory.join(target).join("release"))
}

/// Directories whose names would end in the programs, and what stands for them. The last
/// that fits wins, so the inner ones come last.
fn paths_to_hide(root: &Path) -> Result<[(String, &'static str); 2], Error> {
    let cargo = match env::var_os("CARGO_HOME") {
        Some(directory) => PathBuf::from(directory),
        None => env::home_dir()
            .ok_or("there is no home directory")?
            .join(".cargo"),
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Ok([(text(&cargo), "/cargo"), (text(root), "/source")])
}
