//! The Unicode form in which Terraform compares texts.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// A text of the API in Unicode NFC, as Terraform sends and stores every text.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}
