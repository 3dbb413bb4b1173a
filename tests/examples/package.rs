//! What a release consists of, and that Terraform installs it.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read},
    path::Path,
};

use aws_lc_rs::digest::{SHA256, digest};
use realtimekit::provider::VERSION;
use serde_json::{Value, json};
use tempfile::TempDir;
use zip::ZipArchive;

use crate::{
    cargo,
    support::{APPLY, Workspace, provider, shown_in, terraform},
};

const PROVIDER: &str = "terraform-provider-realtimekit";
const MOCK_API: &str = "realtimekit-mock-api";

/// Packs the programs that are in a directory.
fn package(binaries: &Path, out: &Path, arguments: &[&str]) {
    let mut cargo = cargo("run --example package");
    cargo.arg("--").arg("--binaries").arg(binaries);
    cargo.arg("--out").arg(out).args(arguments);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// The files of a release by name, with something small in the place of the programs.
fn release() -> BTreeMap<String, Vec<u8>> {
    let (programs, out) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for name in [PROVIDER, MOCK_API] {
        for file in [name.to_owned(), format!("{name}.exe")] {
            fs::write(programs.path().join(file), format!("{name}!")).unwrap();
        }
    }
    for target in [
        "x86_64-unknown-linux-musl",
        "i686-pc-windows-msvc",
        "aarch64-apple-darwin",
        "x86_64-unknown-freebsd",
    ] {
        package(programs.path(), out.path(), &["--target", target]);
    }
    package(programs.path(), out.path(), &["--sums-only"]);
    let entries = fs::read_dir(out.path()).unwrap().map(Result::unwrap);
    let files = entries.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    });
    files.collect()
}

/// The files in a zip by name, and their modes.
fn unpacked(zip: &[u8]) -> BTreeMap<String, (Option<u32>, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let files = (0..archive.len()).map(|index| {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        let mode = file.unix_mode().map(|mode| mode & 0o777);
        (file.name().unwrap().into_owned(), (mode, content))
    });
    files.collect()
}

#[test]
fn release_has_the_files_that_the_registry_expects_and_is_the_same_each_time() {
    let files = release();

    let expected = [
        (MOCK_API, "SHA256SUMS"),
        (MOCK_API, "darwin_arm64.zip"),
        (MOCK_API, "freebsd_amd64.zip"),
        (MOCK_API, "linux_amd64.zip"),
        (MOCK_API, "windows_386.zip"),
        (PROVIDER, "SHA256SUMS"),
        (PROVIDER, "darwin_arm64.zip"),
        (PROVIDER, "freebsd_amd64.zip"),
        (PROVIDER, "linux_amd64.zip"),
        (PROVIDER, "manifest.json"),
        (PROVIDER, "windows_386.zip"),
    ];
    let expected = expected.map(|(name, rest)| format!("{name}_{VERSION}_{rest}"));
    assert!(files.keys().eq(&expected), "{:?}", files.keys());
    let [_, _, _, _, _, sums, summed @ ..] = &expected;
    let lines = summed.iter().map(|name| {
        let digest = digest(&SHA256, &files[name]);
        let bytes = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
        format!("{}  {name}\n", bytes.collect::<String>())
    });
    assert_eq!(files[sums], lines.collect::<String>().into_bytes());
    let [_, _, linux, manifest, windows] = summed.each_ref().map(|name| &*files[name]);
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    let versions = json!({"version": 1, "metadata": {"protocol_versions": ["6.0"]}});
    assert_eq!(manifest, versions);
    let (linux, windows) = (unpacked(linux), unpacked(windows));
    let program = format!("{PROVIDER}_v{VERSION}");
    let expected = ["CHANGELOG.md", "LICENSE", "README.md", &program];
    assert!(linux.keys().eq(expected), "{:?}", linux.keys());
    let content = format!("{PROVIDER}!").into_bytes();
    assert_eq!(linux[&program], (Some(0o755), content));
    assert!(windows.contains_key(&(program + ".exe")));
    assert!(files == release());
}

/// Plain `terraform init`, as with the Registry, only that the Registry is a directory.
#[test]
fn terraform_installs_the_zip_from_a_mirror_locks_it_and_applies() {
    let w = Workspace::new();
    let host = match terraform().file_stem().unwrap().to_str() {
        Some("tofu") => "registry.opentofu.org",
        _ => "registry.terraform.io",
    };
    let source = format!("{host}/realtimekit/realtimekit");
    package(provider().parent().unwrap(), &w.use_mirror(&source), &[]);
    w.put("main.tf", &shown_in("README.md"));

    w.succeeds("init");
    w.succeeds(APPLY);

    let lock = w.get(".terraform.lock.hcl");
    for part in [&source, "\"h1:", &format!("version = \"{VERSION}\"")] {
        assert!(lock.contains(part), "{lock}");
    }
    w.webhook();
    w.succeeds("init -lockfile=readonly");
}
