//! How Terraform starts a provider: with which environment, arguments and certificate.

use std::{collections::BTreeMap, env, io::ErrorKind, path::PathBuf, process::Stdio};

use tempfile::TempDir;
use tokio::process::Command;

use super::{Core, Identity, Plugin};

pub(crate) const MAGIC_COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// The program under test: what `PROVIDER_BINARY` names, or the one that Cargo built for the tests.
pub(crate) fn provider() -> PathBuf {
    let built = env!("CARGO_BIN_EXE_terraform-provider-realtimekit");
    env::var_os("PROVIDER_BINARY").map_or_else(|| built.into(), PathBuf::from)
}

/// A provider process to be, as Terraform starts it unless told otherwise.
pub(crate) struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    identity: Option<Identity>,
    temporary: TempDir,
    #[cfg(unix)]
    user: Option<u32>,
}

impl Launch {
    /// As Terraform does it, but for the environment of the test, which is not handed on.
    pub(crate) fn new() -> Self {
        Self::bare()
            .envs(&[
                MAGIC_COOKIE,
                ("PLUGIN_PROTOCOL_VERSIONS", "6,5"),
                ("PLUGIN_MIN_PORT", "10000"),
                ("PLUGIN_MAX_PORT", "25000"),
            ])
            .identity(Identity::new())
    }

    /// In debug mode, by hand: without what Terraform puts into the environment.
    pub(crate) fn debug() -> Self {
        Self::bare().argument("-debug")
    }

    /// Without anything that Terraform says.
    pub(crate) fn bare() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().to_str().unwrap().to_owned();
        let launch = Self {
            program: provider(),
            arguments: vec![],
            environment: BTreeMap::new(),
            identity: None,
            temporary,
            #[cfg(unix)]
            user: None,
        };
        launch.temporary(&directory)
    }

    /// Another file of the program, as another user than the test's, which only root can do.
    #[cfg(unix)]
    pub(crate) fn run_by(self, user: u32, program: PathBuf) -> Self {
        let user = Some(user);
        Self {
            user,
            program,
            ..self
        }
    }

    /// With another temporary directory than one that is empty.
    pub(crate) fn temporary(mut self, directory: &str) -> Self {
        if cfg!(windows) {
            // without which there are no sockets
            self = self.env("SystemRoot", &env::var("SystemRoot").unwrap());
        }
        let name = if cfg!(windows) { "TMP" } else { "TMPDIR" };
        self.env(name, directory)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    pub(crate) fn envs(self, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter();
        variables.fold(self, |launch, (name, value)| launch.env(name, value))
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Lets Terraform have this certificate.
    pub(crate) fn identity(self, identity: Identity) -> Self {
        let launch = self.env("PLUGIN_CLIENT_CERT", &identity.pem());
        let identity = Some(identity);
        Self { identity, ..launch }
    }

    /// As with `TF_DISABLE_PLUGIN_TLS`.
    pub(crate) fn without_tls(self) -> Self {
        let mut launch = Self {
            identity: None,
            ..self
        };
        launch.environment.remove("PLUGIN_CLIENT_CERT");
        launch
    }

    /// Starts the process, and no more.
    pub(crate) fn spawn(self) -> Plugin {
        let mut command = Command::new(&self.program);
        #[cfg(unix)]
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command.args(&self.arguments).env_clear();
        command.envs(&self.environment).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        // A process that another test starts at this moment may still hold a new program open.
        let child = loop {
            match command.spawn() {
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => continue,
                spawned => break spawned.unwrap(),
            }
        };
        Plugin::new(child, self.identity, self.temporary)
    }

    /// Starts the process, reads its handshake line and connects to it.
    pub(crate) async fn connect(self) -> Core {
        Core::connect(self.spawn()).await
    }
}
