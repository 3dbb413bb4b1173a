//! What a release consists of, and that Terraform installs it.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails its test"
)]

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

use aws_lc_rs::digest::{SHA256, digest};
use realtimekit::{
    mock_api::{DEFAULT_TOKEN, MockApi, Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    provider::VERSION,
};
use tempfile::TempDir;
use zip::ZipArchive;

const PROVIDER: &str = "terraform-provider-realtimekit";
const MOCK_API: &str = "realtimekit-mock-api";

/// Packs the programs that are in a directory.
fn package(binaries: &Path, out: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--locked", "--quiet", "--example", "package", "--"])
        .arg("--binaries")
        .arg(binaries)
        .arg("--out")
        .arg(out)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A directory with something small in the place of the programs.
fn programs(suffix: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    for name in [PROVIDER, MOCK_API] {
        fs::write(
            directory.path().join(format!("{name}{suffix}")),
            format!("{name}!"),
        )
        .unwrap();
    }
    directory
}

/// The files of a directory, by name.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn release_has_the_files_that_the_registry_expects() {
    let out = TempDir::new().unwrap();

    let target = ["--target", "x86_64-unknown-linux-musl"];
    package(programs("").path(), out.path(), &target);

    let names: Vec<String> = files(out.path()).into_keys().collect();
    let zip = format!("{PROVIDER}_{VERSION}_linux_amd64.zip");
    let manifest = format!("{PROVIDER}_{VERSION}_manifest.json");
    assert_eq!(
        names,
        [
            format!("{MOCK_API}_{VERSION}_SHA256SUMS"),
            format!("{MOCK_API}_{VERSION}_linux_amd64.zip"),
            format!("{PROVIDER}_{VERSION}_SHA256SUMS"),
            zip.clone(),
            manifest.clone(),
        ]
    );
    let manifest = fs::read(out.path().join(manifest)).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let expected = serde_json::json!({"version": 1, "metadata": {"protocol_versions": ["6.0"]}});
    assert_eq!(manifest, expected);

    let mut archive = ZipArchive::new(fs::File::open(out.path().join(zip)).unwrap()).unwrap();
    let mut seen = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        let name = file.name().unwrap().into_owned();
        seen.insert(name, (file.unix_mode(), content));
    }
    let program = format!("{PROVIDER}_v{VERSION}");
    let names: Vec<&str> = seen.keys().map(String::as_str).collect();
    assert_eq!(names, ["CHANGELOG.md", "LICENSE", "README.md", &program]);
    let (mode, content) = &seen[&program];
    assert_eq!(mode.map(|mode| mode & 0o777), Some(0o755));
    assert_eq!(*content, format!("{PROVIDER}!").into_bytes());
}

#[test]
fn zips_and_manifest_have_their_checksums() {
    let out = TempDir::new().unwrap();
    for target in [
        "x86_64-unknown-linux-musl",
        "aarch64-apple-darwin",
        "x86_64-unknown-freebsd",
    ] {
        package(programs("").path(), out.path(), &["--target", target]);
    }

    package(programs("").path(), out.path(), &["--sums-only"]);

    let files = files(out.path());
    let sums = &files[&format!("{PROVIDER}_{VERSION}_SHA256SUMS")];
    let sums: Vec<(&str, &str)> = std::str::from_utf8(sums)
        .unwrap()
        .lines()
        .map(|line| line.split_once("  ").unwrap())
        .collect();
    let names: Vec<&str> = sums.iter().map(|(_, name)| *name).collect();
    assert_eq!(
        names,
        [
            "darwin_arm64.zip",
            "freebsd_amd64.zip",
            "linux_amd64.zip",
            "manifest.json"
        ]
        .map(|rest| format!("{PROVIDER}_{VERSION}_{rest}"))
    );
    for (sum, name) in sums {
        let content = digest(&SHA256, &files[name]);
        let expected: String = content
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(sum, expected, "{name}");
    }
}

#[test]
fn same_programs_give_the_same_bytes() {
    let [one, other] = [(); 2].map(|()| TempDir::new().unwrap());

    package(programs("").path(), one.path(), &[]);
    package(programs("").path(), other.path(), &[]);

    assert!(files(one.path()) == files(other.path()));
}

#[test]
fn windows_programs_keep_their_suffix() {
    let out = TempDir::new().unwrap();

    package(
        programs(".exe").path(),
        out.path(),
        &["--target", "i686-pc-windows-msvc"],
    );

    let path = out
        .path()
        .join(format!("{PROVIDER}_{VERSION}_windows_386.zip"));
    let archive = ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let names: Vec<_> = archive.file_names().map(Result::unwrap).collect();
    assert_eq!(names[0], format!("{PROVIDER}_v{VERSION}.exe"));
}

/// Plain `terraform init`, as with the Registry, only that the Registry is a directory.
#[test]
fn terraform_installs_the_zip_from_a_mirror_locks_it_and_applies() {
    let directory = TempDir::new().unwrap();
    let mirror = directory
        .path()
        .join("mirror/registry.terraform.io/realtimekit/realtimekit");
    fs::create_dir_all(&mirror).unwrap();
    let binaries = Path::new(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
    package(binaries.parent().unwrap(), &mirror, &[]);
    let rc = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
        directory.path().join("mirror")
    );
    fs::write(directory.path().join("cli.tfrc"), rc).unwrap();
    let readme = include_str!("../README.md");
    let (_, rest) = readme.split_once("```terraform\n").unwrap();
    let (configuration, _) = rest.split_once("```").unwrap();
    fs::write(directory.path().join("main.tf"), configuration).unwrap();
    let quirks = Quirks::live();
    let api = MockApi::builder().quirks(quirks).start().unwrap();

    terraform(directory.path(), &api, &["init"]);
    terraform(directory.path(), &api, &["apply", "-auto-approve"]);

    let lock = fs::read_to_string(directory.path().join(".terraform.lock.hcl")).unwrap();
    assert!(
        lock.contains("registry.terraform.io/realtimekit/realtimekit"),
        "{lock}"
    );
    assert!(lock.contains(&format!("version = \"{VERSION}\"")), "{lock}");
    assert!(lock.contains("\"h1:"), "{lock}");
    assert_eq!(api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID).len(), 1);
    terraform(directory.path(), &api, &["init", "-lockfile=readonly"]);
}

#[track_caller]
fn terraform(directory: &Path, api: &MockApi, arguments: &[&str]) {
    let output = Command::new("terraform")
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR"))
        .env("HOME", directory)
        .env("TF_CLI_CONFIG_FILE", directory.join("cli.tfrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .env("CLOUDFLARE_BASE_URL", api.base_url())
        .env("CLOUDFLARE_API_TOKEN", DEFAULT_TOKEN)
        .output()
        .unwrap_or_else(|error| panic!("this test runs terraform, which must be on PATH: {error}"));
    assert!(
        output.status.success(),
        "terraform {arguments:?}: {output:?}"
    );
}
