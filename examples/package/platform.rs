//! Platforms, in Terraform's words.

use std::fmt;

use crate::Error;

/// An operating system and an architecture, as Go names them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    os: &'static str,
    arch: &'static str,
}

impl Platform {
    /// The platform that a target triple of rustc stands for.
    pub(crate) fn of(triple: &str) -> Result<Self, Error> {
        let arch = match triple.split('-').next().unwrap_or_default() {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "i686" => "386",
            "arm" | "armv7" => "arm",
            _ => return Err(format!("no platform of Terraform is known for {triple}").into()),
        };
        let systems = [
            ("-linux-", "linux"),
            ("-apple-darwin", "darwin"),
            ("-windows-", "windows"),
            ("-freebsd", "freebsd"),
        ];
        let os = systems.iter().find(|(part, _)| triple.contains(part));
        let (_, os) =
            os.ok_or_else(|| format!("no platform of Terraform is known for {triple}"))?;
        Ok(Self { os, arch })
    }

    pub(crate) fn exe_suffix(&self) -> &'static str {
        if self.os == "windows" { ".exe" } else { "" }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.os, self.arch)
    }
}
