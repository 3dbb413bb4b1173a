//! What the API holds while it runs, behind one lock.

use super::model::faults::FaultPlan;
use super::model::keys::SigningKey;
use super::model::log::{Call, CallLog, Delivery};
use super::model::quirks::Quirks;
use super::model::rate_limit::RateCounter;
use super::model::store::Store;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many deliveries are remembered.
const MAX_DELIVERIES: usize = 100;

/// What is called with every request once it is answered.
pub(crate) type Observer = Box<dyn Fn(&Call) + Send + Sync>;

/// What connections share with each other and with [`MockApi`](super::MockApi).
pub(crate) struct AppState {
    /// Whether sample deliveries may go to other machines.
    pub(crate) allow_remote_deliveries: bool,
    pub(crate) observer: Option<Observer>,
    state: Mutex<MockState>,
    changes: watch::Sender<()>,
}

impl AppState {
    pub(crate) fn new(
        state: MockState,
        allow_remote_deliveries: bool,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            allow_remote_deliveries,
            observer,
            state: Mutex::new(state),
            changes: watch::Sender::default(),
        }
    }

    /// No code that holds the lock leaves the state half changed, so a poisoned lock is usable.
    pub(crate) fn lock(&self) -> StateGuard<'_> {
        StateGuard {
            state: self.state.lock().unwrap_or_else(PoisonError::into_inner),
            changes: &self.changes,
            changed: false,
        }
    }

    /// Becomes ready after each change of the state.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// The locked state; announces a change when it is released after mutable access.
pub(crate) struct StateGuard<'a> {
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
pub(crate) struct Start {
    pub(crate) quirks: Quirks,
    pub(crate) store: Store,
    pub(crate) faults: FaultPlan,
}

/// Everything that requests and tests may look at and change. Has no `Debug`: it holds the token.
pub(crate) struct MockState {
    pub(crate) quirks: Quirks,
    pub(crate) faults: FaultPlan,
    pub(crate) store: Store,
    pub(crate) log: CallLog,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) rate: RateCounter,
    /// Requests with a valid token within the rate limit.
    pub(crate) admitted: u32,
    start: Start,
    token: String,
}

impl MockState {
    pub(crate) fn new(start: Start, log: CallLog, token: String) -> Self {
        let Start {
            quirks,
            store,
            faults,
        } = start.clone();
        Self {
            quirks,
            faults,
            store,
            log,
            deliveries: Vec::new(),
            key: Arc::default(),
            rate: RateCounter::default(),
            admitted: 0,
            start,
            token,
        }
    }

    /// Restores the initial state; the numbers of calls continue.
    pub(crate) fn reset(&mut self) {
        Start {
            quirks: self.quirks,
            store: self.store,
            faults: self.faults,
        } = self.start.clone();
        self.log.clear();
        self.deliveries.clear();
        self.rate = RateCounter::default();
        self.admitted = 0;
    }

    /// Adds a delivery, and forgets the oldest when there are too many.
    pub(crate) fn add_delivery(&mut self, delivery: Delivery) {
        let surplus = (self.deliveries.len() + 1).saturating_sub(MAX_DELIVERIES);
        self.deliveries.drain(..surplus);
        self.deliveries.push(delivery);
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn has_token(&self, headers: &HeaderMap) -> bool {
        let expected = format!("Bearer {}", self.token);
        let sent = headers.get(AUTHORIZATION);
        sent.is_some_and(|sent| sent.as_bytes() == expected.as_bytes())
    }
}
