//! The command line.

use std::path::PathBuf;

use crate::Error;

pub(crate) const HELP: &str = "\
Builds a release for one platform and packs it as the Terraform Registry expects it.

Usage: cargo run --example package -- [OPTIONS]

Options:
  --target TRIPLE   platform to build for, as rustc names it [default: this machine]
  --binaries DIR    pack the programs in DIR instead of building them
  --source DIR      checkout to build [default: this one]
  --out DIR         where the files go [default: target/package]
  --sums-only       build and pack nothing: write the manifest and the checksums of the
                    zips that are in --out already, from whatever platforms
  --sign KEY        sign the checksums with this GPG key
  -h, --help        print this, and exit

Writes, for the provider and likewise for the mock API:
  terraform-provider-realtimekit_VERSION_OS_ARCH.zip
  terraform-provider-realtimekit_VERSION_manifest.json (the provider alone)
  terraform-provider-realtimekit_VERSION_SHA256SUMS
  terraform-provider-realtimekit_VERSION_SHA256SUMS.sig (with --sign)
";

pub(crate) enum Request {
    Help,
    Package(Arguments),
}

pub(crate) struct Arguments {
    pub(crate) target: Option<String>,
    pub(crate) binaries: Option<PathBuf>,
    pub(crate) source: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) sums_only: bool,
    pub(crate) sign: Option<String>,
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Request, Error> {
        let mut arguments = Self {
            target: None,
            binaries: None,
            source: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            out: PathBuf::from("target/package"),
            sums_only: false,
            sign: None,
        };
        while let Some(word) = words.next() {
            let mut value = || {
                let value = words.next();
                value.ok_or_else(|| format!("{word} needs a value; see --help"))
            };
            match word.as_str() {
                "--target" => arguments.target = Some(value()?),
                "--binaries" => arguments.binaries = Some(value()?.into()),
                "--source" => arguments.source = value()?.into(),
                "--out" => arguments.out = value()?.into(),
                "--sums-only" => arguments.sums_only = true,
                "--sign" => arguments.sign = Some(value()?),
                "-h" | "--help" => return Ok(Request::Help),
                _ => return Err(format!("{word} is not an option; see --help").into()),
            }
        }
        Ok(Request::Package(arguments))
    }
}
