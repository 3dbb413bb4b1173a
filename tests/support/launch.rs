//! How Terraform starts a provider: with which environment, arguments and certificate.

use std::{
    env,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Stdio,
};

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
    command: Command,
    identity: Option<Identity>,
    temporary: TempDir,
}

impl Launch {
    /// As Terraform does it, but for the environment of the test, which is not handed on.
    pub(crate) fn new() -> Self {
        Self::of(&provider())
    }

    /// The same with another file of the program.
    pub(crate) fn of(program: &Path) -> Self {
        Self::without_environment(program)
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
        Self::without_environment(&provider())
    }

    fn without_environment(program: &Path) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().to_str().unwrap().to_owned();
        let mut command = Command::new(program);
        command.env_clear();
        let launch = Self {
            command,
            identity: None,
            temporary,
        };
        launch.temporary(&directory)
    }

    /// As another user than the test's, which only root can do.
    #[cfg(unix)]
    pub(crate) fn user(mut self, user: u32) -> Self {
        self.command.uid(user).gid(user);
        self
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

    pub(crate) fn env(self, name: &str, value: &str) -> Self {
        self.envs(&[(name, value)])
    }

    pub(crate) fn envs(mut self, variables: &[(&str, &str)]) -> Self {
        self.command.envs(variables.iter().copied());
        self
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Lets Terraform have this certificate.
    pub(crate) fn identity(mut self, identity: Identity) -> Self {
        self.command.env("PLUGIN_CLIENT_CERT", identity.pem());
        self.identity = Some(identity);
        self
    }

    /// As with `TF_DISABLE_PLUGIN_TLS`.
    pub(crate) fn without_tls(mut self) -> Self {
        self.command.env_remove("PLUGIN_CLIENT_CERT");
        self.identity = None;
        self
    }

    /// Starts the process, and no more.
    pub(crate) fn spawn(mut self) -> Plugin {
        self.command.stdin(Stdio::null()).kill_on_drop(true);
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        // A process that another test starts at this moment may still hold a new program open.
        let child = loop {
            match self.command.spawn() {
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => continue,
                spawned => break spawned.unwrap(),
            }
        };
        Plugin::new(child, self.identity, self.temporary)
    }

    /// Starts the process, reads its handshake line and connects to it.
    pub(crate) async fn connect(self) -> Core {
        let mut plugin = self.spawn();
        let handshake = plugin.handshake().await;
        Core {
            channel: handshake.channel(plugin.identity.as_ref()).await.unwrap(),
            handshake,
            plugin,
        }
    }
}
