//! HTTPS: a certificate made for this process, or one from files.

use crate::mock_api::model::keys::pem as pem_text;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio_rustls::TlsAcceptor;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The certificate of the API over HTTPS.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    authority: Option<String>,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate cannot be read.
    #[error("the certificate cannot be read: {0}")]
    Certificate(#[source] pem::Error),
    /// The file has no certificate.
    #[error("there is no certificate in the file")]
    NoCertificate,
    /// The private key cannot be read.
    #[error("the private key cannot be read: {0}")]
    Key(#[source] pem::Error),
    /// Certificate and key cannot be used, or not with each other.
    #[error("the certificate and the key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// The certificate could not be made.
    #[error("the certificate could not be made: {0}")]
    Making(#[from] rcgen::Error),
}

impl Tls {
    /// A certificate for `localhost`, `127.0.0.1`, `::1` and these hosts, from an authority
    /// that signs nothing else, since its key is not kept.
    ///
    /// # Errors
    /// A host that no certificate can name.
    pub fn self_signed(hosts: &[String]) -> Result<Self, TlsError> {
        let (authority, issuer) = authority()?;
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let certificate = server_params(hosts)?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        Ok(Self {
            config: server_config(vec![certificate.into()], key)?,
            authority: Some(pem_text("CERTIFICATE", &authority)),
        })
    }

    /// The certificate (with those between it and its authority) and the private key of PEM texts.
    ///
    /// # Errors
    /// A text is not PEM of that kind, or the two do not belong together.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(TlsError::Certificate)?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        Ok(Self {
            config: server_config(chain, key)?,
            authority: None,
        })
    }

    /// The certificate that clients must trust, as PEM, if it was made here.
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

/// Without the key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made_here = self.authority.is_some();
        f.debug_struct("Tls")
            .field("made_here", &made_here)
            .finish_non_exhaustive()
    }
}

fn authority() -> Result<(CertificateDer<'static>, Issuer<'static, KeyPair>), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = named("realtimekit-mock-api, an authority for one run")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let certificate = params.self_signed(&key)?;
    Ok((certificate.into(), Issuer::new(params, key)))
}

fn server_params(hosts: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let mut params = named("realtimekit-mock-api")?;
    let always = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let hosts: Vec<String> = always.iter().chain(hosts).cloned().collect();
    params.subject_alt_names = CertificateParams::new(hosts)?.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn named(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::now_utc();
    params.not_before = now - DAY; // clocks differ
    params.not_after = now + 365 * DAY;
    Ok(params)
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_files() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (
            pem_text("CERTIFICATE", certificate.der()),
            pem_text("PRIVATE KEY", &key.serialize_der()),
        )
    }

    #[test]
    fn own_certificate_has_no_authority() {
        let (certificate, key) = own_files();

        let tls = Tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();

        assert_eq!(tls.authority_pem(), None);
    }

    #[test]
    fn invalid_certificate_or_key_is_refused_with_the_reason() {
        let (certificate, key) = own_files();
        let (_, other_key) = own_files();
        let refused = |certificate: &str, key: &str| {
            let refused = Tls::from_pem(certificate.as_bytes(), key.as_bytes());
            refused.unwrap_err().to_string()
        };

        assert!(refused("", &key).contains("no certificate in the file"));
        assert!(refused(&certificate, &certificate).contains("the private key cannot be read"));
        assert!(refused(&certificate, &other_key).contains("cannot be used"));
    }

    #[test]
    fn debug_output_has_neither_key_nor_certificate() {
        let tls = Tls::self_signed(&[]).unwrap();

        assert_eq!(format!("{tls:?}"), "Tls { made_here: true, .. }");
        assert!(
            tls.authority_pem()
                .unwrap()
                .starts_with("-----BEGIN CERTIFICATE")
        );
    }
}
