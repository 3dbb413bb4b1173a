//! A receiver of `examples/receivers`, as a process.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::deliveries::Delivery;

/// What starts the receivers: Node.js, Python, and the runtime of Cloudflare Workers.
pub(crate) fn commands() -> [Command; 3] {
    let mut workerd = Command::new(env::var_os("WORKERD").unwrap_or("workerd".into()));
    workerd.args(["serve", "--control-fd=1", "tests/receivers/worker.capnp"]);
    [
        shown("receiving-deliveries/javascript.sh", None),
        shown("receiving-deliveries/python.sh", env::var_os("PYTHON")),
        workerd,
    ]
}

/// The last line of what the guide shows: `PORT=8080 node examples/…`, or that with another
/// program.
fn shown(file: &str, program: Option<OsString>) -> Command {
    let shown = fs::read_to_string(format!("examples/guides/{file}")).unwrap();
    let line = shown.lines().last().unwrap();
    let [_port, known, script] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let mut command = Command::new(program.unwrap_or(known.into()));
    command.arg(script);
    command
}

/// It is killed when it is dropped.
pub(crate) struct Receiver {
    /// The command that started it.
    pub(crate) command: String,
    process: Child,
    address: SocketAddr,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Receiver {
    /// Starts it with the URL of the public key in the environment variable `variable`.
    #[track_caller]
    pub(crate) fn start(mut command: Command, variable: &str, key_url: &str) -> Self {
        let started = command
            .env("PORT", "0")
            .env(variable, key_url)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .spawn();
        let mut process = started.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap_or_else(|| panic!("{command:?} ended"));
        let line = line.unwrap();
        let address = match line.strip_prefix("listening on http://") {
            Some(address) => address.to_owned(),
            None => {
                let event: Value = line.parse().unwrap();
                format!("127.0.0.1:{}", event["port"])
            }
        };
        Self {
            command: format!("{command:?}"),
            process,
            address: address.parse().unwrap(),
            lines,
        }
    }

    /// The URL for deliveries.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Sends a delivery and returns the status of the answer.
    pub(crate) fn take(&self, delivery: &Delivery) -> u16 {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).unwrap();
        let Delivery {
            head,
            framing,
            body,
        } = delivery;
        // A receiver may refuse a body before it has read all of it.
        drop(write!(stream, "{head}{framing}\r\n\r\n"));
        drop(stream.write_all(body));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let status = answer.get("HTTP/1.1 ".len()..).unwrap().split_at(3).0;
        String::from_utf8_lossy(status).parse().unwrap()
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

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
