//! Terraform, or OpenTofu, in a temporary directory of its own.
//!
//! The provider is installed as a user would from the Registry, only that the Registry is a
//! directory. Of the user's own settings of Terraform and Cloudflare, none is seen or touched.

use std::{
    env,
    ffi::OsStr,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    pin::pin,
    process::{Output, Stdio},
    time::Duration,
};

use realtimekit::{
    mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    provider::VERSION,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

use crate::{Error, in_color, say, stop::Stop};

const PROVIDER: &str = env!("CARGO_PKG_NAME");

/// How long a program may take to end by itself once the demo was asked to stop.
const GRACE: Duration = Duration::from_secs(10);

const A_MOMENT: Duration = Duration::from_millis(500);

/// The program that understands Terraform configurations.
pub(crate) struct Binary {
    name: &'static str,
    path: PathBuf,
    /// Where its providers come from unless a source address says otherwise.
    registry: &'static str,
    /// Major and minor version of the first release that has all that the demo shows: the newest
    /// of it are import blocks with a generated configuration.
    required: (u32, u32),
}

/// Finds Terraform or OpenTofu in the first directory on PATH that has one.
pub(crate) fn find() -> Result<Binary, Error> {
    let registries = [
        ("terraform", "registry.terraform.io", (1, 5)),
        ("tofu", "registry.opentofu.org", (1, 6)),
    ];
    let path = env::var_os("PATH").unwrap_or_default();
    for directory in env::split_paths(&path) {
        for (name, registry, required) in registries {
            let path = directory.join(format!("{name}{}", env::consts::EXE_SUFFIX));
            if path.is_file() {
                return Ok(Binary {
                    name,
                    path,
                    registry,
                    required,
                });
            }
        }
    }
    Err(Error::Failed(
        "neither terraform nor tofu is on PATH. Install one of them and try again: \
         https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install"
            .to_owned(),
    ))
}

impl Binary {
    /// Fails if a later step of the demo needs a newer version. `version` is what
    /// `version -json` prints.
    fn check_version(&self, version: &Value) -> Result<(), Error> {
        let version = version["terraform_version"].as_str();
        let version = version.ok_or_else(|| failed(&["version"], "no version"))?;
        let mut numbers = version.split('.').map_while(|part| part.parse().ok());
        if (numbers.next(), numbers.next()) >= (Some(self.required.0), Some(self.required.1)) {
            return Ok(());
        }
        let (name, (major, minor)) = (self.name, self.required);
        Err(Error::Failed(format!(
            "{name} on PATH is version {version}, and the demo needs {major}.{minor} or newer, for \
             import blocks. The provider itself works with it."
        )))
    }
}

/// Runs the program in a configuration directory where the provider can be installed.
pub(crate) struct Cli {
    binary: Binary,
    /// Settings for the provider.
    environment: [(&'static str, String); 4],
    directory: TempDir,
    stop: Stop,
}

impl Cli {
    /// Builds the provider and lays it out for installation.
    pub(crate) async fn set_up(binary: Binary, api: &MockApi, stop: Stop) -> Result<Self, Error> {
        let mut cli = Self {
            binary,
            environment: [
                ("CLOUDFLARE_BASE_URL", api.base_url()),
                ("CLOUDFLARE_API_TOKEN", api.token()),
                ("CLOUDFLARE_ACCOUNT_ID", SAMPLE_ACCOUNT_ID.to_owned()),
                ("REALTIMEKIT_APP_ID", SAMPLE_APP_ID.to_owned()),
            ],
            directory: TempDir::with_prefix("realtimekit-demo-")?,
            stop,
        };
        fs::create_dir(cli.configuration())?;
        fs::write(cli.settings(), "")?; // OpenTofu 1.12 prints a warning before the JSON if it is missing
        let version = cli.json(&["version", "-json"]).await?;
        cli.binary.check_version(&version)?;
        let provider = build_provider(&mut cli.stop).await?;
        cli.install(&provider, &version)?;
        Ok(cli)
    }

    /// Writes a file of the configuration.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        Ok(fs::write(self.configuration().join(name), text)?)
    }

    /// Runs a command, which must succeed.
    pub(crate) async fn run(&mut self, arguments: &[&str]) -> Result<(), Error> {
        match self.exit_code(arguments).await? {
            0 => Ok(()),
            code => Err(failed(arguments, code)),
        }
    }

    /// Runs a command that says something by its exit code.
    pub(crate) async fn exit_code(&mut self, arguments: &[&str]) -> Result<i32, Error> {
        writeln!(
            io::stdout(),
            "$ {} {}",
            self.binary.name,
            arguments.join(" ")
        )?;
        let mut command = self.command(arguments);
        if !in_color() {
            command.arg("-no-color");
        }
        let status = finish(&mut command, &mut self.stop).await?.status;
        status.code().ok_or_else(|| failed(arguments, status))
    }

    /// Runs a command that prints JSON, which is not shown.
    pub(crate) async fn json(&mut self, arguments: &[&str]) -> Result<Value, Error> {
        let mut command = self.command(arguments);
        let output = finish(command.stdout(Stdio::piped()), &mut self.stop).await?;
        serde_json::from_slice(&output.stdout).map_err(|_| failed(arguments, output.status))
    }

    /// Removes all files.
    pub(crate) fn clean_up(self) -> Result<(), Error> {
        Ok(self.directory.close()?)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary.path);
        for (name, _) in env::vars_os().filter(|(name, _)| is_setting(name)) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.configuration())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("TF_CLI_CONFIG_FILE", self.settings())
            .env("CHECKPOINT_DISABLE", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Lays the provider out as a mirror of the Registry, and tells Terraform to install from it.
    fn install(&self, provider: &Path, version: &Value) -> Result<(), Error> {
        let mirror = self.directory.path().join("mirror");
        let settings = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n"
        );
        fs::write(self.settings(), settings)?;

        let platform = version["platform"].as_str(); // such as linux_amd64
        let platform = platform.ok_or_else(|| failed(&["version"], "no platform"))?;
        let package = mirror
            .join(self.binary.registry)
            .join("realtimekit/realtimekit")
            .join(VERSION)
            .join(platform);
        let name = format!(
            "terraform-provider-realtimekit_v{VERSION}{}",
            env::consts::EXE_SUFFIX
        );
        fs::create_dir_all(&package)?;
        fs::copy(provider, package.join(name))?;
        Ok(())
    }

    fn configuration(&self) -> PathBuf {
        self.directory.path().join("configuration")
    }

    fn settings(&self) -> PathBuf {
        self.directory.path().join("terraform.rc")
    }
}

/// Whether a variable is one of the user's settings of Terraform or Cloudflare.
fn is_setting(name: &OsStr) -> bool {
    let prefixes = ["TF_", "CLOUDFLARE_", "REALTIMEKIT_"];
    let name = name.to_string_lossy();
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Builds the provider with the Cargo that built the demo, and answers where it is.
async fn build_provider(stop: &mut Stop) -> Result<PathBuf, Error> {
    say("Build the provider")?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--locked", "--bin", PROVIDER])
        // Together with the demo it needs no dependency that the demo was not built with.
        .args(["--example", "demo"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let output = finish(&mut cargo, stop).await?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == PROVIDER)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| Error::Failed(format!("the provider was not built: {}", output.status)))
}

/// Runs a program. If the demo is to stop, so is the program: Ctrl-C reaches both.
async fn finish(program: &mut Command, stop: &mut Stop) -> Result<Output, Error> {
    let mut program = pin!(program.spawn()?.wait_with_output());
    let output = tokio::select! {
        biased;
        () = stop.asked_for() => {
            timeout(GRACE, program).await.ok();
            return Err(Error::Interrupted);
        }
        output = &mut program => output?,
    };
    // What killed the program may be about to reach the demo.
    let killed = output.status.code().is_none();
    if killed && timeout(A_MOMENT, stop.asked_for()).await.is_ok() {
        return Err(Error::Interrupted);
    }
    Ok(output)
}

fn failed(arguments: &[&str], status: impl fmt::Display) -> Error {
    Error::Failed(format!("`{}` failed: {status}", arguments.join(" ")))
}
