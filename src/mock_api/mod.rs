//! The RealtimeKit webhooks API on the loopback interface: for tests, for the demo, and for
//! trying a configuration without an account.
//!
//! Written from the API's description, not from the client: it shares no type with the client, so
//! that a field that the client misspells fails a test.
//!
//! Where each behavior comes from:
//!
//! - routes, fields, event names, the `data` envelope, the `error` shape and the messages of 400,
//!   401 and 404: Cloudflare's OpenAPI document and reference pages;
//! - the other envelope and error shapes and the rate limit: Cloudflare's general API;
//! - every other [`Quirks`] switch that is on in [`Quirks::live`]: what clients met on the
//!   live service;
//! - deliveries, their headers and their public key: RealtimeKit's guide to webhooks;
//! - refusing unknown body fields, the size of a page of apps, `cf-ray` values, the page at `/`
//!   and what is below `/mock/`: chosen here.
//!
//! ```
//! use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};
//!
//! let api = MockApi::builder().quirks(Quirks::live()).start()?;
//! api.fail(Matcher::method(http::Method::POST), 1, Fault::drop_connection().after_storing());
//! println!("{} takes {}", api.base_url(), api.token());
//! assert!(api.calls().is_empty());
//! # std::io::Result::Ok(())
//! ```

mod api;
mod builder;
mod control;
mod delivery;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod handle;
mod model;
mod server;
mod state;

pub use builder::Builder;
pub use control::endpoints;
pub use handle::MockApi;
pub use model::faults::{Fault, FaultRule, Matcher};
pub use model::log::{Call, Delivery};
pub use model::quirks::{
    DeleteAnswer, Envelope, ErrorShape, Quirks, RateLimit, RetryAfter, Switch,
};
pub use model::seed::Seed;
pub use model::webhook::Webhook;
pub use model::{DEFAULT_TOKEN, MockError, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
pub use server::tls::Tls;
