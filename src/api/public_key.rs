//! The key that a receiver checks the signatures of deliveries with. It is public, and is not
//! where the API is: the token is never sent there.

use std::sync::{Arc, OnceLock};

use http::Method;
use serde_json::Value;

use super::config::BaseUrl;
use super::decode::Fields;
use super::http::Transport;
use super::limiter::Limiter;
use super::{Client, Config, Error, Request, Shared};

/// Where RealtimeKit publishes the key.
pub const DEFAULT_PUBLIC_KEY_URL: &str =
    "https://api.realtime.cloudflare.com/.well-known/webhooks.json";

/// Largest answer, in bytes.
const LARGEST_KEY: usize = 64 * 1024;

impl Client {
    /// The public key of the deliveries' signatures, as the service writes it.
    ///
    /// Everything is as for other calls, except that no token is sent and that requests do not
    /// count for the API's rate limit.
    ///
    /// # Errors
    ///
    /// When the service refuses, cannot be reached, or answers something else than a key.
    pub async fn public_key(&self, url: &BaseUrl) -> Result<String, Error> {
        let (origin, path) = url.split();
        let request = Request {
            largest_answer: LARGEST_KEY,
            ..Request::new(Method::GET, path)
        };
        let mut answer = self.without_token(origin).send(request).await?;
        answer.decode(read_key)
    }

    /// A client of another server, to which the token is not sent; stopped with this one.
    fn without_token(&self, base_url: BaseUrl) -> Self {
        let config = Config {
            base_url,
            ..self.shared.config.clone()
        };
        let shared = Shared {
            transport: OnceLock::from(Transport::without_token(&config)),
            limiter: Limiter::new(&config),
            config,
            stop: self.shared.stop.clone(),
            apps: Default::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }
}

pub(super) fn read_key(value: Value) -> Result<String, String> {
    let key = Fields::new("data", value)?.required_string("publicKey")?;
    match key.trim().is_empty() {
        true => Err("data.publicKey is empty".to_owned()),
        false => Ok(key),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_taken_as_it_is() {
        let key = read_key(json!({"publicKey": "-----BEGIN\n", "other": 1}));

        assert_eq!(key.as_deref(), Ok("-----BEGIN\n"));
    }

    #[test]
    fn an_answer_without_a_key_says_what_is_missing() {
        let cases = [
            (json!([]), "data is a list, expected an object"),
            (json!({}), "data.publicKey is missing"),
            (json!({"publicKey": " "}), "data.publicKey is empty"),
            (
                json!({"publicKey": {}}),
                "data.publicKey is an object, expected a string",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(read_key(value).unwrap_err(), expected);
        }
    }
}
