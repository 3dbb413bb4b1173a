//! The built `realtimekit-mock-api`: what it prints, and how it stops.

use realtimekit::mock_api::{SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_realtimekit-mock-api"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// A running server, which no failed test leaves behind.
struct Server {
    process: Child,
    stdout: BufReader<ChildStdout>,
    settings: HashMap<String, String>,
}

impl Server {
    /// Starts the server and reads the settings that it prints.
    fn start(arguments: &[&str]) -> Self {
        let mut process = command(arguments).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let lines: Vec<String> = stdout
            .by_ref()
            .lines()
            .take(6)
            .map(Result::unwrap)
            .collect();
        let settings = lines.iter().filter_map(|line| {
            let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some((name.to_owned(), value.trim_matches('\'').to_owned()))
        });
        Self {
            settings: settings.collect(),
            process,
            stdout,
        }
    }

    /// Creates a webhook with nothing but the printed settings.
    async fn create(&self) -> reqwest::Response {
        let url = format!(
            "{}/accounts/{}/realtime/kit/{}/webhooks",
            self.settings["CLOUDFLARE_BASE_URL"],
            self.settings["CLOUDFLARE_ACCOUNT_ID"],
            self.settings["REALTIMEKIT_APP_ID"],
        );
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(url)
            .bearer_auth(&self.settings["CLOUDFLARE_API_TOKEN"])
            .body(crate::support::door_bell().to_string());
        request.send().await.unwrap()
    }

    /// Sends a signal, and answers the exit code and the rest of both outputs.
    #[cfg(unix)]
    fn stop(mut self, signal: &str) -> (Option<i32>, String, String) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        let code = self.process.wait().unwrap().code();
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).unwrap();
        let mut stderr = self.process.stderr.take().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        (code, out, err)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has usually ended by now, and then there is nothing to be done.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test]
async fn the_printed_settings_are_all_that_a_client_needs() {
    let server = Server::start(&[]);

    let created = server.create().await;

    assert_eq!(created.status(), 201);
    assert_eq!(server.settings["CLOUDFLARE_ACCOUNT_ID"], SAMPLE_ACCOUNT_ID);
    assert_eq!(server.settings["REALTIMEKIT_APP_ID"], SAMPLE_APP_ID);
}

#[cfg(unix)]
#[tokio::test]
async fn both_stop_signals_end_it_cleanly_with_one_logged_line_a_request() {
    for signal in ["-INT", "-TERM"] {
        let server = Server::start(&["--mode", "live"]);
        let address = server.settings["CLOUDFLARE_BASE_URL"].clone();
        server.create().await;

        let (code, out, err) = server.stop(signal);

        let logged = format!(
            "POST /client/v4/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}/webhooks -> 201\n"
        );
        assert_eq!((code, out.as_str(), err), (Some(0), "", logged));
        assert!(reqwest::get(address).await.is_err());
    }
}

#[tokio::test]
async fn arguments_choose_the_token_and_the_behaviour() {
    let server = Server::start(&["--token", "sesame", "--quirk", "create-200"]);

    let created = server.create().await;

    assert_eq!(server.settings["CLOUDFLARE_API_TOKEN"], "sesame");
    assert_eq!(created.status(), 200);
}

#[test]
fn a_wrong_argument_ends_with_2_and_says_so_on_standard_error() {
    let output = run(&["--lisen"]);

    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: `--lisen` is not an option\nTry `--help`.\n"
    );
}

#[test]
fn an_address_that_is_taken_ends_with_1_and_names_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = run(&["--listen", &address]);

    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        error.starts_with(&format!("error: cannot listen on {address}")),
        "{error}"
    );
}

#[test]
fn help_version_and_the_list_of_quirks_go_to_standard_output() {
    for (argument, expected) in [
        ("--help", "Usage: realtimekit-mock-api"),
        ("--version", env!("CARGO_PKG_VERSION")),
        ("--quirks-list", "empty-list-404"),
    ] {
        let output = run(&[argument]);

        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(text.contains(expected), "{text}");
    }
}
