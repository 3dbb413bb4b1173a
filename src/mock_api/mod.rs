//! The RealtimeKit webhooks API on the loopback interface: for tests, for the demo, and for
//! trying a configuration without an account.
//!
//! Written from the API's description, not from the client: it shares no type with the client, so
//! that a field that the client misspells fails a test.
//!
//! Routes, fields, event names and the documented errors are those of Cloudflare's OpenAPI document;
//! the other shapes and the rate limit those of Cloudflare's general API; what [`Quirks::live`]
//! changes was met on the live service; deliveries follow RealtimeKit's guide to webhooks. Chosen
//! here: unknown body fields are refused, sizes of pages, `cf-ray`, the page and `/mock/`.
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
mod model;
mod server;
mod state;
mod tls;

pub use builder::MockApi;
pub use control::endpoints;
pub use model::faults::{Fault, FaultRule, Matcher};
pub use model::log::{Call, Delivery};
pub use model::quirks::{DeleteAnswer, Envelope, ErrorShape, Quirks, RateLimit, Switch};
pub use model::seed::Seed;
pub use model::webhook::Webhook;
pub use model::{DEFAULT_TOKEN, MockError, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
pub use state::Builder;
pub use tls::Tls;
