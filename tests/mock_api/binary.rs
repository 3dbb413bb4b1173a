//! The built `realtimekit-mock-api`: what it prints, and how it stops.

use crate::support::{JSON, columns, door_bell, request};
use realtimekit::mock_api::{SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed};
#[cfg(unix)]
use serde_json::json;
use std::collections::HashMap;
use std::fs;
#[cfg(unix)]
use std::io::Read;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_realtimekit-mock-api");

/// The program with these arguments, separated by spaces.
fn command(arguments: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments.split_whitespace());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running server; it ends when it is dropped.
struct Server {
    process: Child,
    #[cfg_attr(windows, expect(dead_code, reason = "read to its end after a signal"))]
    stdout: BufReader<ChildStdout>,
    settings: HashMap<String, String>,
}

impl Server {
    /// Starts the server and reads the settings that it prints.
    fn start(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut settings = HashMap::new();
        while !settings.contains_key("REALTIMEKIT_APP_ID") {
            let mut line = String::new();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "{settings:?}");
            let setting = line.trim_end().strip_prefix("export ");
            if let Some((name, value)) = setting.and_then(|setting| setting.split_once('=')) {
                settings.insert(name.to_owned(), value.trim_matches('\'').to_owned());
            }
        }
        Self {
            settings,
            process,
            stdout,
        }
    }

    fn url(&self, path: &str) -> String {
        self.settings["CLOUDFLARE_BASE_URL"].replace("/client/v4", path)
    }

    /// The status of a create with nothing but the printed settings.
    async fn create(&self) -> u16 {
        let base = &self.settings["CLOUDFLARE_BASE_URL"];
        let account = &self.settings["CLOUDFLARE_ACCOUNT_ID"];
        let app = &self.settings["REALTIMEKIT_APP_ID"];
        let line = format!("POST {base}/accounts/{account}/realtime/kit/{app}/webhooks");
        let token = format!("Bearer {}", self.settings["CLOUDFLARE_API_TOKEN"]);
        let headers = [("authorization", &*token), JSON];
        let created = request(&line, &headers, Some(door_bell())).await;
        created.unwrap().status.as_u16()
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
        // This fails if it has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn stop_signal_ends_it_with_one_logged_line_per_request() {
    for signal in ["-INT", "-TERM"] {
        let server = Server::start(command("--mode live"));
        let address = server.url("/");
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
async fn printed_settings_are_enough_for_a_client_and_follow_the_arguments() {
    let plain = Server::start(command(""));
    let other = Server::start(command("--token sesame --quirk create-200"));
    let faults = Server::start(command("--fault 503:1,method=POST --fault=429"));

    assert_eq!(plain.create().await, 201);
    assert_eq!(plain.settings["CLOUDFLARE_ACCOUNT_ID"], SAMPLE_ACCOUNT_ID);
    assert_eq!(plain.settings["REALTIMEKIT_APP_ID"], SAMPLE_APP_ID);
    assert_eq!(other.create().await, 200);
    assert_eq!(other.settings["CLOUDFLARE_API_TOKEN"], "sesame");
    for expected in [503, 429, 201] {
        assert_eq!(faults.create().await, expected);
    }
}

#[test]
fn requested_text_goes_to_standard_output_and_an_error_to_standard_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let seed = file(r#"{"accounts": [{"id": "a", "apps": [{"id": ""}]}]}"#);
    let seed = seed.path().display();
    let cases = format!(
        "--help             | 0 | Usage: realtimekit-mock-api\n\
         --version          | 0 | {}\n\
         --list-quirks      | 0 | empty-list-404\n\
         --seed-example     | 0 | \"accounts\": [\n\
         --completions=fish | 0 | complete -c realtimekit-mock-api\n\
         --lisen            | 2 | error: unexpected argument '--lisen' found\n\
         --listen {address} | 1 | error: cannot listen on {address}: \n\
         --seed {seed}      | 1 | error: {seed}: accounts[0].apps[0]: the ids of account and",
        env!("CARGO_PKG_VERSION"),
    );

    for case in cases.lines() {
        let [arguments, code, expected] = columns(case);
        let output = command(&arguments).output().unwrap();

        assert_eq!(output.status.code(), code.parse().ok(), "{case}");
        let (written, other) = match &*code {
            "0" => (output.stdout, output.stderr),
            _ => (output.stderr, output.stdout),
        };
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains(&expected), "{case}: {written}");
        assert!(other.is_empty(), "{case}: {other:?}");
    }
}

#[cfg(unix)]
#[test]
fn shell_evaluates_print_env_while_the_server_runs_in_the_background() {
    let script = r#"eval "$("$0" --print-env "$@" 2>/dev/null &)"
        echo "$CLOUDFLARE_BASE_URL $CLOUDFLARE_API_TOKEN $CLOUDFLARE_ACCOUNT_ID $REALTIMEKIT_APP_ID"
        echo "$SSL_CERT_FILE"
        kill "$REALTIMEKIT_MOCK_API_PID""#;
    let directory = tempfile::tempdir().unwrap();
    let authority = directory.path().join("ca.pem");
    let remote = "--listen 0.0.0.0:0 --allow-remote --allow-host mock.test";

    let output = Command::new("sh")
        .args(["-c", script, PROGRAM, "--tls"])
        .arg(&authority)
        .args(remote.split(' '))
        .output()
        .unwrap();

    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{:?}", output.stderr);
    assert!(text.starts_with("https://mock.test:"), "{text}");
    assert!(text.contains("/client/v4 "), "{text}");
    let end = format!("{SAMPLE_APP_ID}\n{}\n", authority.display());
    assert!(text.ends_with(&end), "{text}");
    let pem = fs::read_to_string(&authority).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE"), "{pem}");
}

/// A file for as long as the test runs.
fn file(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), content).unwrap();
    file
}

#[test]
fn container_examples_set_what_the_server_prints() {
    let mut printed = Server::start(command("")).settings.clone();
    printed.remove("CLOUDFLARE_BASE_URL"); // that of the service, by HTTPS
    for example in ["compose.yaml", "github-actions.yaml"] {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mock-api");
        let text = fs::read_to_string(format!("{directory}/{example}")).unwrap();

        for (name, value) in &printed {
            let setting = format!("{name}: {value}");
            let is_set = text.lines().any(|line| line.trim() == setting);
            assert!(is_set, "{example} has no {setting}");
        }
    }
}

#[tokio::test]
async fn seed_is_loaded_and_its_first_app_is_printed() {
    let seed = file(&Seed::EXAMPLE.replace(SAMPLE_APP_ID, "an app"));
    let server = Server::start(command(&format!("--seed {}", seed.path().display())));

    let line = format!("GET {}", server.url("/mock/state"));
    let state = request(&line, &[], None).await.unwrap().json();

    assert_eq!(server.settings["REALTIMEKIT_APP_ID"], "an app");
    assert_eq!(state["apps"][0]["webhooks"][0]["name"], "Meeting log");
    assert_eq!(state["apps"][1]["name"], "Classroom");
}

#[cfg(unix)]
#[tokio::test]
async fn tls_certificate_file_is_enough_for_a_delivery() {
    let directory = tempfile::tempdir().unwrap();
    let authority = directory.path().join("ca.pem");
    let receiver = Server::start(command(&format!("--tls {}", authority.display())));
    let mut trusting = command("");
    trusting.env("SSL_CERT_FILE", &authority);
    let webhook =
        json!({"name": "bell", "url": receiver.url("/client/v4"), "events": ["meeting.ended"]});

    let mut outcomes = Vec::new();
    for sender in [trusting, command("")].map(Server::start) {
        let add = async |path: &str, body| {
            let line = format!("POST {}", sender.url(path));
            let added = request(&line, &[JSON], Some(body)).await;
            added.unwrap().expect(201)
        };
        let webhook = add("/mock/webhooks", webhook.clone()).await;
        let order = json!({"webhook_id": webhook["id"], "event": "meeting.ended"});
        outcomes.push(add("/mock/deliveries", order).await);
    }

    // The answer of an API without a token.
    assert_eq!(outcomes[0]["status"], 401);
    let error = outcomes[1]["error"].as_str().unwrap();
    assert!(error.contains("invalid peer certificate"), "{error}");
}
