//! Descriptions of certificates that are refused and of root certificates that cannot be loaded.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs, io};

use rustls::CertificateError;

const UNKNOWN_ISSUER: &str = "the server's certificate was issued by an authority that this \
    machine does not trust; if a proxy inspects TLS, install its CA certificate or name it in \
    SSL_CERT_FILE";

/// Whether the cause is that the server's certificate is not trusted.
pub(super) fn is_about_certificate(cause: &(dyn Error + 'static)) -> bool {
    matches!(find(cause), Some(rustls::Error::InvalidCertificate(_)))
}

/// Describes the cause, if it is about a certificate.
pub(super) fn describe(cause: &(dyn Error + 'static)) -> Option<String> {
    use CertificateError::{BadSignature, UnknownIssuer};

    let (text, problems) = match find(cause)? {
        // A signature is bad if this machine trusts another authority of the same name.
        rustls::Error::InvalidCertificate(UnknownIssuer | BadSignature) => {
            (UNKNOWN_ISSUER, root_certificate_problems(false))
        }
        rustls::Error::InvalidCertificate(error) => {
            let problem = describe_certificate(error);
            return Some(format!("the server's certificate {problem}"));
        }
        rustls::Error::General(text) if text.starts_with("No CA certificates were loaded") => {
            (text.as_str(), root_certificate_problems(true))
        }
        _ => return None,
    };
    Some(match problems.is_empty() {
        true => text.to_owned(),
        false => format!("{text} ({})", problems.join("; ")),
    })
}

/// The chain of causes leaves out what an I/O error was made from, so that is looked at.
fn find<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    match cause.downcast_ref::<io::Error>() {
        Some(error) => find(error.get_ref()?),
        None => cause.downcast_ref(),
    }
}

/// What is wrong with the server's certificate; completes the sentence "the certificate …".
fn describe_certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::Other(other) => match other.0.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                "is a CA certificate; the server needs one that is issued by that CA".to_owned()
            }
            _ => format!("is not accepted: {}", other.0),
        },
        other => format!("is not accepted: {other}"),
    }
}

/// Why `SSL_CERT_FILE` and `SSL_CERT_DIR` cannot be read; if nothing was loaded, also which of
/// them can be read and contain no certificate.
fn root_certificate_problems(nothing_loaded: bool) -> Vec<String> {
    if !cfg!(all(unix, not(target_vendor = "apple"))) {
        return Vec::new(); // the system's own store is used, whatever the variables say
    }
    let file = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let directories = env::var_os("SSL_CERT_DIR").unwrap_or_default();
    let directories = env::split_paths(&directories).filter(|path| !path.as_os_str().is_empty());
    let files = file.into_iter().map(|path| ("SSL_CERT_FILE", path));
    let named = files.chain(directories.map(|path| ("SSL_CERT_DIR", path)));
    let problems = named.filter_map(|(variable, path)| {
        let problem = match fs::File::open(&path) {
            Err(error) => format!("cannot be read: {error}"),
            Ok(_) if nothing_loaded => "contains no certificate".to_owned(),
            Ok(_) => return None,
        };
        Some(format!("{variable}={} {problem}", path.display()))
    });
    problems.collect()
}
