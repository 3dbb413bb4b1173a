//! What the API does with a request: who may call, how often, and which route it is.

use super::apps;
use super::delivery::Delivery;
use super::envelope::{Answer, Refusal, Success};
use super::fault_rule::FaultRule;
use super::faults::FaultPlan;
use super::keys::{PUBLIC_KEY_PATH, SigningKey};
use super::log::CallLog;
use super::quirk_values::{ErrorShape, RetryAfter};
use super::quirks::Quirks;
use super::rate_limit::{DOCUMENTED, RateCounter};
use super::store::{AppKey, Store};
use super::webhooks::{Webhooks, method_not_allowed};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

/// Where the API begins on the server.
pub(super) const BASE_PATH: &str = "/client/v4";

/// How many deliveries are remembered.
const MAX_DELIVERIES: usize = 100;

const HTTP_DATE: &[FormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// A request that has arrived in full. Has no `Debug`, which would show the token.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    /// `None` if it was too large to be read.
    pub(super) body: Option<Bytes>,
}

/// What there is at the start, and after each reset.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) quirks: Quirks,
    pub(super) store: Store,
    pub(super) faults: Vec<FaultRule>,
}

/// Everything that requests and tests may look at and change.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) quirks: Quirks,
    pub(super) faults: FaultPlan,
    pub(super) store: Store,
    pub(super) log: CallLog,
    pub(super) deliveries: Vec<Delivery>,
    start: Start,
    pub(super) key: Arc<SigningKey>,
    token: Token,
    rate: RateCounter,
    admitted: u32,
}

/// A token that no `Debug` shows.
pub(super) struct Token(pub(super) String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<redacted>")
    }
}

impl Service {
    pub(super) fn new(start: Start, log: CallLog, token: Token) -> Self {
        Self {
            quirks: start.quirks.clone(),
            store: start.store.clone(),
            faults: FaultPlan::new(&start.faults),
            log,
            deliveries: Vec::new(),
            start,
            token,
            key: Arc::default(),
            rate: RateCounter::default(),
            admitted: 0,
        }
    }

    /// Back to the start; the numbers of calls go on.
    pub(super) fn reset(&mut self) {
        self.quirks = self.start.quirks.clone();
        self.store = self.start.store.clone();
        self.faults = FaultPlan::new(&self.start.faults);
        self.log.clear();
        self.deliveries.clear();
        self.rate = RateCounter::default();
        self.admitted = 0;
    }

    /// Notes a delivery, and forgets the oldest when there are too many.
    pub(super) fn delivered(&mut self, delivery: Delivery) {
        let surplus = (self.deliveries.len() + 1).saturating_sub(MAX_DELIVERIES);
        self.deliveries.drain(..surplus);
        self.deliveries.push(delivery);
    }

    pub(super) fn token(&self) -> &str {
        &self.token.0
    }

    /// Acts on a request and answers it.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        if request.path == PUBLIC_KEY_PATH {
            return self.public_key(&request.method);
        }
        let outcome = self.admit(request).and_then(|()| self.route(request));
        match outcome {
            Ok(success) => Answer::success(success, &self.quirks),
            Err(refusal) => Answer::refusal(refusal, &self.quirks),
        }
    }

    /// Outside of the API: whoever asks gets it, and there is one envelope.
    fn public_key(&self, method: &Method) -> Answer {
        if method != Method::GET {
            return Answer::refusal(method_not_allowed(), &self.quirks);
        }
        match self.key.public_pem() {
            Some(key) => Answer::json(StatusCode::OK, &json!({"data": {"publicKey": key}})),
            None => {
                let refusal = Refusal::plain(StatusCode::INTERNAL_SERVER_ERROR);
                Answer::refusal(refusal, &self.quirks)
            }
        }
    }

    /// The headers that tell the rate limit, if the API sends them.
    pub(super) fn rate_limit_headers(&mut self) -> Vec<(HeaderName, HeaderValue)> {
        if !self.quirks.ratelimit_headers {
            return Vec::new();
        }
        let limit = self.quirks.rate_limit.unwrap_or(DOCUMENTED);
        let (left, time) = match self.quirks.rate_limit {
            Some(limit) => self.rate.left(&limit, Instant::now()),
            None => (limit.requests, limit.window),
        };
        let state = format!("\"default\";r={left};t={}", whole_seconds(time));
        let window = limit.window.as_secs();
        let policy = format!("\"burst\";q={};w={window}", limit.requests);
        [("ratelimit", state), ("ratelimit-policy", policy)]
            .into_iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::from_static(name), value.try_into().ok()?))
            })
            .collect()
    }

    /// The gateway's part: token, rate limit, permission.
    fn admit(&mut self, request: &Request) -> Result<(), Refusal> {
        self.check_token(&request.headers)?;
        self.check_rate()?;
        self.admitted = self.admitted.saturating_add(1);
        if self.admitted <= self.quirks.forbidden_calls {
            let message = "Unauthorized to access requested resource";
            return Err(Refusal::edge(StatusCode::FORBIDDEN, 9109, message));
        }
        Ok(())
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self.has_token(headers) {
            true => Ok(()),
            false => Err(unauthorized(&self.quirks)),
        }
    }

    pub(super) fn has_token(&self, headers: &HeaderMap) -> bool {
        let expected = format!("Bearer {}", self.token.0);
        let sent = headers.get(http::header::AUTHORIZATION);
        sent.is_some_and(|sent| sent.as_bytes() == expected.as_bytes())
    }

    fn check_rate(&mut self) -> Result<(), Refusal> {
        let Some(limit) = self.quirks.rate_limit else {
            return Ok(());
        };
        let counted = self.rate.count(&limit, Instant::now());
        counted.map_err(|wait| self.too_many_requests(wait))
    }

    fn too_many_requests(&self, wait: Duration) -> Refusal {
        let message = "Please wait and consider throttling your request speed";
        let retry_after = match self.quirks.retry_after {
            RetryAfter::Seconds => Some(whole_seconds(wait).to_string()),
            RetryAfter::HttpDate => http_date_in(wait),
            RetryAfter::Missing => None,
        };
        Refusal {
            retry_after: retry_after.and_then(|value| value.try_into().ok()),
            ..Refusal::edge(StatusCode::TOO_MANY_REQUESTS, 971, message)
        }
    }

    fn route(&mut self, request: &Request) -> Result<Success, Refusal> {
        let Some(body) = &request.body else {
            let message = "Request body is too large";
            return Err(Refusal::edge(StatusCode::PAYLOAD_TOO_LARGE, 10413, message));
        };
        let segments = segments(&request.path).unwrap_or_default();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments[..] {
            ["accounts", account, "realtime", "kit", "apps"] => {
                self.check_account(account)?;
                match request.method {
                    Method::GET => {
                        apps::list(&self.store, &self.quirks, account, request.query.as_deref())
                    }
                    _ => Err(method_not_allowed()),
                }
            }
            ["accounts", account, "realtime", "kit", app, "webhooks"] => self
                .webhooks(account, app)?
                .collection(&request.method, body),
            ["accounts", account, "realtime", "kit", app, "webhooks", id] => {
                let mut webhooks = self.webhooks(account, app)?;
                match (id, &request.method) {
                    ("all", &Method::GET) => webhooks.event_names(),
                    _ => webhooks.member(&request.method, id, body),
                }
            }
            _ => Err(no_route()),
        }
    }

    fn webhooks(&mut self, account: &str, app: &str) -> Result<Webhooks<'_>, Refusal> {
        self.check_account(account)?;
        let known = self.store.apps(account).iter().any(|known| known.id == app);
        if !known && !self.quirks.any_app {
            let message = format!("Error: app {app} not found");
            return Err(Refusal::service(StatusCode::NOT_FOUND, message));
        }
        let app: AppKey = (account.to_owned(), app.to_owned());
        Ok(Webhooks {
            quirks: &self.quirks,
            store: &mut self.store,
            app,
        })
    }

    fn check_account(&self, account: &str) -> Result<(), Refusal> {
        if self.quirks.any_app || !self.store.apps(account).is_empty() {
            return Ok(());
        }
        let message = format!("Error: account {account} not found");
        Err(Refusal::service(StatusCode::NOT_FOUND, message))
    }
}

/// The documentation and the gateway have different words for it.
fn unauthorized(quirks: &Quirks) -> Refusal {
    let message = match quirks.edge_errors {
        ErrorShape::Gateway => "Authentication error",
        ErrorShape::Documented | ErrorShape::Message => "Unauthorized",
    };
    Refusal::edge(StatusCode::UNAUTHORIZED, 10000, message)
}

fn no_route() -> Refusal {
    Refusal::edge(StatusCode::NOT_FOUND, 7000, "No route for that URI")
}

/// The decoded segments after the base path; none if one of them is empty or no UTF-8.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix(BASE_PATH)?.strip_prefix('/')?;
    path.split('/')
        .map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8().ok()?;
            (!decoded.is_empty()).then(|| decoded.into_owned())
        })
        .collect()
}

/// Rounded up: who waits so long has waited long enough.
fn whole_seconds(duration: Duration) -> u64 {
    let started = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(started)
}

/// The first whole second that is not before the end of `wait`; `None` if no calendar has it.
fn http_date_in(wait: Duration) -> Option<String> {
    let round_up = time::Duration::nanoseconds(999_999_999);
    let end = OffsetDateTime::now_utc().checked_add(wait.try_into().ok()?)?;
    end.checked_add(round_up)?.format(HTTP_DATE).ok()
}
