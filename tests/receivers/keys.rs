//! Key pairs, and a server that publishes the public key as RealtimeKit does.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use axum::{Json, Router, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use tokio::net::TcpListener;

pub(crate) struct Key(KeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// The value of the header `rtk-signature`.
    pub(crate) fn sign(&self, body: &str) -> String {
        let (key, random) = (&self.0, SystemRandom::new());
        let mut signature = vec![0; key.public_modulus_len()];
        let signed = key.sign(&RSA_PKCS1_SHA256, &random, body.as_bytes(), &mut signature);
        signed.unwrap();
        STANDARD.encode(signature)
    }

    fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        let base64 = STANDARD.encode(der.as_ref());
        let lines = base64.as_bytes().chunks(64).map(String::from_utf8_lossy);
        let lines = lines.collect::<Vec<_>>().join("\n");
        format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n")
    }
}

/// `/.well-known/webhooks.json` on this machine.
pub(crate) struct KeyServer {
    pub(crate) url: String,
    /// The key, without which requests fail, and how often it was asked for.
    shared: Arc<Mutex<(Option<String>, usize)>>,
}

impl KeyServer {
    /// Serves for as long as the test runs.
    pub(crate) async fn start(key: &Key) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new((Some(key.pem()), 0)));
        let answering = Arc::clone(&shared);
        let router = Router::new().fallback(async move || {
            let (pem, asked) = &mut *answering.lock().unwrap();
            *asked += 1;
            let status = match pem {
                None => StatusCode::INTERNAL_SERVER_ERROR,
                Some(_) => StatusCode::OK,
            };
            let body = json!({"success": true, "data": {"publicKey": pem}, "message": ""});
            (status, Json(body))
        });
        tokio::spawn(async { axum::serve(listener, router).await });
        let url = format!("http://{address}/.well-known/webhooks.json");
        Self { url, shared }
    }

    /// Publishes a key; with `None`, requests fail.
    pub(crate) fn publish(&self, key: Option<&Key>) {
        self.shared.lock().unwrap().0 = key.map(Key::pem);
    }

    pub(crate) fn asked(&self) -> usize {
        self.shared.lock().unwrap().1
    }
}
