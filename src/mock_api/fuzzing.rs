//! The API without a connection, as the programs in `fuzz/` reach it. Compiled for those alone.

use super::control::{self, Access};
use super::log::CallLog;
use super::server::Shared;
use super::service::{Request, Service, Start, Token};
use super::store::Store;
use super::{DEFAULT_TOKEN, Quirks, Seed};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use std::net::{IpAddr, Ipv4Addr};

/// An API that answers whoever calls it.
pub struct Unconnected(Shared);

impl Unconnected {
    /// An API with the token that everybody knows.
    pub fn new(seed: Seed) -> Self {
        let mut store = Store::default();
        seed.sow(&mut store);
        let start = Start {
            quirks: Quirks::documented(),
            store,
            faults: Vec::new(),
        };
        let token = Token(DEFAULT_TOKEN.to_owned());
        let service = Service::new(start, CallLog::keeping(16), token);
        let access = Access::new(Vec::new(), false);
        Self(Shared::new(service, access, false, None))
    }

    /// Answers a request: control endpoint, page or API.
    pub async fn answer(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: &[u8],
    ) -> (StatusCode, HeaderMap, Bytes) {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (path, None),
        };
        let request = Request {
            method,
            path: path.to_owned(),
            query,
            headers,
            body: Some(Bytes::copy_from_slice(body)),
        };
        let answer = match control::is_for(path) {
            true => control::answer(&request, IpAddr::V4(Ipv4Addr::LOCALHOST), &self.0).await,
            false => self.0.service().answer(&request),
        };
        let mut headers = answer.headers;
        headers.extend(self.0.service().rate_limit_headers());
        (answer.status, headers, answer.body)
    }
}
