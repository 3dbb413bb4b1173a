//! Checksums of what is released, and the signature that vouches for them.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use aws_lc_rs::digest::{SHA256, digest};

use crate::{Error, read};

/// Writes the checksums of the zips and the manifest of a product, as `sha256sum` would.
pub(crate) fn write(directory: &Path, product: &str, version: &str) -> Result<PathBuf, Error> {
    let prefix = format!("{product}_{version}_");
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && (name.ends_with(".zip") || name.ends_with(".json")) {
            names.push(name);
        }
    }
    names.sort_unstable();
    let mut lines = String::new();
    for name in names {
        let content = read(&directory.join(&name))?;
        for byte in digest(&SHA256, &content).as_ref() {
            write!(lines, "{byte:02x}")?;
        }
        writeln!(lines, "  {name}")?;
    }
    let path = directory.join(format!("{prefix}SHA256SUMS"));
    fs::write(&path, lines)?;
    Ok(path)
}

/// Signs a file with GPG: detached and binary, as the Registry wants it.
pub(crate) fn sign(file: &Path, key: &str) -> Result<PathBuf, Error> {
    let signature = file.with_added_extension("sig");
    let status = Command::new("gpg")
        .args([
            "--batch",
            "--yes",
            "--detach-sign",
            "--local-user",
            key,
            "--output",
        ])
        .arg(&signature)
        .arg(file)
        .status()
        .map_err(|error| format!("cannot run gpg: {error}"))?;
    if status.success() {
        Ok(signature)
    } else {
        Err(format!("gpg could not sign {} with the key {key:?}", file.display()).into())
    }
}
