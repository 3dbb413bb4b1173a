//! Identifiers on their way into a path. Pure.
//!
//! Account and app identifiers are opaque. A webhook identifier is a UUID, and has to be checked for
//! it: `…/webhooks/all` is another endpoint.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::error::Error;

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Checks that an account or app identifier can be one segment of a path. The error completes the
/// sentence "the identifier …".
pub fn check_path_segment(segment: &str) -> Result<(), String> {
    // What ends, splits or encodes a path, or cannot be seen.
    let is_special =
        |c: &char| matches!(c, '/' | '\\' | '?' | '#' | '%') || c.is_whitespace() || c.is_control();
    Err(match segment.chars().find(is_special) {
        _ if segment.is_empty() => "must not be empty".to_owned(),
        _ if segment.chars().all(|c| c == '.') => "must not consist of dots only".to_owned(),
        Some(character) if character.is_whitespace() => "must not contain white space".to_owned(),
        Some(character) => format!("must not contain the character {character:?}"),
        None => return Ok(()),
    })
}

/// Whether a text is a webhook identifier: a UUID in its form with hyphens, in either case.
#[must_use]
pub fn is_webhook_id(id: &str) -> bool {
    id.len() == 36 && Uuid::try_parse(id).is_ok() // its other forms have other lengths
}

/// An identifier as a segment of a path; `name` is what the identifier is called.
pub(super) fn segment(name: &'static str, id: &str) -> Result<String, Error> {
    check_path_segment(id).map_err(|reason| Error::InvalidId(name, reason))?;
    Ok(utf8_percent_encode(id, RESERVED).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_segment_is_any_text_that_stays_one_segment() {
        let cases = [
            ("023e105f4ecef8ad9ca31a8372d0c353", Ok(())),
            ("14a396e7-ca44-4937-bf1f-050a69118543", Ok(())),
            ("a:b☎...", Ok(())),
            ("", Err("must not be empty")),
            (".", Err("must not consist of dots only")),
            ("...", Err("must not consist of dots only")),
            (" a", Err("must not contain white space")),
            ("a b", Err("must not contain white space")),
            ("a\n", Err("must not contain white space")),
            ("a%2e", Err(r"must not contain the character '%'")),
            ("a/b", Err(r"must not contain the character '/'")),
            ("a\\b", Err(r"must not contain the character '\\'")),
            ("a?b", Err(r"must not contain the character '?'")),
            ("a#b", Err(r"must not contain the character '#'")),
            ("a\0b", Err(r"must not contain the character '\0'")),
            ("a\u{85}b", Err("must not contain white space")),
            ("a\u{7f}b", Err(r"must not contain the character '\u{7f}'")),
        ];

        for (segment, expected) in cases {
            let found = check_path_segment(segment);
            assert_eq!(found, expected.map_err(str::to_owned), "{segment:?}");
        }
    }

    #[test]
    fn an_encoded_segment_has_no_character_with_a_meaning_in_a_url() {
        let encoded = segment("app ID", "a☎:@&=+~-_.").unwrap();

        assert_eq!(encoded, "a%E2%98%8E%3A%40%26%3D%2B~-_.");
    }

    #[test]
    fn a_webhook_id_is_a_hyphenated_uuid() {
        let cases = [
            ("0d1f069d-43bb-489a-ad8c-7eb95592ba8e", true),
            ("0D1F069D-43BB-489A-AD8C-7EB95592BA8E", true),
            ("all", false),
            ("", false),
            ("0d1f069d43bb489aad8c7eb95592ba8e", false),
            ("{0d1f069d-43bb-489a-ad8c-7eb95592ba8e}", false),
            ("0d1f069d-43bb-489a-ad8c-7eb95592ba8g", false),
            ("0d1f069d-43bb-489a-ad8c-7eb95592ba/..", false),
        ];

        for (id, expected) in cases {
            assert_eq!(is_webhook_id(id), expected, "{id:?}");
        }
    }
}
