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

use crate::mock_api::api::envelope;
use crate::mock_api::model::DEFAULT_TOKEN;
use crate::mock_api::state::MockState;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde_json::json;
use std::net::{IpAddr, Ipv6Addr};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Every delivery carries it, so that no delivery can control the server that sent it.
const DELIVERY: HeaderName = HeaderName::from_static("rtk-webhook-id");

/// Why a control request is refused.
#[derive(Debug)]
pub(crate) struct ControlError {
    pub(crate) status: StatusCode,
    message: String,
}

impl ControlError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message }
    }

    pub(crate) fn bad_request(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message.to_string())
    }

    fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        envelope::json(self.status, &json!({"error": self.message}))
    }
}

/// The access rules of a server.
pub(crate) struct Access {
    /// Names that `Host` may have, besides `localhost` and addresses.
    hosts: Vec<String>,
    https: bool,
}

impl Access {
    pub(crate) fn new(hosts: Vec<String>, https: bool) -> Self {
        let hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { hosts, https }
    }

    /// `peer` is `None` without a connection. `has_token` is whether the request has a token that
    /// is not the default one.
    pub(crate) fn check(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
        has_token: bool,
    ) -> Result<(), ControlError> {
        let host = self.host(headers)?;
        if !peer.is_none_or(|peer| peer.is_loopback()) && !has_token {
            return Err(ControlError::new(
                StatusCode::UNAUTHORIZED,
                "from another machine this needs the API's token as a bearer token, and a token \
                 that was chosen with --token",
            ));
        }
        // The page itself may be reached by a link from anywhere.
        let foreign = path != "/" && is_cross_site(headers);
        if foreign || !self.is_own_origin(headers, &host) {
            let message = "web pages of other sites may not use this";
            return Err(ControlError::forbidden(message));
        }
        if headers.contains_key(DELIVERY) {
            return Err(ControlError::forbidden("a delivery may not use this"));
        }
        let writes = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
        match writes && !is_json(headers) {
            true => Err(ControlError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the content type must be application/json",
            )),
            false => Ok(()),
        }
    }

    fn host(&self, headers: &HeaderMap) -> Result<Authority, ControlError> {
        let host = text(headers, &HOST).and_then(|host| host.parse::<Authority>().ok());
        let host = host.ok_or_else(|| ControlError::forbidden("there is no valid Host header"))?;
        match self.is_own_name(host.host()) {
            true => Ok(host),
            false => Err(ControlError::forbidden(
                "the Host header must be localhost, an IP address, or a name that was allowed \
                 with --allow-host",
            )),
        }
    }

    /// DNS rebinding needs a name, so any address is allowed.
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

/// Whether a request has the token, and the token is not the default one.
pub(crate) fn has_chosen_token(state: &MockState, headers: &HeaderMap) -> bool {
    state.token() != DEFAULT_TOKEN && state.has_token(headers)
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

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use std::net::Ipv4Addr;

    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const REMOTE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

    /// The status that a request is refused with, or 200.
    fn status(
        method: &Method,
        sent: &[(&'static str, &'static str)],
        peer: IpAddr,
        has_token: bool,
    ) -> u16 {
        let headers = sent.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let access = Access::new(vec!["Mock.test".to_owned()], false);
        let path = "/mock/reset";
        let checked = access.check(method, path, &headers.collect(), Some(peer), has_token);
        checked.map_or_else(|refused| refused.status.as_u16(), |()| 200)
    }

    fn get(sent: &[(&'static str, &'static str)]) -> u16 {
        status(&Method::GET, sent, LOCAL, false)
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
            assert_eq!(status(&Method::POST, &sent, LOCAL, false), expected);
        }
    }

    #[test]
    fn another_machine_needs_the_token() {
        let sent = [("host", "192.0.2.7")];

        assert_eq!(status(&Method::GET, &sent, REMOTE, false), 401);
        assert_eq!(status(&Method::GET, &sent, REMOTE, true), 200);
    }
}
