//! URLs, whose spelling may differ where their meaning does not. Pure.

use url::{Host, ParseError, Url};

/// Parses the absolute `http` or `https` URL of a server. Browsers, and the parser, forgive mistakes
/// that would send a request to another host. The error completes the sentence "the URL …".
pub fn parse_server_url(text: &str) -> Result<Url, &'static str> {
    const CHARACTER: &str = "must not contain white space, control characters or backslashes";
    const NOT_ABSOLUTE: &str = "must be absolute, such as https://example.com/path";
    const NO_HOST: &str = "must name a host after ://";
    const EMPTY_PART: &str = "must name a host without an empty part between dots";
    const PORT: &str = "must have a port from 1 to 65535, or none";

    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(CHARACTER);
    }
    let url = Url::parse(text).map_err(|error| match error {
        ParseError::EmptyHost => NO_HOST,
        ParseError::InvalidPort => PORT,
        _ => NOT_ABSOLUTE,
    })?;
    if !is_http(&url) {
        return Err("must start with https:// or http://");
    }
    let host = url.host_str().unwrap_or_default();
    let rest = text[url.scheme().len()..].strip_prefix("://");
    Err(match rest {
        None => NOT_ABSOLUTE,
        Some(rest) if rest.starts_with('/') => NO_HOST, // the parser takes the path for the host
        _ if url.port() == Some(0) => PORT,
        _ if host.starts_with('.') || host.contains("..") => EMPTY_PART,
        _ => return Ok(url),
    })
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Whether the URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether two spellings mean one URL: `https://Example.com` and `https://example.com/`.
#[must_use]
pub fn same_url(one: &str, other: &str) -> bool {
    one == other || normal_url(one) == normal_url(other)
}

/// The one spelling of all that mean the same; what is no URL of a webhook stays as it is.
pub(super) fn normal_url(url: &str) -> String {
    match Url::parse(url) {
        Ok(parsed) if is_http(&parsed) => parsed.into(),
        _ => url.to_owned(),
    }
}

/// A URL fit to be shown: without user name, password, values of the query and fragment. Of what is
/// no URL, but may be one that is misspelled, more is hidden.
#[must_use]
pub fn shown_url(url: &str) -> String {
    let is_url = Url::parse(url).is_ok_and(|parsed| parsed.has_host());
    match url.split_once("://") {
        Some((scheme, rest)) if is_url => format!("{scheme}://{}", masked(rest)),
        _ => masked_before(url, url.len()),
    }
}

/// A text in which every URL is fit to be shown.
pub(super) fn mask_urls(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(scheme) = rest.find("://") {
        let (before, after) = rest.split_at(scheme + 3);
        let ends = |c: char| c.is_whitespace() || c.is_control() || "\"'`<>".contains(c);
        let (url, more) = after.split_at(after.find(ends).unwrap_or(after.len()));
        shown += before;
        shown += &masked(url);
        rest = more;
    }
    shown + rest
}

/// What follows the scheme of a URL, without what must not be shown.
fn masked(url: &str) -> String {
    masked_before(url, url.find(['/', '\\', '?', '#']).unwrap_or(url.len()))
}

/// The same, with a user name and password that end before `end`.
fn masked_before(url: &str, end: usize) -> String {
    let user = url[..end].rfind('@');
    let (user, tail) = user.map_or(("", url), |at| ("***@", &url[at + 1..]));
    let (tail, fragment) = match tail.split_once('#') {
        Some((tail, _)) => (tail, "#***"),
        None => (tail, ""),
    };
    let Some((path, query)) = tail.split_once('?') else {
        return format!("{user}{tail}{fragment}");
    };
    let masked = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=***"),
        None if pair.is_empty() => String::new(),
        None => "***".to_owned(),
    });
    let masked: Vec<String> = masked.collect();
    format!("{user}{path}?{}{fragment}", masked.join("&"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn url_of_a_server_is_parsed_strictly() {
        const ABSOLUTE: &str = "must be absolute";
        const SCHEME: &str = "must start with https:// or http://";
        const HOST: &str = "must name a host after ://";
        const LABEL: &str = "must name a host without an empty part";
        const PORT: &str = "must have a port from 1 to 65535";
        const CHARACTER: &str = "must not contain white space";
        let valid = [
            "https://example.com",
            "HTTPS://Example.com:65535/a?b=c#d",
            "http://user:pass:word@example.com:1",
            "https://bücher.example./",
            "https://[::1]/x",
            "https://[2001:db8::1]:8443?x",
            "https://a.example/b//c@d:e",
        ];
        let invalid = [
            ("", ABSOLUTE),
            ("example.com", ABSOLUTE),
            ("/hooks", ABSOLUTE),
            ("//example.com", ABSOLUTE),
            ("https:/example.com", ABSOLUTE),
            ("localhost:8080", SCHEME),
            ("ftp://example.com", SCHEME),
            ("https://", HOST),
            ("https:///client/v4", HOST),
            ("https://user@/x", HOST),
            ("https://:80", HOST),
            ("https://h..example", LABEL),
            ("https://.example", LABEL),
            ("https://example..", LABEL),
            ("https://example.com:0", PORT),
            ("https://example.com:65536", PORT),
            ("https://example.com:x/", PORT),
            ("https://[::1]:0", PORT),
            (" https://a.example", CHARACTER),
            ("https://a.example/b ", CHARACTER),
            ("https://a .example", CHARACTER),
            ("https:\\\\a.example", CHARACTER),
        ];

        for url in valid {
            assert!(parse_server_url(url).is_ok(), "{url}");
        }
        for (url, expected) in invalid {
            let error = parse_server_url(url).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{url:?}: {error}");
        }
    }

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
    fn what_a_url_keeps_secret_is_not_shown() {
        let cases = [
            ("https://example.com/a?", "https://example.com/a?"),
            ("https://example.com:1/@a", "https://example.com:1/@a"),
            (
                "https://user:s3cret@example.com/a",
                "https://***@example.com/a",
            ),
            ("https://s3c@ret@example.com", "https://***@example.com"),
            (
                "https://example.com/a?key=s3cret&s3cret&b=#s3cret",
                "https://example.com/a?key=***&***&b=***#***",
            ),
        ];
        for (url, expected) in cases {
            assert_eq!(shown_url(url), expected);
        }
    }

    #[test]
    fn of_what_is_no_url_more_is_hidden() {
        let cases = [
            ("https://user:s3/cret@example.com", "***@example.com"),
            (
                "https:/user:s3cret@example.com?a=b",
                "***@example.com?a=***",
            ),
            ("user:s3cret@example.com", "***@example.com"),
            ("a@b://c?d=s3cret", "***@b://c?d=***"),
            (
                "https://us er:s3cret@exa mple.com/?s3cret",
                "***@exa mple.com/?***",
            ),
            ("example.com/?s3cret", "example.com/?***"),
            ("", ""),
        ];
        for (url, expected) in cases {
            assert_eq!(shown_url(url), expected, "{url}");
        }
    }

    #[test]
    fn urls_are_found_in_what_a_server_says() {
        let said =
            r#"bad "https://user:s3cret@example.com/a?b=s3cret", and http://example.org too"#;

        let shown = mask_urls(said);

        let expected = r#"bad "https://***@example.com/a?b=***", and http://example.org too"#;
        assert_eq!(shown, expected);
    }

    proptest! {
        #[test]
        fn nothing_is_shown_of_user_and_query(
            text in "[^s3\"'`<>]{0,9}",
            path in "(/[a-zé]{0,5}){0,3}",
        ) {
            let url = format!("https://u:s3@example.com{path}?{text}=s3&s3");
            prop_assert!(!shown_url(&url).contains("s3"));
        }

        #[test]
        fn any_text_can_be_masked_once(text in "(.|://|[@?=&#/a]){0,40}") {
            let _ = shown_url(&text);
            let shown = mask_urls(&text);
            prop_assert_eq!(mask_urls(&shown), shown);
        }
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
