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
use crate::retries::persistent;
use crate::{TOKEN, shown, webhooks_at};

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

#[test]
fn a_proxy_of_the_environment_is_used_and_never_sees_the_token() {
    let roots = certificate_for("api.example");
    let proxy = RawServer::answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");

    let outcome = list_with(
        &[
            ("HTTPS_PROXY", &proxy.origin),
            ("SSL_CERT_FILE", roots.path()),
        ],
        "https://api.example",
    );

    assert!(
        outcome.contains("got no answer from https://api.example through the proxy http://"),
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
fn http_proxy_with_credentials_tunnels_to_the_api() {
    let certificate = certificate_for("api.example");
    let proxy = TestProxy::http(serve_tls(&certificate));

    let outcome = list_with(
        &[
            ("HTTPS_PROXY", &format!("user:s3cret@{}", proxy.address)),
            ("SSL_CERT_FILE", certificate.path()),
        ],
        "https://api.example",
    );

    assert_eq!(outcome, "0 webhooks");
    let request = proxy.request();
    assert!(
        request.starts_with("CONNECT api.example:443 HTTP/1.1\r\n"),
        "{request}"
    );
    let credentials = BASE64_STANDARD.encode("user:s3cret");
    assert!(
        request.contains(&format!("-authorization: Basic {credentials}\r\n")),
        "{request}"
    );
    assert!(!request.contains(TOKEN), "{request}");
}

#[test]
fn socks_proxy_tunnels_to_the_api_and_resolves_its_name() {
    let certificate = certificate_for("api.example");
    let proxy = TestProxy::socks5(serve_tls(&certificate));

    for scheme in ["socks5", "socks5h"] {
        let outcome = list_with(
            &[
                (
                    "https_proxy",
                    &format!("{scheme}://user:s3cret@{}", proxy.address),
                ),
                ("SSL_CERT_FILE", certificate.path()),
            ],
            "https://api.example",
        );

        assert_eq!(outcome, "0 webhooks", "{scheme}");
        assert_eq!(proxy.request(), "user:s3cret@api.example:443");
    }
}

#[test]
fn all_proxy_and_hosts_of_no_proxy_are_called_directly() {
    let roots = certificate_for("api.invalid");
    let proxy = RawServer::answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let environments = [
        [("ALL_PROXY", proxy.origin.as_str()), ("NO_PROXY", "")],
        [
            ("HTTPS_PROXY", proxy.origin.as_str()),
            ("NO_PROXY", "*.invalid:443"),
        ],
    ];

    for [proxy_variable, no_proxy] in environments {
        let outcome = list_with(
            &[proxy_variable, no_proxy, ("SSL_CERT_FILE", roots.path())],
            "https://api.invalid",
        );

        assert!(outcome.contains("got no answer from"), "{outcome}");
        assert!(!outcome.contains("proxy"), "{outcome}");
    }
    assert!(proxy.is_untouched());
}

#[test]
fn malformed_proxy_is_an_error_that_names_the_variable_and_not_its_value() {
    let outcome = list_with(
        &[("HTTPS_PROXY", "ftp://user:s3cret@proxy.example")],
        "https://api.example",
    );

    assert_eq!(
        outcome,
        "the HTTP client could not be set up: the environment variable HTTPS_PROXY is not a valid \
         proxy: its scheme must be http, https, socks5 or socks5h"
    );
}

#[test]
fn failure_of_a_proxy_names_the_proxy_without_its_password() {
    let roots = certificate_for("api.example");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let unreachable = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let required = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    let required = RawServer::answering(required).origin;
    let refused = RawServer::answering(refused).origin;
    let silent = RawServer::answering("").origin;
    let socks = unreachable.replace("http", "socks5");
    let cases = [
        (
            required,
            "the proxy requires a valid user name and password",
        ),
        (refused, "the proxy refused to connect to the API"),
        (silent, "the proxy closed the connection"),
        (unreachable, "cannot connect to the proxy: "),
        (socks, "error connecting to socks proxy: "),
    ];

    for (proxy, problem) in cases {
        let value = proxy.replace("://", "://user:s3cret@");
        let outcome = list_with(
            &[("HTTPS_PROXY", &value), ("SSL_CERT_FILE", roots.path())],
            "https://api.example",
        );

        let expected = format!(" through the proxy {proxy} (HTTPS_PROXY): {problem}");
        assert!(outcome.contains(&expected), "{outcome}");
        assert!(!outcome.contains("s3cret"), "{outcome}");
    }
}

#[test]
fn a_system_without_root_certificates_is_an_error_that_says_so() {
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    let cases = [
        (
            "/dev/null",
            "",
            "SSL_CERT_FILE=/dev/null contains no certificate".to_owned(),
        ),
        (
            "/no/such.pem",
            "",
            "SSL_CERT_FILE=/no/such.pem cannot be read: No such file or directory (os error 2)"
                .to_owned(),
        ),
        (
            "/dev/null",
            &format!("/no/such:{empty}"),
            format!(
                "SSL_CERT_FILE=/dev/null contains no certificate; SSL_CERT_DIR=/no/such cannot be \
                 read: No such file or directory (os error 2); SSL_CERT_DIR={empty} contains no \
                 certificate"
            ),
        ),
    ];

    for (file, directories, problems) in cases {
        let outcome = list_with(
            &[("SSL_CERT_FILE", file), ("SSL_CERT_DIR", directories)],
            "https://api.example",
        );

        let expected = format!(
            "the HTTP client could not be set up: No CA certificates were loaded from the system \
             ({problems})"
        );
        assert_eq!(outcome, expected);
    }
}

#[test]
fn certificate_of_a_trusted_authority_is_accepted() {
    let certificate = certificate_for("127.0.0.1");
    let base_url = format!("https://{}", serve_tls(&certificate));

    let outcome = list_with(&[("SSL_CERT_FILE", certificate.path())], &base_url);

    assert_eq!(outcome, "0 webhooks");
}

#[test]
fn certificate_of_an_unknown_authority_is_refused_and_unreadable_roots_are_named() {
    let base_url = format!("https://{}", serve_tls(&certificate_for("127.0.0.1")));
    let stranger = certificate_for("127.0.0.1");
    let directory = stranger.directory.path().to_str().unwrap();

    let untrusted = list_with(&[("SSL_CERT_FILE", stranger.path())], &base_url);
    let unreadable = list_with(
        &[
            ("SSL_CERT_FILE", "/no/such.pem"),
            ("SSL_CERT_DIR", directory),
        ],
        &base_url,
    );

    let expected = "the server's certificate was issued by an authority that this machine does not \
                    trust; ";
    assert!(untrusted.contains(expected), "{untrusted}");
    assert!(!untrusted.contains("cannot be read"), "{untrusted}");
    assert!(!untrusted.contains("attempts"), "{untrusted}"); // it stays untrusted
    assert!(unreadable.contains(expected), "{unreadable}");
    assert!(
        unreadable.contains("(SSL_CERT_FILE=/no/such.pem cannot be read: "),
        "{unreadable}"
    );
}

#[test]
fn unusable_certificate_is_described_in_words_and_not_tried_again() {
    let ca = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    let expired = |params: &mut CertificateParams| {
        params.not_after = rcgen::date_time_ymd(2001, 2, 3);
    };
    let early = |params: &mut CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2999, 2, 3);
    };
    let client = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    let cases: [(SelfSigned, &str); 5] = [
        (
            certificate("127.0.0.1", ca),
            "the server's certificate is a CA certificate; ",
        ),
        (
            certificate("127.0.0.1", expired),
            "the server's certificate is not accepted: certificate expired: ",
        ),
        (
            certificate("127.0.0.1", early),
            "the server's certificate is not accepted: certificate not valid yet: ",
        ),
        (
            certificate_for("other.example"),
            "the server's certificate is not accepted: certificate not valid for name \"127.0.0.1\"; ",
        ),
        (
            certificate("127.0.0.1", client),
            "the server's certificate is not accepted: ",
        ),
    ];

    for (certificate, problem) in cases {
        let base_url = format!("https://{}", serve_tls(&certificate));

        let outcome = list_with(&[("SSL_CERT_FILE", certificate.path())], &base_url);

        assert!(outcome.contains(&format!(": {problem}")), "{outcome}");
        for jargon in ["Other", "invalid peer", "UsedAs", "attempts"] {
            assert!(!outcome.contains(jargon), "{outcome}");
        }
    }
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
