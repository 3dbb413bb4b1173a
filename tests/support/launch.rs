//! How Terraform starts a provider: with which environment, arguments and certificate.

use std::{collections::BTreeMap, env, io::ErrorKind, path::PathBuf, process::Stdio};

use tempfile::TempDir;
use tokio::process::Command;

use super::{Core, Identity, Plugin};

const MAGIC_COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The program under test: what `PROVIDER_BINARY` names, or the one that Cargo built for the tests.
pub(crate) fn provider() -> PathBuf {
    let named = env::var_os("PROVIDER_BINARY");
    named.map_or_else(
        || env!("CARGO_BIN_EXE_terraform-provider-realtimekit").into(),
        PathBuf::from,
    )
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
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().to_str().unwrap().to_owned();
        Self {
            program: provider(),
            arguments: vec![],
            environment: BTreeMap::new(),
            identity: None,
            temporary,
            #[cfg(unix)]
            user: None,
        }
        .temporary(&directory)
        .env("TF_PLUGIN_MAGIC_COOKIE", MAGIC_COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6,5")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .identity(Identity::new())
    }

    /// By hand: without what Terraform puts into the environment.
    pub(crate) fn by_hand() -> Self {
        let terraforms = [
            "TF_PLUGIN_MAGIC_COOKIE",
            "PLUGIN_PROTOCOL_VERSIONS",
            "PLUGIN_MIN_PORT",
            "PLUGIN_MAX_PORT",
        ];
        let launch = Self::new().without_tls();
        terraforms.into_iter().fold(launch, Self::without_env)
    }

    /// Another provider than this project's.
    pub(crate) fn program(self, program: PathBuf) -> Self {
        Self { program, ..self }
    }

    /// As another user than the test's, which only root can do.
    #[cfg(unix)]
    pub(crate) fn user(self, user: u32) -> Self {
        let user = Some(user);
        Self { user, ..self }
    }

    /// With another temporary directory than one that is empty.
    pub(crate) fn temporary(mut self, directory: &str) -> Self {
        if cfg!(windows) {
            // without which there are no sockets
            self = self.env("SystemRoot", &std::env::var("SystemRoot").unwrap());
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

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Lets Terraform have this certificate.
    pub(crate) fn identity(self, identity: Identity) -> Self {
        let launch = self.env("PLUGIN_CLIENT_CERT", &identity.pem());
        Self {
            identity: Some(identity),
            ..launch
        }
    }

    /// As with `TF_DISABLE_PLUGIN_TLS`.
    pub(crate) fn without_tls(self) -> Self {
        Self {
            identity: None,
            ..self.without_env("PLUGIN_CLIENT_CERT")
        }
    }

    /// Starts the process, and no more.
    pub(crate) fn spawn(self) -> Plugin {
        let mut command = Command::new(&self.program);
        #[cfg(unix)]
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
            .args(&self.arguments)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
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
