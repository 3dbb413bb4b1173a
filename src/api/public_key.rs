//! The key that a receiver checks the signatures of deliveries with. It is public and published
//! elsewhere than the API, so the token is never sent there.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::config::BaseUrl;
use super::error::Error;
use super::http::Request;
use super::response::decode;

/// Where RealtimeKit publishes the key.
pub const DEFAULT_PUBLIC_KEY_URL: &str =
    "https://api.realtime.cloudflare.com/.well-known/webhooks.json";

impl Client {
    /// The public key of the deliveries' signatures, as the service writes it. The request has no
    /// token and does not count for the API's rate limit.
    pub async fn public_key(&self, url: &BaseUrl) -> Result<String, Error> {
        let (origin, path) = url.split();
        let request = Request::new(Method::GET, path, self.default_deadline());
        let answer = self.without_token(origin).send(request).await?;
        answer.decode(read_key)
    }
}

pub(super) fn read_key(value: &Value) -> Result<String, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Key {
        public_key: String,
    }
    let Key { public_key } = decode("data", value)?;
    match public_key.trim().is_empty() {
        true => Err("publicKey is empty".to_owned()),
        false => Ok(public_key),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn key_is_taken_as_it_is() {
        let key = read_key(&json!({"publicKey": "-----BEGIN\n", "other": 1}));

        assert_eq!(key.as_deref(), Ok("-----BEGIN\n"));
    }

    #[test]
    fn answer_without_key_says_what_is_missing() {
        let cases = [
            (json!([]), "data is a list, expected an object"),
            (json!({}), "publicKey is missing"),
            (json!({"publicKey": " "}), "publicKey is empty"),
            (
                json!({"publicKey": {}}),
                "publicKey is an object, expected a string",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(read_key(&value).unwrap_err(), expected);
        }
    }
}
