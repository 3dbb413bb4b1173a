//! The key pair that signs deliveries. Made when it is first needed: that takes a moment.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::sync::LazyLock;

/// Characters in a line of PEM.
const PEM_LINE: usize = 64;

/// The key pair of one running API; `None` if the system has no randomness to make one of.
pub(crate) struct SigningKey(LazyLock<Option<KeyPair>>);

impl Default for SigningKey {
    fn default() -> Self {
        Self(LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).ok()))
    }
}

impl SigningKey {
    /// The signature of a delivery's body: RSA-SHA256, in base64. `None` without a pair.
    pub(crate) fn sign(&self, body: &[u8]) -> Option<String> {
        let pair = self.0.as_ref()?;
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = SystemRandom::new();
        pair.sign(&RSA_PKCS1_SHA256, &random, body, &mut signature)
            .ok()?;
        Some(BASE64_STANDARD.encode(signature))
    }

    /// The public key as PEM, as receivers take it.
    pub(crate) fn public_pem(&self) -> Option<String> {
        let der: PublicKeyX509Der<'_> = self.0.as_ref()?.public_key().as_der().ok()?;
        Some(pem("PUBLIC KEY", der.as_ref()))
    }
}

/// DER as PEM.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(PEM_LINE);
    let lines: String = lines
        .map(|line| String::from_utf8_lossy(line) + "\n")
        .collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    #[test]
    fn public_key_verifies_only_what_the_pair_signs() {
        let key = SigningKey::default();
        let signature = BASE64_STANDARD
            .decode(key.sign(b"delivery").unwrap())
            .unwrap();

        let pem = key.public_pem().unwrap();
        let lines: Vec<&str> = pem.lines().collect();
        let [begin, text @ .., end] = lines.as_slice() else {
            panic!("{pem}")
        };
        assert_eq!(
            [*begin, *end],
            ["-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"]
        );
        let der = BASE64_STANDARD.decode(text.concat()).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der);
        public.verify(b"delivery", &signature).unwrap();
        public.verify(b"another", &signature).unwrap_err();
    }

    #[test]
    fn pair_is_stable_and_unique() {
        let key = SigningKey::default();

        assert_eq!(key.public_pem(), key.public_pem());
        assert_ne!(key.public_pem(), SigningKey::default().public_pem());
    }
}
