//! The key that signs deliveries: RSA of 2048 bits, made when it is first asked for.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Signs with a key of its own, which no `Debug` shows.
#[derive(Default)]
pub(super) struct Signer {
    key: Mutex<Option<KeyPair>>,
}

impl Signer {
    /// The signature of `message` with RSA-SHA256, in base64.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, Unspecified> {
        self.with_key(|key| {
            let mut signature = vec![0; key.public_modulus_len()];
            let random = SystemRandom::new();
            key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
            Ok(BASE64_STANDARD.encode(signature))
        })
    }

    /// The public key as a DER `SubjectPublicKeyInfo`.
    pub(super) fn public_key(&self) -> Result<Vec<u8>, Unspecified> {
        self.with_key(|key| {
            let der: PublicKeyX509Der<'_> = key.public_key().as_der()?;
            Ok(der.as_ref().to_vec())
        })
    }

    fn with_key<T>(
        &self,
        act: impl FnOnce(&KeyPair) -> Result<T, Unspecified>,
    ) -> Result<T, Unspecified> {
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let made = match key.take() {
            Some(made) => made,
            None => KeyPair::generate(KeySize::Rsa2048)?,
        };
        act(key.insert(made))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}
