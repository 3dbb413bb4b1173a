//! The RealtimeKit REST API; useful without Terraform.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use realtimekit::api::{Client, Config, DEFAULT_BASE_URL, Secret};
//!
//! let token = Secret::new("API token")?;
//! let client = Client::new(Config::new(DEFAULT_BASE_URL.parse()?, token, "example/1.0"));
//! let webhooks = client.webhooks("account ID", "app ID").list().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Every request goes through one `send`, which keeps to the rate limit and retries what may then
//! succeed. [`Error`] says what happened; what a user should do about it is not known here.

mod apps;
mod cache;
mod client;
mod config;
mod create;
mod error;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod path;
mod proxy;
mod public_key;
mod rate_limit;
mod response;
mod retry;
mod tls_errors;
mod url;
mod webhook;
mod webhooks;

pub use apps::{App, AppList};
pub use cache::WebhookList;
pub use client::Client;
pub use config::{BaseUrl, Config, DEFAULT_BASE_URL, Secret, Timing};
pub use error::{Call, Error, Failure, RetryStopped};
pub use path::{check_path_segment, is_webhook_id};
pub use public_key::DEFAULT_PUBLIC_KEY_URL;
pub use response::UnreadableItem;
pub use url::{parse_server_url, same_url, shown_url};
pub use webhook::{Webhook, WebhookRequest, same_time};
pub use webhooks::Webhooks;
