//! The URLs of webhooks, whose spelling may differ where their meaning does not. Pure.

use reqwest::Url;

/// Why a text is not the absolute URL of a server; completes the sentence "the URL …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It holds a character that no URL has. The parser would drop, turn or escape it.
    #[error("must not contain white space, control characters or backslashes")]
    Character,
    /// It is relative, or not a URL.
    #[error("must be absolute, such as https://example.com/path")]
    NotAbsolute,
    /// It has another scheme.
    #[error("must start with https:// or http://")]
    Scheme,
    /// Nothing is between `://` and the path. The parser would take the path for the host.
    #[error("must name a host after ://")]
    NoHost,
    /// The name of its host has an empty label: `a..example`.
    #[error("must name a host without an empty part between dots")]
    EmptyLabel,
    /// Its port is empty, 0 or too large.
    #[error("must have a port from 1 to 65535, or none")]
    Port,
}

/// Parses the absolute `http` or `https` URL of a server, strictly: browsers, and the parser, forgive
/// mistakes that would send a request to another host.
///
/// # Errors
///
/// The first reason why it is none.
pub fn parse_server_url(text: &str) -> Result<Url, InvalidUrl> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(InvalidUrl::Character);
    }
    let (scheme, rest) = text.split_once("://").ok_or(match Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => InvalidUrl::Scheme,
        _ => InvalidUrl::NotAbsolute,
    })?;
    if !matches!(&*scheme.to_ascii_lowercase(), "http" | "https") {
        return Err(InvalidUrl::Scheme);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    // The colons of an IPv6 address are inside of brackets.
    let port_at = host_and_port.rfind(']').unwrap_or(0);
    let (host, port) = match host_and_port[port_at..].find(':') {
        Some(colon) => {
            let (host, port) = host_and_port.split_at(port_at + colon);
            (host, Some(&port[1..]))
        }
        None => (host_and_port, None),
    };
    if host.is_empty() {
        return Err(InvalidUrl::NoHost);
    }
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return Err(InvalidUrl::Port);
    }
    let url = Url::parse(text).map_err(|_| InvalidUrl::NotAbsolute)?;
    let host = url.host_str().unwrap_or_default();
    let mut labels = host.strip_suffix('.').unwrap_or(host).split('.');
    match labels.any(str::is_empty) {
        true => Err(InvalidUrl::EmptyLabel),
        false => Ok(url),
    }
}

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

/// A webhook's URL fit to be shown: without user name, password, values of the query and fragment.
///
/// What is no URL may be one that is misspelt, of which more is hidden.
#[must_use]
pub fn shown_url(url: &str) -> String {
    let is_url = Url::parse(url).is_ok_and(|parsed| parsed.has_host());
    match url.split_once("://") {
        Some((scheme, rest)) if is_url => format!("{scheme}://{}", masked(rest)),
        _ => match url.rfind('@') {
            Some(at) => format!("***@{}", masked_tail(&url[at + 1..])),
            None => masked_tail(url),
        },
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
    let authority = url.find(['/', '\\', '?', '#']).unwrap_or(url.len());
    match url[..authority].rfind('@') {
        Some(at) => format!("***@{}", masked_tail(&url[at + 1..])),
        None => masked_tail(url),
    }
}

/// The end of a URL, without the values of its query and without its fragment.
fn masked_tail(tail: &str) -> String {
    let (tail, fragment) = match tail.split_once('#') {
        Some((tail, _)) => (tail, "#***"),
        None => (tail, ""),
    };
    let Some((path, query)) = tail.split_once('?') else {
        return format!("{tail}{fragment}");
    };
    let masked = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=***"),
        None if pair.is_empty() => String::new(),
        None => "***".to_owned(),
    });
    let masked: Vec<String> = masked.collect();
    format!("{path}?{}{fragment}", masked.join("&"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn url_of_a_server_is_parsed_strictly() {
        use InvalidUrl::*;
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
            ("", NotAbsolute),
            ("example.com", NotAbsolute),
            ("/hooks", NotAbsolute),
            ("//example.com", NotAbsolute),
            ("https:/example.com", NotAbsolute),
            ("localhost:8080", Scheme),
            ("ftp://example.com", Scheme),
            ("https://", NoHost),
            ("https:///client/v4", NoHost),
            ("https://user@/x", NoHost),
            ("https://:80", NoHost),
            ("https://h..example", EmptyLabel),
            ("https://.example", EmptyLabel),
            ("https://example..", EmptyLabel),
            ("https://example.com:0", Port),
            ("https://example.com:", Port),
            ("https://example.com:65536", Port),
            ("https://example.com:x/", Port),
            ("https://[::1]:0", Port),
            (" https://a.example", Character),
            ("https://a.example/b ", Character),
            ("https://a .example", Character),
            ("https:\\\\a.example", Character),
        ];

        for url in valid {
            assert!(parse_server_url(url).is_ok(), "{url}");
        }
        for (url, expected) in invalid {
            assert_eq!(parse_server_url(url), Err(expected), "{url:?}");
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
