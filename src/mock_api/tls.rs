//! HTTPS: a certificate made for this process, or one from files.

use crate::mock_api::model::MockError;
use crate::mock_api::model::keys::pem;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
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

impl Tls {
    /// A certificate for `localhost`, `127.0.0.1`, `::1` and these hosts, which is its own
    /// authority and can sign no other.
    ///
    /// # Errors
    /// A host that no certificate can name.
    pub fn self_signed(hosts: &[String]) -> Result<Self, MockError> {
        let (certificate, key) =
            make(hosts).map_err(|error| invalid("the certificate could not be made", error))?;
        Ok(Self {
            authority: Some(pem("CERTIFICATE", &certificate)),
            config: server_config(vec![certificate], key)?,
        })
    }

    /// The certificate (with those between it and its authority) and the private key of PEM texts.
    ///
    /// # Errors
    /// A text is not PEM of that kind, or the two do not belong together.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, MockError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| invalid("the certificate cannot be read", error))?;
        if chain.is_empty() {
            return Err(MockError::invalid("there is no certificate in the file"));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| invalid("the private key cannot be read", error))?;
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

type Pair = (CertificateDer<'static>, PrivateKeyDer<'static>);

fn make(hosts: &[String]) -> Result<Pair, rcgen::Error> {
    let always = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let hosts: Vec<String> = always.iter().chain(hosts).cloned().collect();
    let mut params = CertificateParams::new(hosts)?;
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "realtimekit-mock-api, for one run");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    params.not_before = now - DAY; // clocks differ
    params.not_after = now + 365 * DAY;
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Ok((certificate.into(), key))
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, MockError> {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
    let unusable = "the certificate and the key cannot be used";
    let mut config = config.map_err(|error| invalid(unusable, error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn invalid(what: &str, error: impl std::error::Error) -> MockError {
    MockError::invalid(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_files() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (
            pem("CERTIFICATE", certificate.der()),
            pem("PRIVATE KEY", &key.serialize_der()),
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
            refused.err().unwrap().to_string()
        };

        assert!(refused("", &key).contains("no certificate in the file"));
        assert!(refused(&certificate, &certificate).contains("the private key cannot be read"));
        assert!(refused(&certificate, &other_key).contains("cannot be used"));
    }
}
