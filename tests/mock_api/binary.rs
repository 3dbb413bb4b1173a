//! The built `realtimekit-mock-api`: what it prints, and how it stops.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use realtimekit::mock_api::{SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed};
use reqwest::Certificate;
use serde_json::Value;
#[cfg(unix)]
use serde_json::json;
use std::collections::HashMap;
#[cfg(unix)]
use std::io::Read;
use std::io::{BufRead, BufReader};
#[cfg(unix)]
use std::path::PathBuf;
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

/// A running server; it ends when it is dropped.
struct Server {
    process: Child,
    #[cfg_attr(windows, expect(dead_code, reason = "read to its end after a signal"))]
    stdout: BufReader<ChildStdout>,
    settings: HashMap<String, String>,
}

impl Server {
    /// Starts the server and reads the settings that it prints.
    fn start(arguments: &[&str]) -> Self {
        Self::read(command(arguments).spawn().unwrap())
    }

    fn read(mut process: Child) -> Self {
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

    /// Reads JSON from a path of the server, with an authority to trust.
    async fn get(&self, path: &str, authority: Option<&[u8]>) -> reqwest::Result<Value> {
        let authority = authority.map(Certificate::from_pem).transpose()?;
        let client = reqwest::Client::builder().no_proxy();
        let client = match authority {
            Some(authority) => client.tls_certs_only([authority]).build()?,
            None => client.build()?,
        };
        let base_url = &self.settings["CLOUDFLARE_BASE_URL"];
        let url = base_url.replace("/client/v4", path);
        let text = client.get(url).send().await?.text().await?;
        Ok(serde_json::from_str(&text).unwrap())
    }

    /// Writes JSON to a path of the server, which creates something, and answers that.
    #[cfg(unix)]
    async fn add(&self, path: &str, body: Value) -> Value {
        let url = self.settings["CLOUDFLARE_BASE_URL"].replace("/client/v4", path);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(url).header("content-type", "application/json");
        let response = request.body(body.to_string()).send().await.unwrap();
        assert_eq!(response.status(), 201);
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
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

#[tokio::test]
async fn printed_settings_are_enough_for_a_client() {
    let server = Server::start(&[]);

    let created = server.create().await;

    assert_eq!(created.status(), 201);
    assert_eq!(server.settings["CLOUDFLARE_ACCOUNT_ID"], SAMPLE_ACCOUNT_ID);
    assert_eq!(server.settings["REALTIMEKIT_APP_ID"], SAMPLE_APP_ID);
}

#[cfg(unix)]
#[tokio::test]
async fn stop_signal_ends_it_with_one_logged_line_per_request() {
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
async fn arguments_set_token_and_behavior() {
    let server = Server::start(&["--token", "sesame", "--quirk", "create-200"]);

    let created = server.create().await;

    assert_eq!(server.settings["CLOUDFLARE_API_TOKEN"], "sesame");
    assert_eq!(created.status(), 200);
}

#[test]
fn wrong_argument_exits_with_2_and_an_error() {
    let output = run(&["--lisen"]);

    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.starts_with("error: unexpected argument '--lisen' found"),
        "{error}"
    );
}

#[test]
fn taken_address_exits_with_1_and_names_it() {
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
fn requested_text_goes_to_standard_output() {
    for (argument, expected) in [
        ("--help", "Usage: realtimekit-mock-api"),
        ("--list-endpoints", "POST /mock/faults"),
        ("--version", env!("CARGO_PKG_VERSION")),
        ("--list-quirks", "empty-list-404"),
        ("--seed-example", "\"accounts\": ["),
    ] {
        let output = run(&[argument]);

        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(text.contains(expected), "{text}");
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
    let program = env!("CARGO_BIN_EXE_realtimekit-mock-api");
    let address = "0.0.0.0:0";

    let output = Command::new("sh")
        .args(["-c", script, program, "--tls", "--tls-ca"])
        .arg(&authority)
        .args([
            "--listen",
            address,
            "--allow-remote",
            "--allow-host",
            "mock.test",
        ])
        .output()
        .unwrap();

    let text = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    assert!(text.starts_with("https://mock.test:"), "{text}");
    assert!(text.contains(SAMPLE_APP_ID), "{text}");
    assert!(
        text.ends_with(&format!("{}\n", authority.display())),
        "{text}"
    );
    let pem = std::fs::read_to_string(&authority).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE"), "{pem}");
}

/// A file for as long as the test runs.
fn file(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

#[tokio::test]
async fn seed_is_loaded_and_its_first_app_is_printed() {
    let seed = file(&Seed::EXAMPLE.replace(SAMPLE_APP_ID, "an app"));
    let server = Server::start(&["--seed", seed.path().to_str().unwrap()]);

    let state = server.get("/mock/state", None).await.unwrap();

    assert_eq!(server.settings["REALTIMEKIT_APP_ID"], "an app");
    assert_eq!(state["apps"][0]["webhooks"][0]["name"], "Meeting log");
    assert_eq!(state["apps"][1]["name"], "Classroom");
}

#[test]
fn wrong_seed_exits_with_1_and_names_file_and_place() {
    let seed = file(r#"{"accounts": [{"id": "a", "apps": [{"id": ""}]}]}"#);
    let path = seed.path().to_str().unwrap();

    let output = run(&["--seed", path]);

    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert_eq!(
        error,
        format!(
            "error: {path}: accounts[0].apps[0]: the ids of account and app must not be empty\n"
        )
    );
}

#[tokio::test]
async fn faults_are_met_by_the_first_requests() {
    let server = Server::start(&["--fault", "503:1,method=POST", "--fault=429"]);

    let statuses = [
        server.create().await.status().as_u16(),
        server.create().await.status().as_u16(),
        server.create().await.status().as_u16(),
    ];

    assert_eq!(statuses, [503, 429, 201]);
}

#[cfg(unix)]
#[tokio::test]
async fn tls_certificate_file_is_enough_and_removed_at_the_end() {
    let server = Server::start(&["--tls"]);
    let authority = PathBuf::from(&server.settings["REALTIMEKIT_MOCK_CA_FILE"]);
    let pem = std::fs::read(&authority).unwrap();

    let state = server.get("/mock/state", Some(&pem)).await;

    assert!(server.settings["CLOUDFLARE_BASE_URL"].starts_with("https://"));
    assert_eq!(state.unwrap()["apps"][0]["name"], "sample");
    assert!(server.get("/mock/state", None).await.is_err());
    assert_eq!(server.stop("-TERM").0, Some(0));
    assert!(!authority.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn delivery_over_tls_trusts_the_certificates_of_the_environment() {
    let receiver = Server::start(&["--tls"]);
    let authority = &receiver.settings["REALTIMEKIT_MOCK_CA_FILE"];
    let trusting = command(&[]).env("SSL_CERT_FILE", authority).spawn();
    let webhook = json!({
        "name": "bell",
        "url": receiver.settings["CLOUDFLARE_BASE_URL"],
        "events": ["meeting.ended"],
    });

    let mut outcomes = Vec::new();
    for sender in [Server::read(trusting.unwrap()), Server::start(&[])] {
        let webhook = sender.add("/mock/webhooks", webhook.clone()).await;
        let order = json!({"webhook_id": webhook["id"], "event": "meeting.ended"});
        outcomes.push(sender.add("/mock/deliveries", order).await);
    }

    receiver.stop("-TERM"); // it removes its file
    // The answer of an API without a token.
    assert_eq!(outcomes[0]["status"], 401);
    let error = outcomes[1]["error"].as_str().unwrap();
    assert!(error.contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn tls_serves_own_certificate_and_prints_no_file() {
    let names = vec!["127.0.0.1".to_owned()];
    let own = rcgen::generate_simple_self_signed(names).unwrap();
    let certificate = pem("CERTIFICATE", own.cert.der());
    let key = pem("PRIVATE KEY", &own.signing_key.serialize_der());
    let (certificate_file, key_file) = (file(&certificate), file(&key));
    let server = Server::start(&[
        "--tls-cert",
        certificate_file.path().to_str().unwrap(),
        "--tls-key",
        key_file.path().to_str().unwrap(),
    ]);

    let state = server
        .get("/mock/state", Some(certificate.as_bytes()))
        .await;

    assert_eq!(state.unwrap()["apps"][0]["name"], "sample");
    assert!(!server.settings.contains_key("REALTIMEKIT_MOCK_CA_FILE"));
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}
