//! A receiver of `examples/receivers`, as a process.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::deliveries::Delivery;

/// The runtime of a receiver.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Runtime {
    Node,
    Python,
    /// That of Cloudflare Workers.
    Workerd,
}

impl Runtime {
    pub(crate) const ALL: [Self; 3] = [Self::Node, Self::Python, Self::Workerd];

    fn command(self) -> Command {
        match self {
            Self::Node => shown("receiving-deliveries/javascript.sh", None),
            Self::Python => shown("receiving-deliveries/python.sh", env::var_os("PYTHON")),
            Self::Workerd => {
                let mut command = Command::new(env::var_os("WORKERD").unwrap_or("workerd".into()));
                let config = root().join("tests/receivers/worker.capnp");
                command.args(["serve", "--control-fd=1"]).arg(config);
                command
            }
        }
    }
}

/// The last line of what the guide shows: `PORT=8080 node examples/…`, or that with another
/// program.
fn shown(file: &str, program: Option<OsString>) -> Command {
    let shown = fs::read_to_string(root().join("examples/guides").join(file)).unwrap();
    let line = shown.lines().last().unwrap();
    let [_port, known, script] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let mut command = Command::new(program.unwrap_or(known.into()));
    command.arg(script).current_dir(root());
    command
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// It is killed when it is dropped.
pub(crate) struct Receiver {
    pub(crate) runtime: Runtime,
    process: Child,
    address: SocketAddr,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Receiver {
    /// Starts it with the URL of the public key in the environment variable `variable`.
    #[track_caller]
    pub(crate) fn start(runtime: Runtime, variable: &str, key_url: &str) -> Self {
        let mut command = runtime.command();
        let started = command
            .env("PORT", "0")
            .env(variable, key_url)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .spawn();
        let mut process = started.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap_or_else(|| panic!("{command:?} ended"));
        let address = address(&line.unwrap());
        Self {
            runtime,
            process,
            address,
            lines,
        }
    }

    /// The URL for deliveries.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Sends a delivery and returns the status of the answer.
    pub(crate) fn take(&mut self, delivery: &Delivery) -> u16 {
        delivery.send(self.address)
    }

    /// Ends it and returns the events that it handled.
    pub(crate) fn handled(&mut self) -> Vec<String> {
        self.process.kill().unwrap();
        let lines = self.lines.by_ref().map(Result::unwrap);
        lines
            .filter_map(|line| line.strip_prefix("handled ").map(str::to_owned))
            .collect()
    }
}

/// The address in the first line that it prints.
fn address(line: &str) -> SocketAddr {
    if let Some(address) = line.strip_prefix("listening on http://") {
        return address.parse().unwrap();
    }
    let event: Value = serde_json::from_str(line).unwrap();
    format!("127.0.0.1:{}", event["port"]).parse().unwrap()
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
