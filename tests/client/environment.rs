//! What the client takes from its environment: proxies and root certificates.
//!
//! Both are read from environment variables when a client first connects, so each test lets a
//! process of its own make a call.

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::proxies::{http_proxy, socks5_proxy};
use crate::raw_server::{RawServer, json};
use crate::{TOKEN, persistent, shown, webhooks_at};

const BASE_URL: &str = "TEST_BASE_URL";
const OUTCOME: &str = "outcome: ";

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

/// Lists webhooks in a process with these environment variables, and no root certificates unless
/// they set some; says what came of it.
#[track_caller]
fn list_with(variables: &[(&str, &str)], base_url: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args("--exact environment::list_webhooks --ignored --nocapture".split(' '))
        .env_clear()
        .env(BASE_URL, base_url)
        .env("SSL_CERT_FILE", "/dev/null")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let outcome = stdout.lines().find_map(|line| line.strip_prefix(OUTCOME));
    outcome.expect("the process says the outcome").to_owned()
}

const API: &str = "https://api.example";

#[test]
fn server_on_this_machine_is_called_without_a_proxy_and_without_root_certificates() {
    let proxy = RawServer::answering_json("200 OK", "{}");
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let variables = ["HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY"];

    let outcome = list_with(
        &variables.map(|name| (name, &*proxy.origin)),
        &server.origin,
    );

    assert_eq!(outcome, "0 webhooks");
    assert!(proxy.is_untouched());
}

#[test]
fn proxy_with_credentials_tunnels_to_the_api_resolves_its_name_and_never_sees_the_token() {
    let certificate = SelfSigned::new("api.example", |_params| {});
    let server = certificate.serve().address;
    let credentials = BASE64_STANDARD.encode("user:s3cret").to_lowercase();
    let credentials = format!("\r\nproxy-authorization: basic {credentials}\r\n");
    let connect = ["connect api.example:443 http/1.1\r\n", &credentials];
    let socks = ["user:s3cret@", "@api.example:443"];

    for (variable, scheme, proxy, parts) in [
        ("HTTPS_PROXY", "", http_proxy(server), connect),
        ("https_proxy", "socks5://", socks5_proxy(server), socks),
        ("https_proxy", "socks5h://", socks5_proxy(server), socks),
    ] {
        let value = format!("{scheme}user:s3cret@{}", proxy.address);

        let outcome = list_with(&[(variable, &value), certificate.as_root()], API);

        assert_eq!(outcome, "0 webhooks", "{value}");
        let request = proxy.request();
        assert!(parts.iter().all(|part| request.contains(part)), "{request}");
        assert!(!request.contains(TOKEN), "{request}");
    }
}

#[test]
fn failure_of_a_proxy_names_the_proxy_without_its_password() {
    let roots = SelfSigned::new("api.example", |_params| {});
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let unreachable = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let socks = unreachable.replace("http", "socks5");
    let answering = |status: &str| RawServer::answering_json(status, "").origin;
    let required = "the proxy requires a valid user name and password";
    let refused = "the proxy refused to connect to the API";
    let silent = RawServer::answering("").origin;
    let cases = [
        (answering("407 Proxy Authentication Required"), required),
        (answering("403 Forbidden"), refused),
        (silent, "the proxy closed the connection"),
        (unreachable, "cannot connect to the proxy: "),
        (socks, "error connecting to socks proxy: "),
    ];

    for (proxy, problem) in cases {
        let value = proxy.replace("://", "://user:s3cret@");

        let outcome = list_with(&[("HTTPS_PROXY", &value), roots.as_root()], API);

        let said =
            format!("no answer from {API} through the proxy {proxy} (HTTPS_PROXY): {problem}");
        assert!(outcome.contains(&said), "{outcome}");
        assert!(!outcome.contains("s3cret"), "{outcome}");
    }
}

#[test]
fn client_that_cannot_be_set_up_names_the_variable() {
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    let directories = format!("/no/such:{empty}");
    let ftp = "ftp://user:s3cret@proxy.example";
    let no_proxy = "the environment variable HTTPS_PROXY is not a valid proxy: its scheme must be \
                    http, https, socks5 or socks5h"
        .to_owned();
    let no_roots = |why| format!("No CA certificates were loaded from the system ({why})");
    let unreadable = "cannot be read: No such file or directory (os error 2)";
    let no_file = format!("SSL_CERT_FILE=/no/such.pem {unreadable}");
    let none = "SSL_CERT_FILE=/dev/null contains no certificate".to_owned();
    let no_directory = format!(
        "{none}; SSL_CERT_DIR=/no/such {unreadable}; SSL_CERT_DIR={empty} contains no certificate"
    );
    let cases = [
        ("HTTPS_PROXY", ftp, no_proxy),
        ("SSL_CERT_FILE", "/dev/null", no_roots(none)),
        ("SSL_CERT_FILE", "/no/such.pem", no_roots(no_file)),
        ("SSL_CERT_DIR", &directories, no_roots(no_directory)),
    ];

    for (variable, value, expected) in cases {
        let expected = format!("the HTTP client could not be set up: {expected}");
        assert_eq!(list_with(&[(variable, value)], API), expected);
    }
}

#[test]
fn certificate_is_accepted_if_trusted_or_described_in_words_and_not_tried_again() {
    let right: Change = |_params| {};
    let ca: Change = |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let expired: Change = |params| params.not_after = rcgen::date_time_ymd(2001, 2, 3);
    let for_clients: Change =
        |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let host = "127.0.0.1";
    let stranger = SelfSigned::new(host, right);
    let directories = format!("{}:/no/such", stranger.directory.path().display());
    let other_file = Some(stranger.as_root());
    let other_directory = Some(("SSL_CERT_DIR", &*directories));
    let refused = |problem| format!(": the server's certificate {problem}");
    let untrusted = "was issued by an authority that this machine does not trust; ";
    let too_old = "is not accepted: certificate expired: ";
    let other_name = "is not accepted: certificate not valid for name \"127.0.0.1\"; ";
    let cases = [
        (host, right, None, "0 webhooks".to_owned()),
        (host, ca, None, refused("is a CA certificate; ")),
        (host, expired, None, refused(too_old)),
        ("other.example", right, None, refused(other_name)),
        (host, for_clients, None, refused("is not accepted: ")),
        (host, right, other_file, refused(untrusted)),
        (host, right, other_directory, refused(untrusted)),
    ];

    for (host, change, roots, expected) in cases {
        let certificate = SelfSigned::new(host, change);
        let base_url = format!("https://{}", certificate.serve().address);

        let outcome = list_with(&[roots.unwrap_or(certificate.as_root())], &base_url);

        assert!(outcome.contains(&expected), "{outcome}");
        let named = outcome.contains("SSL_CERT_DIR=/no/such cannot be read: ");
        assert_eq!(named, roots == other_directory, "{outcome}");
        for jargon in ["Other", "invalid peer", "UsedAs", "attempts"] {
            assert!(!outcome.contains(jargon), "{outcome}");
        }
    }
}

/// What differs from a usual certificate.
type Change = fn(&mut CertificateParams);

/// A server's certificate, and a file that makes it a root certificate.
struct SelfSigned {
    server: Arc<ServerConfig>,
    pem: PathBuf,
    directory: TempDir,
}

impl SelfSigned {
    fn new(host: &str, change: Change) -> Self {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let pem = directory.path().join("root.pem");
        let base64 = BASE64_STANDARD.encode(certificate.der());
        let text = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
        fs::write(&pem, text).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let server = ServerConfig::builder().with_no_client_auth();
        let server = server.with_single_cert(vec![certificate.der().clone()], key);
        Self {
            server: Arc::new(server.unwrap()),
            pem,
            directory,
        }
    }

    /// The environment variable that makes it the only root certificate.
    fn as_root(&self) -> (&'static str, &str) {
        ("SSL_CERT_FILE", self.pem.to_str().unwrap())
    }

    /// A server that answers each connection with an empty list.
    fn serve(&self) -> RawServer {
        let config = Arc::clone(&self.server);
        RawServer::start(move |connection, _requests| {
            let session = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            let mut stream = StreamOwned::new(session, connection);
            // A client that does not trust the certificate hangs up.
            let _length = stream.read(&mut [0; 4096])?;
            stream.write_all(json("200 OK", r#"{"data": []}"#).as_bytes())?;
            stream.conn.send_close_notify();
            stream.flush()
        })
    }
}
