//! Descriptions of certificates that are refused and of root certificates that cannot be loaded.

use std::error::Error;
use std::path::Path;
use std::{env, fs, io};

use rustls::CertificateError;
use rustls::pki_types::UnixTime;
use time::OffsetDateTime;

/// Whether the cause is that the server's certificate is not trusted.
pub(super) fn is_about_certificate(cause: &(dyn Error + 'static)) -> bool {
    matches!(find(cause), Some(rustls::Error::InvalidCertificate(_)))
}

/// Describes the cause, if it is about a certificate.
pub(super) fn describe(cause: &(dyn Error + 'static)) -> Option<String> {
    match find(cause)? {
        // A signature is bad if this machine trusts another authority of the same name.
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => {
            let problems = root_certificate_problems(false).join("; ");
            Some(format!("{UNKNOWN_ISSUER}{}", in_parentheses(&problems)))
        }
        rustls::Error::InvalidCertificate(error) => Some(describe_certificate_error(error)),
        rustls::Error::General(text) if text.starts_with("No CA certificates were loaded") => {
            let problems = root_certificate_problems(true).join("; ");
            Some(format!("{text}{}", in_parentheses(&problems)))
        }
        _ => None,
    }
}

const UNKNOWN_ISSUER: &str = "the server's certificate was issued by an authority that this \
    machine does not trust; if a proxy inspects TLS, install its CA certificate or name it in \
    SSL_CERT_FILE";

/// The chain of causes leaves out what an I/O error was made from, so that is looked at.
fn find<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    match cause.downcast_ref::<io::Error>() {
        Some(error) => find(error.get_ref()?),
        None => cause.downcast_ref(),
    }
}

fn describe_certificate_error(error: &CertificateError) -> String {
    match error {
        CertificateError::ExpiredContext { time, not_after } => format!(
            "the server's certificate expired on {} (the clock of this machine says {})",
            date(*not_after),
            date(*time)
        ),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the server's certificate is not valid before {} (the clock of this machine says {})",
            date(*not_before),
            date(*time)
        ),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let names: Vec<&str> = presented.iter().map(|name| plain_name(name)).collect();
            let names = match names.is_empty() {
                true => "no host".to_owned(),
                false => names.join(", "),
            };
            format!(
                "the server's certificate is valid for {names}, not for {}",
                expected.to_str()
            )
        }
        CertificateError::BadEncoding => "the server's certificate is malformed".to_owned(),
        CertificateError::Revoked => "the server's certificate has been revoked".to_owned(),
        CertificateError::Other(other) => describe_other(&*other.0),
        other => format!("the server's certificate is not valid: {other}"),
    }
}

fn describe_other(error: &(dyn Error + Send + Sync + 'static)) -> String {
    use webpki::Error::{CaUsedAsEndEntity, EndEntityUsedAsCa, NameConstraintViolation};

    match error.downcast_ref() {
        Some(CaUsedAsEndEntity) => {
            "the server's certificate is a CA certificate; the server needs \
                                    one that is issued by that CA for its host name"
                .to_owned()
        }
        Some(EndEntityUsedAsCa) => "the server's certificate was issued by a certificate that is \
                                    not a CA certificate"
            .to_owned(),
        Some(NameConstraintViolation) => {
            "the server's certificate was issued by a CA that may not \
                                          issue certificates for this host name"
                .to_owned()
        }
        _ => format!("the server's certificate is not valid: {error}"),
    }
}

/// The name in what webpki presents as `DnsName("example.com")`.
fn plain_name(presented: &str) -> &str {
    let name = presented.split_once('(').map(|(_kind, name)| name);
    name.map_or(presented, |name| name.trim_matches(['"', ')']))
}

/// The day, in UTC.
fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match OffsetDateTime::from_unix_timestamp(seconds) {
        Ok(time) => time.date().to_string(),
        Err(_) => format!("{seconds} s after 1970"), // the year has more than four digits
    }
}

/// Why `SSL_CERT_FILE` and `SSL_CERT_DIR` cannot be read; if nothing was loaded, also which of
/// them can be read and contain no certificate.
fn root_certificate_problems(nothing_loaded: bool) -> Vec<String> {
    if !cfg!(all(unix, not(target_vendor = "apple"))) {
        return Vec::new(); // the system's own store is used, whatever the variables say
    }
    let file = env::var_os("SSL_CERT_FILE").map(|path| ("SSL_CERT_FILE", path.into()));
    let directories = env::var_os("SSL_CERT_DIR").unwrap_or_default();
    let directories = env::split_paths(&directories)
        .filter(|path| !path.as_os_str().is_empty())
        .map(|path| ("SSL_CERT_DIR", path));
    file.into_iter()
        .chain(directories)
        .filter_map(|(variable, path)| {
            let problem = match read(&path) {
                Err(error) => format!("cannot be read: {error}"),
                Ok(()) if nothing_loaded => "contains no certificate".to_owned(),
                Ok(()) => return None,
            };
            Some(format!("{variable}={} {problem}", path.display()))
        })
        .collect()
}

fn read(path: &Path) -> io::Result<()> {
    match path.is_dir() {
        true => fs::read_dir(path).map(|_entries| ()),
        false => fs::File::open(path).map(|_file| ()),
    }
}

fn in_parentheses(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(" ({text})")
}
