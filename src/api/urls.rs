//! The URLs of webhooks, whose spelling may differ where their meaning does not. Pure.

use reqwest::Url;

/// Whether two spellings mean one URL: `https://Example.com` and `https://example.com/`.
#[must_use]
pub fn same_url(one: &str, other: &str) -> bool {
    one == other || normal_url(one) == normal_url(other)
}

/// The one spelling of all that mean the same; what is no URL of a webhook stays as it is. (The
/// rules for `file` are such that the spelling they lead to leads to yet another.)
pub(super) fn normal_url(url: &str) -> String {
    match Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => parsed.into(),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn the_one_spelling_is_its_own_spelling() {
        for url in [
            "file://Sle/K:?",
            "file:///K:/..",
            "https://Example.com/%7E/../b",
        ] {
            let normal = normal_url(url);

            assert_eq!(normal_url(&normal), normal, "{url}");
        }
    }

    proptest! {
        #[test]
        fn sameness_is_an_equivalence(
            urls in proptest::array::uniform3(
                "(HTTPS?|https?|file)://[aA]?[a-c:@.\\[\\]]{0,5}(:80|:443)?[/.?#%7e\\\\]{0,6}"
            ),
        ) {
            let [one, other, third] = &urls;

            for url in &urls {
                prop_assert!(same_url(url, url));
                prop_assert!(same_url(url, &normal_url(url)), "{}", url);
            }
            prop_assert_eq!(same_url(one, other), same_url(other, one));
            if same_url(one, other) && same_url(other, third) {
                prop_assert!(same_url(one, third));
            }
        }
    }
}
