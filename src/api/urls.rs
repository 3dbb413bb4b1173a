//! The URLs of webhooks, whose spelling may differ where their meaning does not. Pure.

use reqwest::Url;

/// Whether two spellings mean one URL: `https://Example.com` and `https://example.com/`.
#[must_use]
pub fn same_url(one: &str, other: &str) -> bool {
    one == other || normal_url(one) == normal_url(other)
}

/// The one spelling of all that mean the same; what is no URL stays as it is.
pub(super) fn normal_url(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_url_are_the_same() {
        assert!(same_url("https://Example.com", "https://example.com/"));
        assert!(same_url(
            "https://example.com:443/a",
            "https://example.com/a"
        ));
        assert!(same_url("no url", "no url"));
    }

    #[test]
    fn what_a_server_may_tell_apart_is_not_the_same() {
        assert!(!same_url("https://example.com/a", "https://example.com/A"));
        assert!(!same_url("https://example.com/a", "https://example.com/a/"));
        assert!(!same_url("https://example.com", "no url"));
    }
}
