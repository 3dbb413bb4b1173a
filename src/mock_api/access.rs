//! Who may use the page and the control endpoint.
//!
//! The user who runs the server may, and programs on the same machine. A web page from elsewhere may
//! not, though the browser that shows it is on this machine:
//!
//! - its requests have an `Origin` or a `Sec-Fetch-Site` that tells it is another site, and its
//!   writes would have to be JSON, for which a browser asks first and gets no leave;
//! - if its name was made to lead here (DNS rebinding), that name is in `Host`.
//!
//! Other machines, if they can connect at all, must send the API's token, and it must not be the
//! default one.

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use std::net::{IpAddr, Ipv6Addr};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Every delivery carries it, so none drives the server that sent it.
const DELIVERY: HeaderName = HeaderName::from_static("rtk-webhook-id");

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Denied {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

impl Denied {
    fn new(status: StatusCode, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { status, why }
    }
}

/// What is known of who may come, before there is a request.
pub(super) struct Access {
    /// Names that `Host` may have, besides `localhost` and addresses.
    hosts: Vec<String>,
    https: bool,
}

impl Access {
    pub(super) fn new(hosts: Vec<String>, https: bool) -> Self {
        let hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { hosts, https }
    }

    /// `peer` is `None` without a connection. `has_token` is whether the request has a token that is not known to everybody.
    pub(super) fn check(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
        has_token: bool,
    ) -> Result<(), Denied> {
        let host = self.host(headers)?;
        if !peer.is_none_or(|peer| peer.is_loopback()) && !has_token {
            return Err(Denied::new(
                StatusCode::UNAUTHORIZED,
                "from another machine this needs the API's token as a bearer token, and a token \
                 that was chosen with --token",
            ));
        }
        if !self.is_own_origin(headers, &host) {
            return Err(forbidden("web pages of other sites may not use this"));
        }
        // The page itself may be reached by a link from anywhere.
        if path != "/" && comes_from_elsewhere(headers) {
            return Err(forbidden("web pages of other sites may not use this"));
        }
        if headers.contains_key(DELIVERY) {
            return Err(forbidden("a delivery may not use this"));
        }
        let writes = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
        match writes && !is_json(headers) {
            true => Err(Denied::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the content type must be application/json",
            )),
            false => Ok(()),
        }
    }

    fn host(&self, headers: &HeaderMap) -> Result<Authority, Denied> {
        let host = text(headers, &HOST).and_then(|host| host.parse::<Authority>().ok());
        let host = host.ok_or_else(|| forbidden("there is no valid Host header"))?;
        match self.is_own_name(host.host()) {
            true => Ok(host),
            false => Err(forbidden(
                "the Host header must be localhost, an IP address, or a name that was allowed \
                 with --allow-host",
            )),
        }
    }

    /// An address cannot be made to lead elsewhere, so any will do.
    fn is_own_name(&self, host: &str) -> bool {
        let name = host.to_ascii_lowercase();
        let bracketed = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        name == "localhost"
            || name.parse::<IpAddr>().is_ok()
            || bracketed.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
            || self.hosts.contains(&name)
    }

    /// Programs send no `Origin`.
    fn is_own_origin(&self, headers: &HeaderMap, host: &Authority) -> bool {
        let scheme = if self.https { "https" } else { "http" };
        let own = format!("{scheme}://{host}");
        headers
            .get_all(ORIGIN)
            .iter()
            .all(|origin| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
    }
}

fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get(SEC_FETCH_SITE);
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

fn is_json(headers: &HeaderMap) -> bool {
    let sent = text(headers, &CONTENT_TYPE).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn forbidden(why: &str) -> Denied {
    Denied::new(StatusCode::FORBIDDEN, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use std::net::Ipv4Addr;

    const PATH: &str = "/mock/reset";
    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn headers(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        headers.collect()
    }

    /// The status that a GET is refused with, or 200.
    fn answer(sent: &[(&'static str, &'static str)]) -> u16 {
        let access = Access::new(vec!["Mock.test".to_owned()], false);
        let checked = access.check(&Method::GET, PATH, &headers(sent), Some(LOCAL), false);
        checked.map_or_else(|refused| refused.status.as_u16(), |()| 200)
    }

    #[test]
    fn a_host_is_this_machine_an_address_or_a_name_that_was_allowed() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1:1",
            "[::1]:1",
            "192.0.2.7",
            "mock.test:1",
        ] {
            assert_eq!(answer(&[("host", host)]), 200, "{host}");
        }
        for host in ["evil.example:80", "localhost.evil.example", "", "a b"] {
            assert_eq!(answer(&[("host", host)]), 403, "{host}");
        }
        assert_eq!(answer(&[]), 403);
    }

    #[test]
    fn an_origin_is_the_servers_own() {
        let with = |origin| answer(&[("host", "localhost:80"), ("origin", origin)]);

        assert_eq!(with("http://localhost:80"), 200);
        for origin in [
            "null",
            "http://localhost:81",
            "http://localhost",
            "https://localhost:80",
            "http://evil.example",
        ] {
            assert_eq!(with(origin), 403, "{origin}");
        }
    }

    #[test]
    fn a_browser_that_tells_of_another_site_is_refused() {
        let with = |site| answer(&[("host", "localhost"), ("sec-fetch-site", site)]);

        assert_eq!([with("same-origin"), with("none")], [200, 200]);
        assert_eq!([with("same-site"), with("cross-site")], [403, 403]);
    }

    #[test]
    fn a_delivery_does_not_drive_the_server() {
        assert_eq!(
            answer(&[("host", "localhost"), ("rtk-webhook-id", "1")]),
            403
        );
    }

    #[test]
    fn a_write_is_json() {
        let access = Access::new(Vec::new(), false);
        let status = |content_type| {
            let headers = headers(&[("host", "localhost"), ("content-type", content_type)]);
            let checked = access.check(&Method::POST, PATH, &headers, Some(LOCAL), false);
            checked.map_or_else(|refused| refused.status.as_u16(), |()| 200)
        };

        assert_eq!(status("application/json; charset=utf-8"), 200);
        assert_eq!(status("text/plain"), 415);
        assert_eq!(status("text/plain; application/json"), 415);
    }

    #[test]
    fn another_machine_needs_the_token() {
        let access = Access::new(Vec::new(), false);
        let headers = headers(&[("host", "192.0.2.7")]);
        let elsewhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

        let check = |token| access.check(&Method::GET, PATH, &headers, Some(elsewhere), token);

        assert_eq!(check(false).unwrap_err().status, StatusCode::UNAUTHORIZED);
        assert!(check(true).is_ok());
    }
}
