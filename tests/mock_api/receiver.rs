//! A receiver of deliveries on this machine, and the check of their signature.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use realtimekit::mock_api::MockApi;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// One request as it arrived.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) head: http::request::Parts,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.head.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Whether the signature is one of the key that the API publishes, over this body.
    pub(crate) async fn signs(&self, body: &[u8], api: &MockApi) -> bool {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let published = client.get(api.public_key_url()).send().await.unwrap();
        let published: Value = serde_json::from_str(&published.text().await.unwrap()).unwrap();
        let pem = published["data"]["publicKey"].as_str().unwrap();
        let base64: String = pem.lines().filter(|line| !line.contains("---")).collect();
        let key = BASE64_STANDARD.decode(base64).unwrap();
        let signature = BASE64_STANDARD.decode(self.header("rtk-signature"));
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        key.verify(body, &signature.unwrap()).is_ok()
    }
}

/// Answers every request alike, until the test ends.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inbox: UnboundedReceiver<Received>,
}

impl Receiver {
    pub(crate) async fn answering<R>(answer: impl Fn() -> R + Clone + Send + Sync + 'static) -> Self
    where
        R: IntoResponse,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, inbox) = unbounded_channel();
        let router = Router::new().fallback(async move |request: Request| -> Response {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            // A test that has ended takes no more.
            sender.send(Received { head, body }).ok();
            answer().into_response()
        });
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { address, inbox }
    }

    /// Takes in what it gets.
    pub(crate) async fn accepting() -> Self {
        Self::answering(|| (http::StatusCode::ACCEPTED, "thank U!")).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?from=mock", self.address)
    }

    pub(crate) async fn next(&mut self) -> Received {
        self.inbox.recv().await.expect("a delivery")
    }

    /// Whether everything that has arrived was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.inbox.is_empty()
    }
}
