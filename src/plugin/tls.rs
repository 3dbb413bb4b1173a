//! Automatic mutual TLS: two certificates that live as long as this process.
//!
//! Terraform hands over its own in the environment and gets ours in the handshake line, so each side
//! trusts one certificate, and no authority. Terraform's is self-signed, for the curve P-521, and says
//! that it is an authority, for which the usual verifier refuses it as a peer's; ours compares bytes.

use std::{env, sync::Arc, time::Duration};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName as SubjectName, ServerConfig,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{self, CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{
        NoServerSessionStorage, ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use time::OffsetDateTime;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

use super::error::Error;

/// The acceptor that lets in the client of `PLUGIN_CLIENT_CERT`, and the certificate it shows.
///
/// `None` without that variable: then the connection is not encrypted.
pub(super) fn from_env() -> Result<Option<(TlsAcceptor, CertificateDer<'static>)>, Error> {
    match env::var("PLUGIN_CLIENT_CERT") {
        Ok(pem) if !pem.is_empty() => acceptor(&pem).map(Some),
        Ok(_) | Err(env::VarError::NotPresent) => Ok(None),
        Err(error) => Err(Error::ClientCertificate(error.into())),
    }
}

/// The acceptor that lets in the client with this certificate, and the certificate it shows.
pub(super) fn acceptor(client_pem: &str) -> Result<(TlsAcceptor, CertificateDer<'static>), Error> {
    let client = client_certificate(client_pem).map_err(Error::ClientCertificate)?;
    let (key, certificate) =
        server_certificate().map_err(|e| Error::ServerCertificate(e.into()))?;
    let config = server_config(client, key, certificate.clone())
        .map_err(|e| Error::ServerCertificate(e.into()))?;
    Ok((TlsAcceptor::from(Arc::new(config)), certificate))
}

fn client_certificate(
    pem: &str,
) -> Result<CertificateDer<'static>, Box<dyn std::error::Error + Send + Sync>> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes())?;
    ParsedCertificate::try_from(&certificate)?; // otherwise no client could connect
    Ok(certificate)
}

/// What go-plugin's own servers show, but for a key that is made faster.
fn server_certificate() -> Result<(KeyPair, CertificateDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut certificate = CertificateParams::new(["localhost".to_owned()])?; // Terraform asks for this name
    certificate.distinguished_name = DistinguishedName::new();
    certificate
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    certificate.serial_number = Some(Uuid::new_v4().as_bytes().to_vec().into());
    let now = OffsetDateTime::now_utc();
    certificate.not_before = now - Duration::from_secs(60); // clocks differ
    certificate.not_after = now + 365 * Duration::from_secs(24 * 60 * 60);
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let certificate = certificate.self_signed(&key)?;
    Ok((key, certificate.into()))
}

fn server_config(
    client: CertificateDer<'static>,
    key: KeyPair,
    certificate: CertificateDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider()); // ring does not know P-521
    let client = Arc::new(PinnedClientVerifier::new(client, &provider));
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(client)
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()]; // newer clients insist on it
    config.session_storage = Arc::new(NoServerSessionStorage {}); // each connection proves itself
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Accepts one certificate and nothing else.
#[derive(Debug)]
struct PinnedClientVerifier {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl PinnedClientVerifier {
    fn new(certificate: CertificateDer<'static>, provider: &CryptoProvider) -> Self {
        Self {
            certificate,
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ClientCertVerifier for PinnedClientVerifier {
    fn root_hint_subjects(&self) -> &[SubjectName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime, // Terraform chose the certificate for this very run
    ) -> Result<ClientCertVerified, rustls::Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::UnknownIssuer.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use rustls::{ClientConfig, RootCertStore};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// An acceptor, and the only client that it accepts.
    pub(in crate::plugin) fn acceptor() -> (TlsAcceptor, TlsConnector) {
        let (key, certificate) = server_certificate().unwrap();
        let body = BASE64_STANDARD.encode(&certificate);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let (acceptor, server) = super::acceptor(&pem).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(server).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate], key)
            .unwrap();
        (acceptor, TlsConnector::from(Arc::new(config)))
    }

    #[test]
    fn terraforms_signatures_can_be_verified() {
        let (_, certificate) = server_certificate().unwrap();

        let verifier = PinnedClientVerifier::new(certificate, &aws_lc_rs::default_provider());

        let schemes = verifier.supported_verify_schemes();
        assert!(schemes.contains(&SignatureScheme::ECDSA_NISTP521_SHA512)); // TLS 1.3
        assert!(schemes.contains(&SignatureScheme::ECDSA_NISTP384_SHA384)); // TLS 1.2, same key
        assert!(verifier.client_auth_mandatory());
    }

    #[test]
    fn another_certificate_is_refused() {
        let (_, ours) = server_certificate().unwrap();
        let (_, other) = server_certificate().unwrap();
        let verifier = PinnedClientVerifier::new(ours.clone(), &aws_lc_rs::default_provider());

        assert!(
            verifier
                .verify_client_cert(&ours, &[], UnixTime::now())
                .is_ok()
        );
        assert!(
            verifier
                .verify_client_cert(&other, &[], UnixTime::now())
                .is_err()
        );
        assert!(
            verifier
                .verify_client_cert(&other, &[ours], UnixTime::now())
                .is_err()
        );
    }
}
