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
    pub(crate) length: Option<usize>,
}

impl Delivery {
    pub(crate) fn signed(body: &str, key: &Key, id: Option<&str>) -> Self {
        Self {
            body: body.to_owned(),
            signature: Some(key.sign(body.as_bytes())),
            id: id.map(str::to_owned),
            ..Self::default()
        }
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
        let mut head = "POST /hooks HTTP/1.1\r\nhost: receiver\r\nconnection: close\r\n\
                        content-type: application/json\r\n\
                        rtk-webhook-id: 7b1f0c7e-1a55-4b8e-9d2c-4f3a2e1d0c9b\r\n"
            .to_owned();
        for (name, value) in [("rtk-signature", &self.signature), ("rtk-uuid", &self.id)] {
            head.extend(value.iter().map(|value| format!("{name}: {value}\r\n")));
        }
        let body = match self.in_chunks {
            true => "transfer-encoding: chunked".to_owned(),
            false => format!("content-length: {}", self.length.unwrap_or(self.body.len())),
        };
        format!("{head}{body}\r\n\r\n")
    }

    fn framed_body(&self) -> Vec<u8> {
        let body = self.body.as_bytes();
        if !self.in_chunks {
            return body.to_vec();
        }
        let chunks = body.chunks(body.len().div_ceil(3));
        let framed = chunks.flat_map(|chunk| {
            let length = format!("{:x}\r\n", chunk.len());
            [length.as_bytes(), chunk, b"\r\n"].concat()
        });
        framed.chain(*b"0\r\n\r\n").collect()
    }
}
