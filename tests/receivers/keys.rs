//! Key pairs, and a server that publishes the public key as RealtimeKit does.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::thread;

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

pub(crate) struct Key(KeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// The value of the header `rtk-signature`.
    pub(crate) fn sign(&self, body: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                body,
                &mut signature,
            )
            .unwrap();
        STANDARD.encode(signature)
    }

    fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        let base64 = STANDARD.encode(der.as_ref());
        let lines = base64.as_bytes().chunks(64).map(String::from_utf8_lossy);
        let lines: Vec<_> = lines.collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }
}

/// `/.well-known/webhooks.json` on this machine.
pub(crate) struct KeyServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// `None` fails.
    pem: Mutex<Option<String>>,
    asked: AtomicUsize,
}

impl KeyServer {
    /// Serves for as long as the tests run.
    pub(crate) fn start(key: &Key) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let answering = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answering.answer(stream.unwrap());
            }
        });
        let server = Self { address, shared };
        server.publish(Some(key));
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/.well-known/webhooks.json", self.address)
    }

    /// Publishes a key; with `None`, requests fail.
    pub(crate) fn publish(&self, key: Option<&Key>) {
        *self.shared.pem.lock().unwrap() = key.map(Key::pem);
    }

    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) {
        let request = BufReader::new(&stream).lines();
        drop(request.map_while(Result::ok).find(String::is_empty)); // read to the end
        self.asked.fetch_add(1, Ordering::SeqCst);
        let pem = self.pem.lock().unwrap().clone();
        let status = match pem {
            None => "500 Internal Server Error",
            Some(_) => "200 OK",
        };
        let body = serde_json::json!({
            "success": true, "data": { "publicKey": pem }, "message": "",
        });
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        drop(stream.write_all(format!("{head}{body}").as_bytes()));
    }
}
