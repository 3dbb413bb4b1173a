//! A receiver of deliveries on this machine, and the check of their signature.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::Router;
use axum::body::Bytes;
use axum::response::IntoResponse;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::Request;
use http::request::Parts;
use realtimekit::mock_api::MockApi;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Whether the signature of a delivery is one of the key that the API publishes, over this body.
pub(crate) async fn signs(delivery: &Request<Bytes>, body: &[u8], api: &MockApi) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let published = client.get(api.public_key_url()).send().await.unwrap();
    let published: Value = published.text().await.unwrap().parse().unwrap();
    let pem = published["data"]["publicKey"].as_str().unwrap();
    let base64: String = pem.lines().filter(|line| !line.contains("---")).collect();
    let key = BASE64_STANDARD.decode(base64).unwrap();
    let signature = BASE64_STANDARD.decode(&delivery.headers()["rtk-signature"]);
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
    key.verify(body, &signature.unwrap()).is_ok()
}

/// Answers every request alike, until the test ends.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inbox: UnboundedReceiver<Request<Bytes>>,
}

impl Receiver {
    pub(crate) async fn answering<R>(answer: impl Fn() -> R + Clone + Send + Sync + 'static) -> Self
    where
        R: IntoResponse,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, inbox) = unbounded_channel();
        let router = Router::new().fallback(async move |head: Parts, body: Bytes| {
            // A test that has ended takes no more.
            sender.send(Request::from_parts(head, body)).ok();
            answer()
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

    pub(crate) async fn next(&mut self) -> Request<Bytes> {
        self.inbox.recv().await.expect("a delivery")
    }

    /// Whether everything that has arrived was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.inbox.is_empty()
    }
}
