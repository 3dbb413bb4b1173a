//! What the API holds while it runs, behind one lock.

use super::model::DEFAULT_TOKEN;
use super::model::faults::FaultRule;
use super::model::keys::SigningKey;
use super::model::log::{Call, Delivery};
use super::model::quirks::Quirks;
use super::model::rate_limit::RateCounter;
use super::model::store::Store;
use super::tls::Tls;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many deliveries are remembered.
const MAX_DELIVERIES: usize = 100;

/// What connections share with each other and with [`MockApi`](super::MockApi).
pub(crate) struct AppState {
    pub(crate) settings: Builder,
    pub(crate) key: SigningKey,
    state: Mutex<MockState>,
}

/// An API that has not started yet; then what does not change while it runs.
#[must_use]
pub struct Builder {
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<Tls>,
    pub(crate) token: String,
    /// Names that `Host` may have in requests for the page and the control endpoint.
    pub(crate) hosts: Vec<String>,
    /// Whether sample deliveries may go to other machines.
    pub(crate) allow_remote_deliveries: bool,
    pub(crate) keep_calls: usize,
    /// Is called with every request once it is answered.
    pub(crate) observer: Box<dyn Fn(&Call) + Send + Sync>,
    /// The state at the start, and after each reset.
    pub(crate) initial: MockState,
}

impl Builder {
    pub(crate) fn scheme(&self) -> &'static str {
        self.tls.as_ref().map_or("http", |_| "https")
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: None,
            token: DEFAULT_TOKEN.to_owned(),
            hosts: Vec::new(),
            allow_remote_deliveries: false,
            keep_calls: usize::MAX,
            observer: Box::new(|_| ()),
            initial: MockState::default(),
        }
    }
}

/// Everything that requests and tests may look at and change.
#[derive(Clone, Default)]
pub(crate) struct MockState {
    pub(crate) quirks: Quirks,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) store: Store,
    /// The requests that are remembered, oldest first.
    pub(crate) calls: VecDeque<Call>,
    /// How many requests arrived.
    pub(crate) arrived: u64,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) rate: RateCounter,
}

impl AppState {
    pub(crate) fn new(settings: Builder) -> Self {
        Self {
            key: SigningKey::default(),
            state: Mutex::new(settings.initial.clone()),
            settings,
        }
    }

    /// No code that holds the lock leaves the state half changed, so a poisoned lock is usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, MockState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restores the initial state; the numbers of calls continue.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        *state = MockState {
            arrived: state.arrived,
            ..self.settings.initial.clone()
        };
    }

    /// Logs a request, gives it its number, and forgets the oldest when there are too many.
    pub(crate) fn begin(&self, mut call: Call) -> u64 {
        let mut state = self.lock();
        state.arrived += 1;
        call.number = state.arrived;
        state.calls.push_back(call);
        if state.calls.len() > self.settings.keep_calls {
            state.calls.pop_front();
        }
        state.arrived
    }

    /// Logs the answer to a request, and shows the request to the observer.
    pub(crate) fn finish(&self, number: u64, status: Option<u16>) {
        let answered = {
            let mut state = self.lock();
            let mut calls = state.calls.iter_mut();
            // The log may have been cleared in between.
            calls.rfind(|call| call.number == number).map(|call| {
                call.status = status;
                call.clone()
            })
        };
        if let Some(call) = answered {
            (self.settings.observer)(&call);
        }
    }

    /// Remembers a delivery, and forgets the oldest when there are too many.
    pub(crate) fn add_delivery(&self, delivery: Delivery) {
        let deliveries = &mut self.lock().deliveries;
        if deliveries.len() == MAX_DELIVERIES {
            deliveries.remove(0);
        }
        deliveries.push(delivery);
    }

    pub(crate) fn has_token(&self, headers: &HeaderMap) -> bool {
        let expected = format!("Bearer {}", self.settings.token);
        let sent = headers.get(AUTHORIZATION);
        sent.is_some_and(|sent| sent.as_bytes() == expected.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;

    fn state(keep_calls: usize) -> AppState {
        AppState::new(Builder {
            keep_calls,
            ..Builder::default()
        })
    }

    fn begin(state: &AppState) -> u64 {
        state.begin(Call {
            number: 0,
            arrived_at: String::new(),
            method: Method::GET,
            path: String::new(),
            query: None,
            body: None,
            user_agent: None,
            authorized: true,
            status: None,
            fault: None,
        })
    }

    #[test]
    fn cleared_log_keeps_counting_and_ignores_late_answers() {
        let state = state(9);
        let before = begin(&state);
        state.reset();
        let after = begin(&state);

        state.finish(before, Some(200));

        assert_eq!(after, 2);
        let calls = &state.lock().calls;
        assert_eq!((calls.len(), calls[0].status), (1, None));
    }

    #[test]
    fn bounded_log_forgets_the_oldest_call() {
        let state = state(2);

        let numbers = [(); 3].map(|()| begin(&state));

        let calls = &state.lock().calls;
        let kept: Vec<u64> = calls.iter().map(|call| call.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(kept, [2, 3]);
    }
}
