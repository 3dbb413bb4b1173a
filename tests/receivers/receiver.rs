//! A receiver of `examples/receivers`, as a process.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::deliveries::Delivery;
use crate::keys::KeyServer;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Language {
    JavaScript,
    Python,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::JavaScript, Self::Python];

    /// The last line of what the guide shows: `PORT=8080 node examples/…`.
    fn command(self) -> Command {
        let shown = match self {
            Self::JavaScript => "receiving-deliveries/javascript.sh",
            Self::Python => "receiving-deliveries/python.sh",
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shown = fs::read_to_string(root.join("examples/guides").join(shown)).unwrap();
        let line = shown.lines().last().unwrap();
        let [_port, program, script] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let program = match self {
            Self::JavaScript => program.into(),
            Self::Python => env::var_os("PYTHON").unwrap_or(program.into()),
        };
        let mut command = Command::new(program);
        command.arg(script).current_dir(root);
        command
    }
}

/// It is killed when it is dropped.
pub(crate) struct Receiver {
    process: Child,
    address: SocketAddr,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Receiver {
    #[track_caller]
    pub(crate) fn start(language: Language, keys: &KeyServer) -> Self {
        let mut command = language.command();
        let started = command
            .env("PORT", "0")
            .env("REALTIMEKIT_WEBHOOK_KEY_URL", keys.url())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .spawn();
        let mut process = started.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap_or_else(|| panic!("{command:?} ended"));
        let line = line.unwrap();
        let address = line.strip_prefix("listening on http://").unwrap();
        Self {
            process,
            address: address.parse().unwrap(),
            lines,
        }
    }

    /// Delivers; the status of the answer.
    pub(crate) fn take(&mut self, delivery: &Delivery) -> u16 {
        delivery.send(self.address)
    }

    /// Ends it, and tells which events it handled.
    pub(crate) fn handled(&mut self) -> Vec<String> {
        self.process.kill().unwrap();
        let lines = self.lines.by_ref().map(Result::unwrap);
        lines
            .filter_map(|line| line.strip_prefix("handled ").map(str::to_owned))
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
