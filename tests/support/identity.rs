//! The certificates of either side of the connection.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::handshake::Versions;

/// A client's certificate and key.
pub(crate) struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// A certificate such as Terraform makes for each plugin it starts.
    pub(crate) fn new() -> Self {
        Self::with("localhost", false)
    }

    /// The same with another subject, or of a time that is over.
    pub(crate) fn with(common_name: &str, is_expired: bool) -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let mut certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let subject = &mut certificate.distinguished_name;
        subject.push(DnType::OrganizationName, "HashiCorp");
        subject.push(DnType::CommonName, common_name);
        certificate.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        certificate.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        certificate.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        if is_expired {
            certificate.not_before = date_time_ymd(2020, 1, 1);
            certificate.not_after = date_time_ymd(2020, 1, 2);
        }
        Self {
            certificate: certificate.self_signed(&key).unwrap().into(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }

    /// The certificate of `self` with somebody else's key.
    pub(crate) fn with_key_of(&self, other: &Self) -> Self {
        let (certificate, key) = (self.certificate.clone(), other.key.clone_key());
        Self { certificate, key }
    }

    /// What Terraform puts into `PLUGIN_CLIENT_CERT`.
    pub(crate) fn pem(&self) -> String {
        let body = BASE64_STANDARD.encode(&self.certificate);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    }
}

/// Trusts `server` and nobody else, as Terraform does, and shows `client`, if any, unasked.
pub(crate) fn client_config(
    server: CertificateDer<'static>,
    client: Option<&Identity>,
    versions: Versions,
) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(server).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match client {
        Some(Identity { certificate, key }) => {
            let key = provider.key_provider.load_private_key(key.clone_key());
            // Not checked against the certificate, so that a stranger can lack its key.
            let pair = CertifiedKey::new(vec![certificate.clone()], key.unwrap());
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}
