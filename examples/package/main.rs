//! `cargo run --example package`: builds a release, packed as the Terraform Registry expects it.
//!
//! The form is the Registry's (<https://developer.hashicorp.com/terraform/registry/providers/publishing>):
//! a zip for each platform, a manifest, checksums of all of them, and a signature of these.
//! The same commit gives the same bytes, wherever it is built.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a command that reports what it made"
)]

mod archive;
mod arguments;
mod checksums;
mod compile;
mod platform;

use std::{fs, path::Path, process::ExitCode};

use self::{
    archive::{Entry, zip},
    arguments::{Arguments, HELP, Request},
    platform::Platform,
};

/// Version of everything that is released.
const VERSION: &str = env!("CARGO_PKG_VERSION");
const PROVIDER: &str = env!("CARGO_PKG_NAME");
const MOCK_API: &str = "realtimekit-mock-api";

/// What a practitioner may read without the repository, in each zip.
const DOCUMENTS: [&str; 3] = ["LICENSE", "README.md", "CHANGELOG.md"];

type Error = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let outcome = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Request::Help) => {
            print!("{HELP}");
            Ok(())
        }
        Ok(Request::Package(arguments)) => package(&arguments),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn package(arguments: &Arguments) -> Result<(), Error> {
    fs::create_dir_all(&arguments.out)?;
    if !arguments.sums_only {
        let target = match &arguments.target {
            Some(target) => target.clone(),
            None => compile::host()?,
        };
        let platform = Platform::of(&target)?;
        let binaries = match &arguments.binaries {
            Some(directory) => directory.clone(),
            None => compile::release(&arguments.source, &target)?,
        };
        let provider = format!("{PROVIDER}_v{VERSION}");
        pack(arguments, PROVIDER, &provider, &binaries, &platform)?;
        pack(arguments, MOCK_API, MOCK_API, &binaries, &platform)?;
    }
    let manifest = arguments
        .out
        .join(format!("{PROVIDER}_{VERSION}_manifest.json"));
    write(&manifest, MANIFEST.as_bytes())?;
    for product in [PROVIDER, MOCK_API] {
        let sums = checksums::write(&arguments.out, product, VERSION)?;
        report(&sums)?;
        if let Some(key) = &arguments.sign {
            report(&checksums::sign(&sums, key)?)?;
        }
    }
    Ok(())
}

/// Tells the Registry which protocol the provider speaks: version 6, whatever its minor
/// version, which is never negotiated.
const MANIFEST: &str = r#"{
  "version": 1,
  "metadata": {
    "protocol_versions": ["6.0"]
  }
}
"#;

/// Writes the zip of one program for one platform, in which it has the name `packed`.
fn pack(
    arguments: &Arguments,
    program: &str,
    packed: &str,
    binaries: &Path,
    platform: &Platform,
) -> Result<(), Error> {
    let exe = platform.exe_suffix();
    let mut entries = vec![Entry {
        name: format!("{packed}{exe}"),
        content: read(&binaries.join(format!("{program}{exe}")))?,
        executable: true,
    }];
    for document in DOCUMENTS {
        entries.push(Entry {
            name: document.to_owned(),
            content: read(&arguments.source.join(document))?,
            executable: false,
        });
    }
    let archive = format!("{program}_{VERSION}_{platform}.zip");
    write(&arguments.out.join(archive), &zip(&entries)?)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    fs::write(path, content)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    report(path)
}

fn report(path: &Path) -> Result<(), Error> {
    println!("{:>9}  {}", fs::metadata(path)?.len(), path.display());
    Ok(())
}
