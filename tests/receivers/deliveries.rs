//! Deliveries as RealtimeKit sends them, and as others might.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::keys::Key;

#[derive(Debug, Clone, Default)]
pub(crate) struct Delivery {
    pub(crate) body: String,
    pub(crate) signature: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) in_chunks: bool,
    /// The length in the header, if it is not the body's.
    pub(crate) length: Option<u64>,
}

impl Delivery {
    pub(crate) fn signed(body: &str, key: &Key) -> Self {
        Self {
            body: body.to_owned(),
            signature: Some(key.sign(body.as_bytes())),
            ..Self::default()
        }
    }

    pub(crate) fn with_id(self, id: &str) -> Self {
        let id = Some(id.to_owned());
        Self { id, ..self }
    }

    pub(crate) fn in_chunks(self) -> Self {
        let in_chunks = true;
        Self { in_chunks, ..self }
    }

    /// Sends it and returns the status of the answer.
    pub(crate) fn send(&self, receiver: SocketAddr) -> u16 {
        let mut stream = TcpStream::connect(receiver).unwrap();
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).unwrap();
        // A receiver may refuse a body before it has read all of it.
        drop(stream.write_all(self.head().as_bytes()));
        drop(stream.write_all(&self.framed_body()));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let status = answer.get("HTTP/1.1 ".len()..).unwrap().split_at(3).0;
        String::from_utf8_lossy(status).parse().unwrap()
    }

    fn head(&self) -> String {
        let mut lines = vec![
            "POST /hooks HTTP/1.1".to_owned(),
            "host: receiver".to_owned(),
            "connection: close".to_owned(),
            "content-type: application/json".to_owned(),
            "rtk-webhook-id: 7b1f0c7e-1a55-4b8e-9d2c-4f3a2e1d0c9b".to_owned(),
        ];
        let optional = [("rtk-signature", &self.signature), ("rtk-uuid", &self.id)];
        for (name, value) in optional {
            lines.extend(value.iter().map(|value| format!("{name}: {value}")));
        }
        lines.push(match (self.in_chunks, self.length) {
            (true, _) => "transfer-encoding: chunked".to_owned(),
            (_, Some(length)) => format!("content-length: {length}"),
            _ => format!("content-length: {}", self.body.len()),
        });
        lines.join("\r\n") + "\r\n\r\n"
    }

    fn framed_body(&self) -> Vec<u8> {
        let body = self.body.as_bytes();
        if !self.in_chunks {
            return body.to_vec();
        }
        let mut framed = Vec::new();
        for chunk in body.chunks(body.len().div_ceil(3)) {
            framed.extend(format!("{:x}\r\n", chunk.len()).bytes());
            framed.extend(chunk);
            framed.extend(b"\r\n");
        }
        framed.extend(b"0\r\n\r\n");
        framed
    }
}
