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
//! Every call goes through one `send`, which keeps to the rate limit and tries again what may
//! then succeed. [`Error`] says what became of a call; what else to do about it is not known here.

mod app;
mod apps;
mod attempts;
mod budget;
mod cause;
mod complaint;
mod config;
mod create;
mod deadline;
mod decode;
mod envelope;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod ids;
mod limiter;
mod proxy;
mod public_key;
mod rate_limit;
mod reads;
mod refusal;
mod retry;
mod retry_after;
mod send;
mod snapshot;
mod stop;
mod text;
mod tls_errors;
mod transport;
mod urls;
mod webhook;
mod webhooks;

use std::collections::HashMap;
use std::iter;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::Value;

use app::App;
use envelope::{Answer, Cut, Failure};
use limiter::Limiter;
use stop::Stop;
use transport::{Request, Transport};

pub use apps::ListedApp;
pub use attempts::{Attempts, GaveUp};
pub use cause::Cause;
pub use config::{
    BaseUrl, Config, DEFAULT_BASE_URL, DEFAULT_CONNECT_TIMEOUT, DEFAULT_MAX_RETRIES,
    DEFAULT_OPERATION_TIMEOUT, DEFAULT_TIMEOUT, InvalidBaseUrl, InvalidSecret, Secret, Timing,
};
pub use error::{Call, Error};
pub use ids::{InvalidSegment, check_path_segment, is_webhook_id};
pub use public_key::DEFAULT_PUBLIC_KEY_URL;
pub use refusal::Refusal;
pub use snapshot::Snapshot;
pub use urls::{same_url, shown_url};
pub use webhook::{Webhook, WebhookEdit, WebhookRequest};
pub use webhooks::Webhooks;

/// A client of the API. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    /// Made by the first call: loading root certificates takes a while.
    transport: OnceLock<Result<Transport, Cause>>,
    limiter: Limiter,
    stop: Stop,
    /// What is known of each app, by account and app.
    apps: Mutex<HashMap<(String, String), Arc<App>>>,
}

impl Client {
    /// A client that has not connected yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let shared = Shared {
            limiter: Limiter::new(&config),
            config,
            stop: Stop::new(),
            transport: OnceLock::new(),
            apps: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Ends all waiting, for good: for a retry, and for the rate limit. A request under way is
    /// left to be answered, for a short time if it changes nothing. What needs no wait is still
    /// sent, so that an operation can find out what it did.
    pub fn stop(&self) {
        self.shared.stop.stop();
    }

    /// How long the API's rate limit keeps every request waiting, if it does.
    #[must_use]
    pub fn blocked_for(&self) -> Option<Duration> {
        self.shared.limiter.blocked_for()
    }

    /// What is known of an app.
    fn app(&self, account_id: &str, app_id: &str) -> Arc<App> {
        let mut apps = self
            .shared
            .apps
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let app = apps.entry((account_id.to_owned(), app_id.to_owned()));
        Arc::clone(app.or_default())
    }

    /// How long to wait before each further look for a webhook that must appear.
    fn settling(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        const LOOKS: usize = 4;
        iter::successors(Some(self.shared.config.timing.settling), |wait| {
            Some(*wait * 2)
        })
        .take(LOOKS)
    }

    /// Returns once the client is told to stop.
    async fn stopped(&self) {
        self.shared.stop.stopped().await;
    }

    fn timing(&self) -> &Timing {
        &self.shared.config.timing
    }

    fn max_retries(&self) -> u32 {
        self.shared.config.max_retries
    }

    fn transport(&self) -> Result<Transport, Error> {
        let Shared {
            config, transport, ..
        } = &*self.shared;
        let transport = transport.get_or_init(|| Transport::new(config)).clone();
        transport.map_err(|source| Error::Setup { source })
    }

    fn read(&self, call: Call, answer: &Answer, attempts: Attempts) -> Result<Success, Error> {
        let status = answer.status;
        let cf_ray = envelope::cf_ray(&answer.headers);
        match envelope::read(answer) {
            Ok(value) => Ok(Success {
                call,
                status,
                cf_ray,
                value,
                attempts,
            }),
            Err(Failure::Refused(complaint)) => Err(Error::Refused {
                call,
                refusal: Box::new(Refusal {
                    status,
                    message: self.quote(&complaint.message),
                    code: complaint.code.map(|code| self.quote(&code)),
                    from_api: complaint.from_api,
                    retry_after: retry_after::retry_after(&answer.headers, SystemTime::now()),
                    cf_ray,
                }),
                attempts: Box::new(attempts),
            }),
            Err(Failure::Unreadable(problem)) => Err(Error::Unreadable {
                call,
                status,
                problem: self.quote(&problem),
                broken_off: matches!(answer.cut, Some(Cut::BrokenOff(_))),
                cf_ray,
                attempts: Box::new(attempts),
            }),
        }
    }

    /// What a server said, fit to be shown: even a server that repeats the token, or a webhook's
    /// URL.
    fn quote(&self, words: &str) -> String {
        text::one_line(&urls::mask_urls(&self.shared.config.token.mask(words)))
    }
}

/// What a call that succeeded was answered with.
#[derive(Debug)]
struct Success {
    call: Call,
    status: StatusCode,
    cf_ray: Option<String>,
    value: Option<Value>,
    attempts: Attempts,
}

impl Success {
    /// Reads the value of the answer. What `read` cannot use, it describes without showing it.
    fn decode<T>(&mut self, read: impl FnOnce(Value) -> Result<T, String>) -> Result<T, Error> {
        let value = self.value.take();
        let result = value
            .ok_or_else(|| "it holds no data".to_owned())
            .and_then(read);
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
