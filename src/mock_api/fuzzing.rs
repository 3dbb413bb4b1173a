//! The API without a connection, as the programs in `fuzz/` reach it. Compiled for those alone.

use super::model::seed::Seed;
use super::server;
use super::state::{AppState, Builder};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use std::sync::Arc;
use tower::ServiceExt;

/// An API that answers any caller.
pub struct Unconnected(Router);

impl Unconnected {
    /// An API with the default token.
    pub fn new(seed: Seed) -> Self {
        let mut settings = Builder::default();
        seed.insert_into(&mut settings.initial.store);
        Self(server::router(&Arc::new(AppState::new(settings))))
    }

    /// The status of the answer of the control endpoint, the page or the API; `None` if the path is
    /// not one that a request line can have, or if the answer does not end.
    pub async fn answer(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: &[u8],
    ) -> Option<StatusCode> {
        let request = Request::builder().method(method).uri(path);
        let mut request = request.body(Body::from(body.to_vec())).ok()?;
        if request.uri().path() == "/mock/events" {
            return None;
        }
        *request.headers_mut() = headers;
        let answered = self.0.clone().oneshot(request).await;
        let (parts, body) = answered.unwrap_or_else(|never| match never {}).into_parts();
        to_bytes(body, usize::MAX).await.ok().map(|_| parts.status)
    }
}
