//! The API without a connection, as the programs in `fuzz/` reach it. Compiled for those alone.

use super::control::access::Access;
use super::model::DEFAULT_TOKEN;
use super::model::faults::FaultPlan;
use super::model::log::CallLog;
use super::model::quirks::Quirks;
use super::model::seed::Seed;
use super::model::store::Store;
use super::server;
use super::state::{AppState, MockState, Start};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use std::sync::Arc;
use tower::ServiceExt;

/// An API that answers any caller.
pub struct Unconnected(Router);

impl Unconnected {
    /// An API with the default token.
    pub fn new(seed: Seed) -> Self {
        let mut store = Store::default();
        seed.insert_into(&mut store);
        let start = Start {
            quirks: Quirks::documented(),
            store,
            faults: FaultPlan::default(),
        };
        let state = MockState::new(start, CallLog::keeping(16), DEFAULT_TOKEN.to_owned());
        let access = Access::new(Vec::new(), false);
        let state = Arc::new(AppState::new(state, false, None));
        Self(server::router(&state, access))
    }

    /// Answers a request to the control endpoint, the page or the API; `None` if the path is not
    /// one that a request line can have, or if the answer does not end.
    pub async fn answer(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: &[u8],
    ) -> Option<(StatusCode, HeaderMap, Bytes)> {
        let body = Body::from(Bytes::copy_from_slice(body));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(body)
            .ok()?;
        if request.uri().path() == "/mock/events" {
            return None;
        }
        *request.headers_mut() = headers;
        let answered = self.0.clone().oneshot(request).await;
        let (parts, body) = answered.unwrap_or_else(|never| match never {}).into_parts();
        let body = to_bytes(body, usize::MAX).await.ok()?;
        Some((parts.status, parts.headers, body))
    }
}
