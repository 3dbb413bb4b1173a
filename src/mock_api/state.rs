//! What the API holds while it runs, behind one lock.

use super::access::Access;
use super::deliveries::Delivery;
use super::envelope::ApiError;
use super::fault_rules::{FaultPlan, FaultRule};
use super::keys::SigningKey;
use super::log::{Call, CallLog};
use super::quirk_values::{ErrorShape, RetryAfter};
use super::quirks::Quirks;
use super::rate_limit::{DOCUMENTED, RateCounter};
use super::store::Store;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;
use tokio::sync::watch;

/// Where the API begins on the server.
pub(super) const BASE_PATH: &str = "/client/v4";

/// How many deliveries are remembered.
const MAX_DELIVERIES: usize = 100;

const HTTP_DATE: &[FormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// What is called with every request once it is answered.
pub(super) type Observer = Box<dyn Fn(&Call) + Send + Sync>;

/// What connections share with each other and with [`MockApi`](super::MockApi).
pub(super) struct AppState {
    /// Who may use the page and the control endpoint.
    pub(super) access: Access,
    /// Whether sample deliveries may go to other machines.
    pub(super) allow_remote_deliveries: bool,
    pub(super) observer: Option<Observer>,
    state: Mutex<MockState>,
    changes: watch::Sender<()>,
}

impl AppState {
    pub(super) fn new(
        state: MockState,
        access: Access,
        allow_remote_deliveries: bool,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            access,
            allow_remote_deliveries,
            observer,
            state: Mutex::new(state),
            changes: watch::Sender::default(),
        }
    }

    /// No code that holds the lock leaves the state half changed, so a poisoned lock is usable.
    pub(super) fn lock(&self) -> StateGuard<'_> {
        StateGuard {
            state: self.state.lock().unwrap_or_else(PoisonError::into_inner),
            changes: &self.changes,
            changed: false,
        }
    }

    /// Becomes ready after each change of the state.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// The locked state; announces a change when it is released after mutable access.
pub(super) struct StateGuard<'a> {
    state: MutexGuard<'a, MockState>,
    changes: &'a watch::Sender<()>,
    changed: bool,
}

impl Deref for StateGuard<'_> {
    type Target = MockState;

    fn deref(&self) -> &MockState {
        &self.state
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut MockState {
        self.changed = true;
        &mut self.state
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        if self.changed {
            self.changes.send_replace(());
        }
    }
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
pub(super) struct MockState {
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

impl MockState {
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
    pub(super) fn admit(&mut self, headers: &HeaderMap) -> Result<(), ApiError> {
        self.check_token(headers)?;
        self.check_rate()?;
        self.admitted = self.admitted.saturating_add(1);
        if self.admitted <= self.quirks.forbidden_calls {
            let message = "Unauthorized to access requested resource";
            return Err(ApiError::edge(StatusCode::FORBIDDEN, 9109, message));
        }
        Ok(())
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), ApiError> {
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

    fn check_rate(&mut self) -> Result<(), ApiError> {
        let Some(limit) = self.quirks.rate_limit else {
            return Ok(());
        };
        let counted = self.rate.count(&limit, Instant::now());
        counted.map_err(|wait| self.too_many_requests(wait))
    }

    fn too_many_requests(&self, wait: Duration) -> ApiError {
        let message = "Please wait and consider throttling your request speed";
        let retry_after = match self.quirks.retry_after {
            RetryAfter::Seconds => Some(whole_seconds(wait).to_string()),
            RetryAfter::HttpDate => http_date_in(wait),
            RetryAfter::Missing => None,
        };
        ApiError {
            retry_after: retry_after.and_then(|value| value.try_into().ok()),
            ..ApiError::edge(StatusCode::TOO_MANY_REQUESTS, 971, message)
        }
    }
}

/// The documentation and the gateway have different words for it.
fn unauthorized(quirks: &Quirks) -> ApiError {
    let message = match quirks.edge_errors {
        ErrorShape::Gateway => "Authentication error",
        ErrorShape::Documented | ErrorShape::Message => "Unauthorized",
    };
    ApiError::edge(StatusCode::UNAUTHORIZED, 10000, message)
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
