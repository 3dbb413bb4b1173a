//! HTTPS with a certificate made for this process.

use crate::mock_api::model::MockError;
use crate::mock_api::model::keys::pem;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio_rustls::TlsAcceptor;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The certificate of the API over HTTPS.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    authority: String,
}

impl Tls {
    /// A certificate for `localhost`, `127.0.0.1`, `::1` and these hosts, which is its own
    /// authority and can sign no other. A host that no certificate can name is an error.
    pub fn self_signed(hosts: &[String]) -> Result<Self, MockError> {
        Self::generate(hosts).map_err(|error| {
            MockError::invalid(format!("the certificate could not be made: {error}"))
        })
    }

    fn generate(hosts: &[String]) -> Result<Self, Box<dyn Error>> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let certificate = params(hosts)?.self_signed(&key)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let chain = vec![certificate.der().clone()];
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            authority: pem("CERTIFICATE", certificate.der()),
        })
    }

    /// The certificate that clients must trust, as PEM.
    pub fn authority_pem(&self) -> &str {
        &self.authority
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

fn params(hosts: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let always = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new([&always, hosts].concat())?;
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "realtimekit-mock-api, for one run");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    params.not_before = now - DAY; // clocks differ
    params.not_after = now + 365 * DAY;
    Ok(params)
}
