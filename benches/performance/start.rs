//! From the start of the process to its handshake line, mutual TLS included.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{Error, PROVIDER, process, table::median};

/// What a start takes.
pub(crate) struct Start {
    /// A program that does nothing, from start to end.
    pub(crate) nothing: Duration,
    pub(crate) handshake: Duration,
    /// Resident memory after the handshake line, in KiB.
    pub(crate) resident: u64,
}

/// Medians of so many pairs.
pub(crate) fn measure(pairs: usize) -> Result<Start, Error> {
    let certificate = certificate()?;
    let mut nothing = Vec::new();
    let mut handshakes = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..pairs {
        let start = Instant::now();
        Command::new("/bin/true").status()?;
        nothing.push(start.elapsed());

        let start = Instant::now();
        let mut provider = provider(&certificate).spawn()?;
        read_handshake(&mut provider)?;
        handshakes.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(20)); // it may have more to do
        resident.push(process::status(provider.id(), "VmRSS").ok_or("the provider has ended")?);
        provider.kill()?;
        provider.wait()?;
    }
    Ok(Start {
        nothing: median(nothing),
        handshake: median(handshakes),
        resident: median(resident),
    })
}

/// The provider, as Terraform starts it.
fn provider(certificate: &str) -> Command {
    const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
    let mut command = Command::new(PROVIDER);
    command
        .env_clear()
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6,5")
        .env("PLUGIN_CLIENT_CERT", certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn read_handshake(provider: &mut Child) -> Result<(), Error> {
    let mut line = String::new();
    let stdout = provider.stdout.as_mut().ok_or("no stdout")?;
    BufReader::new(stdout).read_line(&mut line)?;
    match line.split('|').nth(5) {
        Some(certificate) if certificate.len() > 100 => Ok(()),
        _ => Err(format!("this is no handshake with a certificate: {line:?}").into()),
    }
}

/// A certificate such as Terraform makes.
fn certificate() -> Result<String, Error> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512)?;
    let parameters = rcgen::CertificateParams::new(["localhost".to_owned()])?;
    let body = BASE64_STANDARD.encode(parameters.self_signed(&key)?.der());
    Ok(format!(
        "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    ))
}
