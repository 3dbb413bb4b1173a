//! Which proxy a URL is requested through, by the rules of Go's `golang.org/x/net/http/httpproxy`,
//! which Terraform itself follows. Pure: the environment is an argument.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::{Host, Url};

use super::url::is_loopback;

/// A proxy that an environment variable names.
pub(super) struct Proxy {
    pub(super) reqwest: reqwest::Proxy,
    /// Scheme, host and port, and the variable: `http://proxy.example:3128 (HTTPS_PROXY)`.
    pub(super) shown: String,
}

impl Proxy {
    /// The proxy for requests to `url`, or `None` if they are sent directly.
    ///
    /// A loopback address and `localhost` are never requested through a proxy. The others are
    /// requested over `https`, so `HTTP_PROXY` has no effect. The error says what is wrong with the
    /// variable that applies, without its value.
    pub(super) fn for_url(
        url: &Url,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, String> {
        let first_set = |names: [&'static str; 2]| {
            let mut values = names.into_iter().map(|name| Some((name, variable(name)?)));
            values.find_map(|found| found.filter(|(_, value)| !value.is_empty()))
        };
        let Some((name, value)) = first_set(["HTTPS_PROXY", "https_proxy"]) else {
            return Ok(None);
        };
        let no_proxy = first_set(["NO_PROXY", "no_proxy"]);
        if is_loopback(url) || no_proxy.is_some_and(|(_, entries)| is_exempt(url, &entries)) {
            return Ok(None);
        }
        let advice =
            |advice| format!("the environment variable {name} is not a valid proxy: {advice}");
        Self::parse(name, &value).map(Some).map_err(advice)
    }

    fn parse(variable: &'static str, value: &str) -> Result<Self, &'static str> {
        const NOT_A_URL: &str =
            "set it to a URL such as http://proxy.example.com:3128, or unset it";

        let scheme = if value.contains("://") { "" } else { "http://" };
        let mut url = Url::parse(&format!("{scheme}{value}")).map_err(|_| NOT_A_URL)?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err("its scheme must be http, https, socks5 or socks5h");
        }
        if url.port_or_known_default().is_none() {
            url.set_port(Some(1080)).map_err(|()| NOT_A_URL)?; // the port of SOCKS
        }
        // reqwest silently connects directly if the URL is not also an `http::Uri`.
        url.as_str().parse::<http::Uri>().map_err(|_| NOT_A_URL)?;
        // Go lets the proxy resolve host names for both schemes; reqwest only for `socks5h`.
        let reqwest = match url.as_str().strip_prefix("socks5:") {
            Some(rest) => reqwest::Proxy::all(format!("socks5h:{rest}")),
            None => reqwest::Proxy::all(url.clone()),
        };
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        Ok(Self {
            reqwest: reqwest.map_err(|_| NOT_A_URL)?,
            shown: format!("{}://{host}:{port} ({variable})", url.scheme()),
        })
    }
}

/// What to show instead of a message of `hyper-util`, whose error type is private.
pub(super) fn describe(cause: &(dyn Error + 'static)) -> String {
    let cause = cause.to_string();
    let meaning = match cause.strip_prefix("tunnel error: ") {
        Some("proxy authorization required") => "the proxy requires a valid user name and password",
        Some("unsuccessful") => "the proxy refused to connect to the API",
        Some("unexpected end of file") => "the proxy closed the connection",
        Some("failed to create underlying connection") => "cannot connect to the proxy",
        _ => return cause,
    };
    meaning.to_owned()
}

/// Whether an entry of `NO_PROXY` matches the URL. Malformed entries match nothing.
fn is_exempt(url: &Url, entries: &str) -> bool {
    let mut entries = entries.split(',').map(|entry| entry.trim().to_lowercase());
    entries.any(|entry| entry == "*" || entry_matches(&entry, url))
}

fn entry_matches(entry: &str, url: &Url) -> bool {
    let port = url.port_or_known_default().unwrap_or_default();
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical(),
        Some(Host::Domain(host)) => {
            let with_port = format!("{host}:{port}");
            return domain_matches(entry, host) || domain_matches(entry, &with_port);
        }
        None => return false,
    };
    if let Ok(network) = entry.parse::<IpNet>() {
        return network.contains(&address);
    }
    let (named, its_port) = match entry.parse::<SocketAddr>() {
        Ok(named) => (Ok(named.ip()), named.port()),
        Err(_) => (entry.parse::<IpAddr>(), port),
    };
    named.is_ok_and(|named| named.to_canonical() == address) && its_port == port
}

/// `example.com` matches itself and its subdomains; `.example.com` and `*.example.com` match
/// subdomains alone.
fn domain_matches(entry: &str, host: &str) -> bool {
    let subdomains = entry.strip_prefix("*.").or_else(|| entry.strip_prefix('.'));
    let name = subdomains.unwrap_or(entry);
    let rest = host.strip_suffix(name).filter(|_| !name.is_empty());
    rest.is_some_and(|rest| rest.ends_with('.') || (rest.is_empty() && subdomains.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "http://proxy.example:3128 (HTTPS_PROXY)";

    /// The proxy for `url` in this environment, "direct", or the error.
    fn outcome(url: &str, environment: &[(&str, &str)]) -> String {
        let url = Url::parse(url).unwrap();
        let variable = |name: &str| {
            let mut variables = environment.iter();
            let found = variables.find(|(variable, _)| *variable == name)?;
            Some(found.1.to_owned())
        };
        match Proxy::for_url(&url, variable) {
            Ok(Some(proxy)) => proxy.shown,
            Ok(None) => "direct".to_owned(),
            Err(error) => error,
        }
    }

    fn is_direct(url: &str, no_proxy: &str) -> bool {
        let variables = [
            ("HTTPS_PROXY", "http://proxy.example:3128"),
            ("NO_PROXY", no_proxy),
        ];
        match outcome(url, &variables).as_str() {
            "direct" => true,
            PROXY => false,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn proxy_variable_applies_by_scheme_and_upper_case_wins() {
        let https = "https://api.example";
        let cases = [
            (https, "", "direct"),
            (https, "HTTPS_PROXY=", "direct"),
            (https, "HTTPS_PROXY=http://a:1", "http://a:1 (HTTPS_PROXY)"),
            (
                https,
                "HTTPS_PROXY=a:1 https_proxy=b:2",
                "http://a:1 (HTTPS_PROXY)",
            ),
            (
                https,
                "HTTPS_PROXY= https_proxy=b:2",
                "http://b:2 (https_proxy)",
            ),
            (https, "HTTP_PROXY=a:1 http_proxy=a:1", "direct"),
            (https, "ALL_PROXY=a:1 all_proxy=a:1", "direct"),
            (https, "HTTPS_PROXY=a:1 NO_PROXY=api.example", "direct"),
            (
                https,
                "HTTPS_PROXY=a:1 no_proxy=api.example NO_PROXY=b",
                "http://a:1 (HTTPS_PROXY)",
            ),
            (
                https,
                "HTTPS_PROXY=a:1 no_proxy=b NO_PROXY=api.example",
                "direct",
            ),
        ];

        for (url, environment, expected) in cases {
            let variables = environment.split_whitespace();
            let variables: Vec<_> = variables.filter_map(|one| one.split_once('=')).collect();

            assert_eq!(outcome(url, &variables), expected, "{environment}");
        }
    }

    #[test]
    fn proxy_address_is_read_with_defaults() {
        let cases = [
            ("proxy.example", "http://proxy.example:80"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("10.0.0.1:3128", "http://10.0.0.1:3128"),
            ("[2001:db8::1]:3128", "http://[2001:db8::1]:3128"),
            ("user:word@proxy.example:3128", "http://proxy.example:3128"),
            ("HTTP://Proxy.Example:80/path", "http://proxy.example:80"),
            ("https://proxy.example", "https://proxy.example:443"),
            ("socks5://proxy.example", "socks5://proxy.example:1080"),
            ("socks5h://proxy.example:9", "socks5h://proxy.example:9"),
            ("socks5://u:p@[::2]", "socks5://[::2]:1080"),
        ];

        for (value, expected) in cases {
            let shown = outcome("https://api.example", &[("HTTPS_PROXY", value)]);

            assert_eq!(shown, format!("{expected} (HTTPS_PROXY)"), "{value}");
        }
    }

    #[test]
    fn malformed_proxy_is_an_error_that_names_the_variable_and_shows_no_value() {
        let url = "is not a valid proxy: set it to a URL";
        let scheme = "is not a valid proxy: its scheme must be";
        let cases = [
            ("s3cret:s3cret@", url),
            ("http://", url),
            ("http://s3cret:s3cret@proxy:99999", url),
            ("http://s3cret:s3cret@proxy name:1", url),
            ("http://:s3cret", url),
            ("socks5://", url),
            ("ftp://s3cret:s3cret@proxy", scheme),
            ("socks4://s3cret@proxy", scheme),
        ];

        for (value, problem) in cases {
            for variable in ["HTTPS_PROXY", "https_proxy"] {
                let error = outcome("https://api.example", &[(variable, value)]);

                let expected = format!("the environment variable {variable} {problem}");
                assert!(error.starts_with(&expected), "{value}: {error}");
                assert!(!error.contains("s3cret"), "{value}: {error}");
            }
        }
    }

    #[test]
    fn malformed_proxy_that_is_not_used_is_no_error() {
        let malformed = ("HTTPS_PROXY", "ftp://proxy");
        let exempt = [malformed, ("NO_PROXY", "api.example")];

        assert_eq!(outcome("https://api.example", &exempt), "direct");
        assert_eq!(outcome("https://localhost:8443", &[malformed]), "direct");
    }

    #[test]
    fn loopback_is_never_requested_through_a_proxy() {
        for url in [
            "https://localhost",
            "https://localhost:8443",
            "https://api.localhost",
            "https://127.0.0.1",
            "https://127.8.0.1:8443",
            "https://[::1]",
            "https://[::1]:8443",
        ] {
            assert!(is_direct(url, ""), "{url}");
        }
        for url in ["https://localhost.example", "https://10.0.0.1"] {
            assert!(!is_direct(url, ""), "{url}");
        }
    }

    /// The cases of Go's `TestUseProxy`, at the port of `https` where Go's are at that of `http`.
    #[test]
    fn no_proxy_of_gos_own_test_matches_the_same_hosts() {
        const NO_PROXY: &str = "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, \
            192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, 2001:db8::52:0:1, \
            [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64";
        let cases = [
            ("localhost", true),
            ("127.0.0.1", true),
            ("127.0.0.2", true),
            ("[::1]", true),
            ("[::2]", false),
            ("192.168.1.1", true),
            ("192.168.1.2", false),
            ("192.168.1.3", false),
            ("192.168.1.3:80", true),
            ("192.168.1.4", false),
            ("10.0.0.2", true),
            ("[2001:db8::52:0:1]", true),
            ("[2001:db8::52:0:2]", true),
            ("[2001:db8::52:0:3]", false),
            ("[2002:db8:a::123]", true),
            ("[fe80::424b:c8be:1643:a1b6]", false),
            ("barbaz.net", false),
            ("www.barbaz.net", true),
            ("foobar.com", true),
            ("www.foobar.com", true),
            ("foofoobar.com", false),
            ("baz.com", false),
            ("localhost.net", false),
            ("local.localhost.net", false),
            ("barbarbaz.net", false),
            ("wildcard.io", false),
            ("nested.wildcard.io", true),
            ("awildcard.io", false),
        ];

        for (host, direct) in cases {
            let url = format!("https://{host}");

            assert_eq!(is_direct(&url, NO_PROXY), direct, "{host}");
        }
    }

    #[test]
    fn no_proxy_entry_matches_by_kind_and_port() {
        let cases = [
            ("https://api.example", "*", true),
            ("https://10.0.0.1", "other.example, *", true),
            ("https://api.example", "**", false),
            ("https://api.example", "*example", false),
            ("https://API.Example", " api.EXAMPLE ", true),
            ("https://api.example", "api.example:443", true),
            ("https://api.example:443", "api.example:443", true),
            ("https://api.example:8443", "api.example:443", false),
            ("https://api.example:8443", "api.example", true),
            ("https://x.api.example", "*.api.example:443", true),
            ("https://api.example", "example:8443", false),
            ("https://api.example", ",, :443, .", false),
            ("https://api.example.", ",", false),
            ("https://api.example", "10.0.0.0/8", false),
            ("https://10.9.8.7", "10.0.0.0/8", true),
            ("https://10.9.8.7", "10.9.8.7/32", true),
            ("https://10.9.8.7", "0.0.0.0/0", true),
            ("https://10.9.8.7", "::/0", false),
            ("https://10.9.8.7", "11.0.0.0/8", false),
            ("https://10.9.8.7", "10.0.0.0/33", false),
            ("https://10.9.8.7", "10.", false),
            ("https://10.9.8.7", "7", false),
            ("https://10.9.8.7", "10.9.8.7:443", true),
            ("https://10.9.8.7", "::ffff:10.9.8.7", true),
            ("https://10.9.8.7", "::ffff:0:0/90", false),
            ("https://[::ffff:10.9.8.7]", "10.9.8.7", true),
            ("https://[2001:db8::1]", "2001:db8::/32", true),
            ("https://[2001:db8::1]", "::/0", true),
            ("https://[2001:db8::1]", "[2001:db8::1]:443", true),
            ("https://[2001:db8::1]", "[2001:db8::1]:80", false),
            ("https://bücher.example", "xn--bcher-kva.example", true),
        ];

        for (url, no_proxy, direct) in cases {
            assert_eq!(is_direct(url, no_proxy), direct, "{url} {no_proxy:?}");
        }
    }

    #[test]
    fn proxy_that_is_accepted_is_one_that_reqwest_takes_and_debug_shows_no_password() {
        for value in [
            "http://us%20er:s3cret%22@proxy:1",
            "https://user:s3cret!$&'()*+,-._~%@proxy:1/x?y#z",
            "socks5://user:s3cret@proxy",
        ] {
            let proxy = Proxy::parse("HTTPS_PROXY", value).unwrap();

            let client = reqwest::Client::builder().tls_certs_only([]);
            let client = client.proxy(proxy.reqwest).build().unwrap();
            let shown = format!("{} {client:?}", proxy.shown);
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }
}
