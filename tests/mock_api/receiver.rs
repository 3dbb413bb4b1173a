//! A receiver of deliveries on this machine, and the check of their signature.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use realtimekit::mock_api::MockApi;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver as Inbox, Sender};
use std::thread;
use std::time::Duration;

/// One request as it arrived; names of headers are in lower case.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) request_line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Whether the signature is one of the key that the API publishes, over the body as it arrived.
    pub(crate) async fn is_signed_by(&self, api: &MockApi) -> bool {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let published = client.get(api.public_key_url()).send().await.unwrap();
        let published: Value = serde_json::from_str(&published.text().await.unwrap()).unwrap();
        let pem = published["data"]["publicKey"].as_str().unwrap();
        let base64: String = pem.lines().filter(|line| !line.contains("---")).collect();
        let key = BASE64_STANDARD.decode(base64).unwrap();
        let signature = BASE64_STANDARD.decode(&self.headers["rtk-signature"]);
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(&self.body, &signature.unwrap())
            .is_ok()
    }
}

/// Answers every request alike, until the test ends.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inbox: Inbox<Received>,
}

impl Receiver {
    /// `answer` is all that is sent, from the status line on.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, inbox) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                // A client that disconnects, or a test that has ended, is not a failure.
                serve(connection.unwrap(), &answer, &sender);
            }
        });
        Self { address, inbox }
    }

    /// Takes in what it gets.
    pub(crate) fn accepting() -> Self {
        Self::answering("HTTP/1.1 202 Accepted\r\ncontent-length: 8\r\n\r\nthank U!")
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?from=mock", self.address)
    }

    #[track_caller]
    pub(crate) fn next(&self) -> Received {
        let received = self.inbox.recv_timeout(Duration::from_secs(30));
        received.expect("a delivery")
    }

    /// Everything that has arrived and was not taken yet.
    pub(crate) fn rest(&self) -> Vec<Received> {
        self.inbox.try_iter().collect()
    }
}

fn serve(mut connection: TcpStream, answer: &[u8], sender: &Sender<Received>) -> Option<()> {
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let mut request_line = String::new();
    reader.read_line(&mut request_line).ok()?;
    let mut headers = HashMap::new();
    for line in reader.by_ref().lines() {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let request_line = request_line.trim_end().to_owned();
    let received = Received {
        request_line,
        headers,
        body,
    };
    sender.send(received).ok()?;
    connection.write_all(answer).ok()
}
