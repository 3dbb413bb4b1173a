//! Who may use the page and the control endpoint.
//!
//! The user who runs the server may, and programs on the same machine. Web pages of other sites may
//! not, although the browser that shows them runs on this machine:
//!
//! - their requests have a foreign `Origin` or `Sec-Fetch-Site`, and their writes would have to be
//!   JSON, for which a browser sends a preflight request that is refused;
//! - a name that was made to resolve to this machine (DNS rebinding) is in `Host`.
//!
//! Other machines must send the API's token, which must not be the default one.

use crate::mock_api::model::{DEFAULT_TOKEN, MockError};
use crate::mock_api::state::{AppState, Builder};
use axum::extract::{ConnectInfo, Request};
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use std::net::{IpAddr, SocketAddr};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Every delivery carries it, so that no delivery can control the server that sent it.
const DELIVERY: HeaderName = HeaderName::from_static("rtk-webhook-id");

pub(crate) fn check(state: &AppState, request: &Request) -> Result<(), MockError> {
    let (settings, headers) = (&state.settings, request.headers());
    let host = text(headers, &HOST).and_then(|host| host.parse::<Authority>().ok());
    let host = host.ok_or_else(|| forbidden("there is no valid Host header"))?;
    if !is_own_name(settings, host.host()) {
        return Err(forbidden(
            "the Host header must be localhost, an IP address, or a name that was allowed with \
             --allow-host",
        ));
    }
    // There is no peer without a connection.
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_remote = peer.is_some_and(|ConnectInfo(peer)| !peer.ip().to_canonical().is_loopback());
    if is_remote && (settings.token == DEFAULT_TOKEN || !state.has_token(headers)) {
        return Err(MockError::new(
            StatusCode::UNAUTHORIZED,
            "from another machine this needs the API's token as a bearer token, and a token that \
             was chosen with --token",
        ));
    }
    // The page itself may be reached by a link from anywhere.
    let is_foreign = request.uri().path() != "/" && is_cross_site(headers);
    if is_foreign || !is_own_origin(settings, headers, &host) {
        return Err(forbidden("web pages of other sites may not use this"));
    }
    if headers.contains_key(DELIVERY) {
        return Err(forbidden("a delivery may not use this"));
    }
    let writes = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if writes && !is_json(headers) {
        let message = "the content type must be application/json";
        return Err(MockError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    Ok(())
}

/// DNS rebinding needs a name, so any address is allowed.
fn is_own_name(settings: &Builder, host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let mut names = settings.hosts.iter().map(String::as_str);
    address.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || names.any(|name| name.eq_ignore_ascii_case(host))
}

/// Programs send no `Origin`.
fn is_own_origin(settings: &Builder, headers: &HeaderMap, host: &Authority) -> bool {
    let own = format!("{}://{host}", settings.scheme());
    let mut origins = headers.get_all(ORIGIN).iter();
    origins.all(|origin| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
}

fn is_cross_site(headers: &HeaderMap) -> bool {
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

fn forbidden(message: &str) -> MockError {
    MockError::new(StatusCode::FORBIDDEN, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use std::net::Ipv4Addr;

    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const REMOTE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

    /// The status that a request is refused with, or 200.
    fn status(method: &Method, sent: &[(&str, &str)], peer: IpAddr) -> u16 {
        let state = AppState::new(Builder {
            token: "sesame".to_owned(),
            hosts: vec!["Mock.test".to_owned()],
            ..Builder::default()
        });
        let request = Request::builder().method(method).uri("/mock/reset");
        let request = sent.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let mut request = request.body(Body::empty()).unwrap();
        let peer = ConnectInfo(SocketAddr::new(peer, 9));
        request.extensions_mut().insert(peer);
        check(&state, &request).map_or_else(|refused| refused.status().as_u16(), |()| 200)
    }

    fn get(sent: &[(&str, &str)]) -> u16 {
        status(&Method::GET, sent, LOCAL)
    }

    #[test]
    fn host_is_localhost_an_address_or_an_allowed_name() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1:1",
            "[::1]:1",
            "192.0.2.7",
            "mock.test:1",
        ] {
            assert_eq!(get(&[("host", host)]), 200, "{host}");
        }
        for host in ["evil.example:80", "localhost.evil.example", "", "a b"] {
            assert_eq!(get(&[("host", host)]), 403, "{host}");
        }
        assert_eq!(get(&[]), 403);
    }

    #[test]
    fn headers_of_other_sites_and_of_deliveries_are_refused() {
        let cases = [
            ("origin", "http://localhost:80", 200),
            ("origin", "null", 403),
            ("origin", "http://localhost:81", 403),
            ("origin", "http://localhost", 403),
            ("origin", "https://localhost:80", 403),
            ("origin", "http://evil.example", 403),
            ("sec-fetch-site", "same-origin", 200),
            ("sec-fetch-site", "none", 200),
            ("sec-fetch-site", "same-site", 403),
            ("sec-fetch-site", "cross-site", 403),
            ("rtk-webhook-id", "1", 403),
        ];

        for (name, value, expected) in cases {
            let status = get(&[("host", "localhost:80"), (name, value)]);
            assert_eq!(status, expected, "{name}: {value}");
        }
    }

    #[test]
    fn write_must_be_json() {
        for (content_type, expected) in [
            ("application/json; charset=utf-8", 200),
            ("text/plain", 415),
            ("text/plain; application/json", 415),
        ] {
            let sent = [("host", "localhost"), ("content-type", content_type)];
            assert_eq!(status(&Method::POST, &sent, LOCAL), expected);
        }
    }

    #[test]
    fn another_machine_needs_the_token() {
        let host = ("host", "192.0.2.7");
        let token = ("authorization", "Bearer sesame");

        assert_eq!(status(&Method::GET, &[host], REMOTE), 401);
        assert_eq!(status(&Method::GET, &[host, token], REMOTE), 200);
    }
}
