//! What the client takes from its environment: proxies and root certificates.
//!
//! Both are read from environment variables when a client first connects, so each test lets a
//! process of its own make a call.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use realtimekit::mock_api::{MockApi, Tls};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::proxies::TestProxy;
use crate::raw_server::RawServer;
use crate::{TOKEN, persistent, shown, webhooks_at};

const BASE_URL: &str = "TEST_BASE_URL";
const OUTCOME: &str = "outcome: ";

/// The environment that the tests start from: no proxy, no root certificates.
const NOTHING: [(&str, &str); 9] = [
    ("HTTPS_PROXY", ""),
    ("https_proxy", ""),
    ("HTTP_PROXY", ""),
    ("http_proxy", ""),
    ("ALL_PROXY", ""),
    ("NO_PROXY", ""),
    ("no_proxy", ""),
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

const API: &str = "https://api.example";

#[test]
fn server_on_this_machine_is_called_without_a_proxy_and_without_root_certificates() {
    let proxy = RawServer::answering_json("200 OK", "{}");
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let variables = [
        ("HTTP_PROXY", proxy.origin.as_str()),
        ("ALL_PROXY", &proxy.origin),
        ("HTTPS_PROXY", &proxy.origin),
    ];

    assert_eq!(list_with(&variables, &server.origin), "0 webhooks");
    assert!(proxy.is_untouched());
}

#[test]
fn http_proxy_with_credentials_tunnels_to_the_api_and_never_sees_the_token() {
    let certificate = certificate_for("api.example");
    let proxy = TestProxy::http(serve_tls(&certificate));
    let value = format!("user:s3cret@{}", proxy.address);

    let outcome = list_with(
        &[
            ("HTTPS_PROXY", &value),
            ("SSL_CERT_FILE", certificate.path()),
        ],
        API,
    );

    assert_eq!(outcome, "0 webhooks");
    let request = proxy.request();
    let start = "CONNECT api.example:443 HTTP/1.1\r\n";
    assert!(request.starts_with(start), "{request}");
    let credentials = BASE64_STANDARD.encode("user:s3cret");
    let header = format!("-authorization: Basic {credentials}\r\n");
    assert!(request.contains(&header), "{request}");
    assert!(!request.contains(TOKEN), "{request}");
}

#[test]
fn socks_proxy_tunnels_to_the_api_and_resolves_its_name() {
    let certificate = certificate_for("api.example");
    let proxy = TestProxy::socks5(serve_tls(&certificate));

    for scheme in ["socks5", "socks5h"] {
        let value = format!("{scheme}://user:s3cret@{}", proxy.address);
        let outcome = list_with(
            &[
                ("https_proxy", &value),
                ("SSL_CERT_FILE", certificate.path()),
            ],
            API,
        );

        assert_eq!(outcome, "0 webhooks", "{scheme}");
        assert_eq!(proxy.request(), "user:s3cret@api.example:443");
    }
}

#[test]
fn failure_of_a_proxy_names_the_proxy_without_its_password() {
    let roots = certificate_for("api.example");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let unreachable = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let answering = |answer: &str| RawServer::answering(answer).origin;
    let required = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    let socks = unreachable.replace("http", "socks5");
    let cases = [
        (
            answering(required),
            "the proxy requires a valid user name and password",
        ),
        (
            answering(refused),
            "the proxy refused to connect to the API",
        ),
        (answering(""), "the proxy closed the connection"),
        (unreachable, "cannot connect to the proxy: "),
        (socks, "error connecting to socks proxy: "),
    ];

    for (proxy, problem) in cases {
        let value = proxy.replace("://", "://user:s3cret@");
        let outcome = list_with(
            &[("HTTPS_PROXY", &value), ("SSL_CERT_FILE", roots.path())],
            API,
        );

        let expected =
            format!(" got no answer from {API} through the proxy {proxy} (HTTPS_PROXY): {problem}");
        assert!(outcome.contains(&expected), "{outcome}");
        assert!(!outcome.contains("s3cret"), "{outcome}");
    }
}

#[test]
fn client_that_cannot_be_set_up_names_the_variable() {
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    let directories = format!("/no/such:{empty}");
    let no_roots =
        |problems: &str| format!("No CA certificates were loaded from the system ({problems})");
    let unreadable = "cannot be read: No such file or directory (os error 2)";
    let contains = "contains no certificate";
    let cases = [
        (
            ("HTTPS_PROXY", "ftp://user:s3cret@proxy.example"),
            "the environment variable HTTPS_PROXY is not a valid proxy: its scheme must be http, \
             https, socks5 or socks5h"
                .to_owned(),
        ),
        (
            ("SSL_CERT_FILE", "/dev/null"),
            no_roots(&format!("SSL_CERT_FILE=/dev/null {contains}")),
        ),
        (
            ("SSL_CERT_FILE", "/no/such.pem"),
            no_roots(&format!("SSL_CERT_FILE=/no/such.pem {unreadable}")),
        ),
        (
            ("SSL_CERT_DIR", &directories),
            no_roots(&format!(
                "SSL_CERT_FILE=/dev/null {contains}; SSL_CERT_DIR=/no/such {unreadable}; \
                 SSL_CERT_DIR={empty} {contains}"
            )),
        ),
    ];

    for (variable, expected) in cases {
        let expected = format!("the HTTP client could not be set up: {expected}");
        assert_eq!(list_with(&[variable], API), expected);
    }
}

#[test]
fn certificate_of_a_trusted_authority_is_accepted() {
    let certificate = certificate_for("127.0.0.1");
    let tls = Tls::self_signed(&[]).unwrap();
    let mut authority = tempfile::NamedTempFile::new().unwrap();
    let pem = tls.authority_pem();
    authority.write_all(pem.as_bytes()).unwrap();
    let api = MockApi::builder().tls(tls).token(TOKEN).start().unwrap();

    let own = format!("https://{}", serve_tls(&certificate));
    let mock_path = authority.path().to_str().unwrap();
    for (path, base_url) in [(certificate.path(), own), (mock_path, api.base_url())] {
        let outcome = list_with(&[("SSL_CERT_FILE", path)], &base_url);

        assert_eq!(outcome, "0 webhooks");
    }
}

#[test]
fn certificate_that_is_refused_is_described_in_words_and_not_tried_again() {
    let ca = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    let expired = |params: &mut CertificateParams| {
        params.not_after = rcgen::date_time_ymd(2001, 2, 3);
    };
    let client = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    let stranger = certificate_for("127.0.0.1");
    let directory = stranger.directory.path().to_str().unwrap();
    let untrusted = "was issued by an authority that this machine does not trust; ";
    let own = |certificate: SelfSigned, problem| {
        let path = certificate.path().to_owned();
        (certificate, ("SSL_CERT_FILE", path), problem)
    };
    let cases = [
        own(certificate("127.0.0.1", ca), "is a CA certificate; "),
        own(
            certificate("127.0.0.1", expired),
            "is not accepted: certificate expired: ",
        ),
        own(
            certificate_for("other.example"),
            "is not accepted: certificate not valid for name \"127.0.0.1\"; ",
        ),
        own(certificate("127.0.0.1", client), "is not accepted: "),
        (
            certificate_for("127.0.0.1"),
            ("SSL_CERT_FILE", stranger.path().to_owned()),
            untrusted,
        ),
        (
            certificate_for("127.0.0.1"),
            ("SSL_CERT_DIR", format!("{directory}:/no/such")),
            untrusted,
        ),
    ];

    for (certificate, (variable, path), problem) in cases {
        let base_url = format!("https://{}", serve_tls(&certificate));

        let outcome = list_with(&[(variable, &path)], &base_url);

        let expected = format!(": the server's certificate {problem}");
        assert!(outcome.contains(&expected), "{outcome}");
        let named = outcome.contains("SSL_CERT_DIR=/no/such cannot be read: ");
        assert_eq!(named, path.ends_with("/no/such"), "{outcome}");
        for jargon in ["Other", "invalid peer", "UsedAs", "attempts"] {
            assert!(!outcome.contains(jargon), "{outcome}");
        }
    }
}

/// A server's certificate, and a file that makes it a root certificate.
struct SelfSigned {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    pem: PathBuf,
    directory: TempDir,
}

impl SelfSigned {
    fn path(&self) -> &str {
        self.pem.to_str().unwrap()
    }
}

fn certificate_for(host: &str) -> SelfSigned {
    certificate(host, |_params| {})
}

fn certificate(host: &str, change: fn(&mut CertificateParams)) -> SelfSigned {
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut pem = File::create(directory.path().join("root.pem")).unwrap();
    let base64 = BASE64_STANDARD.encode(certificate.der());
    writeln!(
        pem,
        "-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----"
    )
    .unwrap();
    SelfSigned {
        certificate: certificate.der().clone(),
        key: key.serialize_der(),
        pem: directory.path().join("root.pem"),
        directory,
    }
}

/// A server that answers each connection with an empty list; returns its address.
fn serve_tls(identity: &SelfSigned) -> SocketAddr {
    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{\"data\": []}";

    let key = PrivateKeyDer::try_from(identity.key.clone()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
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
    address
}
