//! Deliveries as RealtimeKit sends them, and as others might.

use crate::keys::Key;

const HEAD: &str = "POST /hooks HTTP/1.1\r\nhost: receiver\r\nconnection: close\r\n\
                    content-type: application/json\r\n\
                    rtk-webhook-id: 7b1f0c7e-1a55-4b8e-9d2c-4f3a2e1d0c9b\r\n";

/// A request that is sent as it is, right or wrong.
pub(crate) struct Delivery {
    pub(crate) head: String,
    /// The header that says where the body ends.
    pub(crate) framing: String,
    pub(crate) body: Vec<u8>,
}

impl Delivery {
    pub(crate) fn unsigned(body: &str) -> Self {
        Self {
            head: HEAD.to_owned(),
            framing: format!("content-length: {}", body.len()),
            body: body.into(),
        }
    }

    pub(crate) fn signed(body: &str, key: &Key) -> Self {
        Self::unsigned(body).header("rtk-signature", &key.sign(body))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head += &format!("{name}: {value}\r\n");
        self
    }

    /// The same, with its body in three chunks.
    pub(crate) fn in_chunks(self) -> Self {
        let chunks = self.body.chunks(self.body.len().div_ceil(3));
        let framed = chunks.flat_map(|chunk| {
            let length = format!("{:x}\r\n", chunk.len());
            [length.as_bytes(), chunk, b"\r\n"].concat()
        });
        Self {
            body: framed.chain(*b"0\r\n\r\n").collect(),
            framing: "transfer-encoding: chunked".to_owned(),
            ..self
        }
    }
}
