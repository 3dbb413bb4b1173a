//! What the client takes from its environment: proxies and root certificates.
//!
//! Both are read from environment variables when a client first connects, so each test lets a
//! process of its own make a call.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::CertifiedKey;
use realtimekit::mock_api::{MockApi, Tls};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::raw_server::RawServer;
use crate::retries::persistent;
use crate::{TOKEN, shown, webhooks_at};

const BASE_URL: &str = "TEST_BASE_URL";
const OUTCOME: &str = "outcome: ";

/// The environment that the tests start from: no proxy, no root certificates.
const NOTHING: [(&str, &str); 6] = [
    ("HTTPS_PROXY", ""),
    ("HTTP_PROXY", ""),
    ("ALL_PROXY", ""),
    ("NO_PROXY", ""),
    ("SSL_CERT_DIR", ""),
    ("SSL_CERT_FILE", "/dev/null"),
];

#[tokio::test]
#[ignore = "not a test: what the tests of this module run in a process of its own"]
async fn list_webhooks() {
    let base_url = env::var(BASE_URL).expect("the base URL is in the environment");
    let outcome = match webhooks_at(persistent(&base_url)).list().await {
        Ok(webhooks) => format!("{} webhooks", webhooks.len()),
        Err(error) => shown(&error),
    };
    writeln!(io::stdout().lock(), "\n{OUTCOME}{outcome}").unwrap();
}

/// Lists webhooks in a process that has these environment variables; says what came of it.
fn list_with(variables: &[(&str, &str)], base_url: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "environment::list_webhooks",
            "--ignored",
            "--nocapture",
        ])
        .env(BASE_URL, base_url)
        .envs(NOTHING)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let outcome = stdout.lines().find_map(|line| line.strip_prefix(OUTCOME));
    outcome
        .unwrap_or_else(|| panic!("no outcome in {stdout}"))
        .to_owned()
}

#[test]
fn a_proxy_of_the_environment_is_used_and_never_sees_the_token() {
    let roots = self_signed();
    let proxy = RawServer::answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");

    let outcome = list_with(
        &[
            ("HTTPS_PROXY", &proxy.origin),
            ("SSL_CERT_FILE", roots.path()),
        ],
        "https://api.example",
    );

    assert!(
        outcome.contains("got no answer from https://api.example, after 5 attempts: "),
        "{outcome}"
    );
    let request = proxy.request();
    assert!(
        request.starts_with("connect api.example:443 http/1.1\r\n"),
        "{request}"
    );
    assert!(!request.contains(TOKEN), "{request}");
}

#[test]
fn a_server_on_this_machine_is_called_without_a_proxy_and_without_root_certificates() {
    let proxy = RawServer::answering_json("200 OK", "{}");
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);

    let outcome = list_with(
        &[("HTTP_PROXY", &proxy.origin), ("ALL_PROXY", &proxy.origin)],
        &server.origin,
    );

    assert_eq!(outcome, "0 webhooks");
    assert!(proxy.is_untouched());
}

#[test]
fn a_system_without_root_certificates_is_an_error_that_says_so() {
    let outcome = list_with(&[], "https://api.example");

    assert!(
        outcome.starts_with("the HTTP client could not be set up: "),
        "{outcome}"
    );
    assert!(
        outcome.contains("No CA certificates were loaded from the system"),
        "{outcome}"
    );
}

#[test]
fn a_certificate_is_trusted_if_the_systems_root_certificates_say_so() {
    let certificate = self_signed();
    let stranger = self_signed();
    let base_url = serve_tls(&certificate);

    let trusted = list_with(&[("SSL_CERT_FILE", certificate.path())], &base_url);
    let untrusted = list_with(&[("SSL_CERT_FILE", stranger.path())], &base_url);

    assert_eq!(trusted, "0 webhooks");
    assert!(
        untrusted.contains(": invalid peer certificate: "),
        "{untrusted}"
    );
    assert!(!untrusted.contains("attempts"), "{untrusted}"); // it stays untrusted
}

#[test]
fn the_mock_apis_authority_is_trusted_in_the_same_way() {
    let tls = Tls::self_signed(&[]).unwrap();
    let mut authority = tempfile::NamedTempFile::new().unwrap();
    let pem = tls.authority_pem().unwrap();
    authority.write_all(pem.as_bytes()).unwrap();
    let api = MockApi::builder().tls(tls).token(TOKEN).start().unwrap();

    let file = authority.path().to_str().unwrap();
    let outcome = list_with(&[("SSL_CERT_FILE", file)], &api.base_url());

    assert_eq!(outcome, "0 webhooks");
    assert_eq!(api.calls().len(), 1);
}

/// A certificate for 127.0.0.1, and a file that makes it a root certificate.
struct SelfSigned {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    pem: tempfile::NamedTempFile,
}

impl SelfSigned {
    fn path(&self) -> &str {
        self.pem.path().to_str().unwrap()
    }
}

fn self_signed() -> SelfSigned {
    let names = vec!["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let mut pem = tempfile::NamedTempFile::new().unwrap();
    let base64 = BASE64_STANDARD.encode(cert.der());
    writeln!(
        pem,
        "-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----"
    )
    .unwrap();
    SelfSigned {
        certificate: cert.der().clone(),
        key: signing_key.serialize_der(),
        pem,
    }
}

/// A server that answers each connection with an empty list; returns its base URL.
fn serve_tls(identity: &SelfSigned) -> String {
    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{\"data\": []}";

    let key = PrivateKeyDer::try_from(identity.key.clone()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let connection = connection.unwrap();
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(session, connection);
            // A client that does not trust the certificate hangs up: the next may trust it.
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() {
                stream.write_all(ANSWER).unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    base_url
}
