//! The RealtimeKit REST API; useful without Terraform.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use realtimekit::api::{Client, Config, DEFAULT_BASE_URL, Secret};
//!
//! let token = Secret::new("API token")?;
//! let client = Client::new(Config::new(DEFAULT_BASE_URL.parse()?, token, "example/1.0"));
//! for webhook in client.webhooks("account ID", "app ID").list().await?.iter() {
//!     assert!(!webhook.id.is_empty());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every request goes through one `send`, which keeps to the rate limit and retries what may then
//! succeed. [`Error`] says what happened; what a user should do about it is not known here.

mod apps;
mod cache;
mod cause;
mod config;
mod create;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod path;
mod proxy;
mod public_key;
mod rate_limit;
mod response;
mod retry;
mod send;
mod tls_errors;
mod url;
mod webhooks;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use ::http::StatusCode;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use self::http::{Request, Transport};
use cache::WebhookCache;
use rate_limit::RateLimiter;

pub use apps::{App, AppList};
pub use cache::WebhookList;
pub use cause::TransportError;
pub use config::{
    BaseUrl, Config, DEFAULT_BASE_URL, DEFAULT_CONNECT_TIMEOUT, DEFAULT_MAX_RETRIES,
    DEFAULT_OPERATION_TIMEOUT, DEFAULT_TIMEOUT, InvalidBaseUrl, InvalidSecret, Secret, Timing,
};
pub use error::{Call, Error, ErrorResponse};
pub use path::{InvalidSegment, check_path_segment, is_webhook_id};
pub use public_key::DEFAULT_PUBLIC_KEY_URL;
pub use retry::{Attempts, RetryStopped};
pub use url::{InvalidUrl, parse_server_url, same_url, shown_url};
pub use webhooks::{UnreadableItem, Webhook, WebhookRequest, Webhooks, same_time};

/// A client of the API. Cheap to clone; clones share connections, rate limit and lists.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    /// Set up by the first request: loading root certificates takes a while.
    transport: OnceLock<Result<Transport, TransportError>>,
    rate_limiter: RateLimiter,
    stop: CancellationToken,
    /// Whether the last answers were 403, even after the time that a new token takes to spread.
    is_forbidden: AtomicBool,
    /// What is known of each app, by account and app.
    caches: Mutex<HashMap<(String, String), Arc<WebhookCache>>>,
}

impl Client {
    /// A client that has not connected yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::with_transport(config, OnceLock::new(), CancellationToken::new())
    }

    fn with_transport(
        config: Config,
        transport: OnceLock<Result<Transport, TransportError>>,
        stop: CancellationToken,
    ) -> Self {
        let shared = Shared {
            rate_limiter: RateLimiter::new(&config),
            config,
            transport,
            stop,
            is_forbidden: AtomicBool::new(false),
            caches: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Ends all waiting for good: for retries and for the rate limit. A write in progress is left
    /// to finish, and a read for a short time. What needs no wait is still sent, so that an
    /// operation can find out what it did.
    pub fn stop(&self) {
        self.shared.stop.cancel();
    }

    /// How long the API's rate limit blocks every request, if it does.
    #[must_use]
    pub fn blocked_for(&self) -> Option<Duration> {
        self.shared.rate_limiter.blocked_for()
    }

    fn stop_token(&self) -> &CancellationToken {
        &self.shared.stop
    }

    fn timing(&self) -> &Timing {
        &self.shared.config.timing
    }

    fn max_retries(&self) -> u32 {
        self.shared.config.max_retries
    }

    fn cache(&self, account_id: &str, app_id: &str) -> Arc<WebhookCache> {
        let caches = self.shared.caches.lock();
        let mut caches = caches.unwrap_or_else(PoisonError::into_inner);
        let cache = caches.entry((account_id.to_owned(), app_id.to_owned()));
        Arc::clone(cache.or_default())
    }

    fn transport(&self) -> Result<Transport, Error> {
        let Shared {
            config, transport, ..
        } = &*self.shared;
        let transport = transport.get_or_init(|| Transport::new(config)).clone();
        transport.map_err(|source| Error::Setup { source })
    }

    /// A text of a server, fit to be shown: even one that repeats the token or a webhook's URL.
    fn quote(&self, words: &str) -> String {
        response::one_line(&url::mask_urls(&self.shared.config.token.mask(words)))
    }
}

/// The answer to a request that succeeded.
#[derive(Debug)]
struct ApiResponse {
    call: Call,
    status: StatusCode,
    cf_ray: Option<String>,
    date: Option<SystemTime>,
    value: Option<Value>,
    attempts: Attempts,
}

impl ApiResponse {
    /// Reads the value of the answer. The error of `read` says what is wrong, without any value.
    fn decode<T>(&mut self, read: impl FnOnce(&Value) -> Result<T, String>) -> Result<T, Error> {
        let value = self.value.take();
        let result = match &value {
            Some(value) => read(value),
            None => Err("it holds no data".to_owned()),
        };
        result.map_err(|problem| self.unreadable(problem))
    }

    fn unreadable(&self, problem: impl Into<String>) -> Error {
        Error::Unreadable {
            call: self.call.clone(),
            status: self.status,
            problem: problem.into(),
            broken_off: false,
            cf_ray: self.cf_ray.clone(),
            attempts: Box::new(self.attempts),
        }
    }
}
