//! What this run knows of the webhooks of one app: one list request answers many reads.
//!
//! Terraform reads each webhook by itself, many at a time. A list answers a read only if it was
//! requested after the last write of this run, and after the time that the caller asks for. A
//! clock that counts started lists and ended writes orders them.
//!
//! Callers that wait for the same list keep their own deadlines: when the caller that sends the
//! request is dropped or times out, the next one sends it again. Every other failure is the
//! answer to all of them.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Mutex as AsyncMutex, OnceCell, watch};
use tokio::time::Instant;

use super::error::Error;
use super::response::UnreadableItem;
use super::url::normal_url;
use super::webhook::Webhook;

/// How long a list answers reads in a long run.
const MAX_LIST_AGE: Duration = Duration::from_secs(300);
/// How long a failed list request answers reads that start after it: those that waited for
/// their turn in Terraform do not send it once more each.
const MAX_FAILURE_AGE: Duration = Duration::from_secs(1);
/// How long a new webhook may be missing from what the API answers.
const VISIBILITY_DELAY: Duration = Duration::from_secs(60);

/// All webhooks of an app at one time, in the API's order.
#[derive(Debug)]
pub struct WebhookList {
    webhooks: Vec<Webhook>,
    unreadable: Vec<UnreadableItem>,
    by_id: HashMap<String, usize>,
    by_url: HashMap<String, usize>,
    /// When it was requested, on the clock of the app's cache.
    pub(super) requested: u64,
    /// The server's clock when it answered.
    pub(super) date: Option<SystemTime>,
    /// Our clock when it answered.
    pub(super) received: Instant,
}

impl WebhookList {
    pub(super) fn new(
        webhooks: Vec<Webhook>,
        unreadable: Vec<UnreadableItem>,
        date: Option<SystemTime>,
    ) -> Self {
        let index = |key: fn(&Webhook) -> String| {
            let numbered = webhooks.iter().enumerate();
            numbered.map(|(at, webhook)| (key(webhook), at)).collect()
        };
        Self {
            by_id: index(|webhook| webhook.id.to_ascii_lowercase()),
            by_url: index(|webhook| normal_url(&webhook.url)),
            webhooks,
            unreadable,
            requested: 0,
            date,
            received: Instant::now(),
        }
    }

    /// The webhook with an ID.
    #[must_use]
    pub fn with_id(&self, id: &str) -> Option<&Webhook> {
        let at = self.by_id.get(&id.to_ascii_lowercase())?;
        self.webhooks.get(*at)
    }

    /// A webhook with a URL, whatever its spelling. The API allows each URL once per app.
    #[must_use]
    pub fn with_url(&self, url: &str) -> Option<&Webhook> {
        let at = self.by_url.get(&normal_url(url))?;
        self.webhooks.get(*at)
    }

    /// Elements of the list that are not webhooks as the API documents them.
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadableItem] {
        &self.unreadable
    }
}

impl Deref for WebhookList {
    type Target = [Webhook];

    fn deref(&self) -> &[Webhook] {
        &self.webhooks
    }
}

/// What this run knows of one app.
#[derive(Debug, Default)]
pub(super) struct WebhookCache {
    state: Mutex<State>,
    /// Counts writes that may have changed something.
    writes: watch::Sender<u64>,
    /// The list for advice, if no other list was known.
    advisory: OnceCell<Result<Arc<WebhookList>, Error>>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts started lists and ended writes.
    clock: u64,
    /// When the last write ended.
    last_write: u64,
    /// Reads since then.
    reads: usize,
    writes_in_progress: usize,
    /// The newest list request.
    request: Option<Arc<ListRequest>>,
    /// The newest list.
    list: Option<Arc<WebhookList>>,
    /// Webhooks that this run created, and when, if they may not be visible everywhere yet.
    created: HashMap<String, Option<Instant>>,
    /// Locked by the creation of a webhook with that URL.
    creating: HashMap<String, Arc<AsyncMutex<()>>>,
}

/// One list request, and its result for everyone who waits for it.
#[derive(Debug, Default)]
pub(super) struct ListRequest {
    /// When it was sent, on the clock of the cache; 0 if it was not.
    started: AtomicU64,
    /// How many callers asked for it and did not release it.
    callers: AtomicUsize,
    result: OnceCell<(Instant, Result<Arc<WebhookList>, Error>)>,
}

impl WebhookCache {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything in it could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The current time of the cache's clock: a list requested after it is newer than this call.
    pub(super) fn now(&self) -> u64 {
        self.state().clock
    }

    /// When the last write ended, and whether this is the first read since then that may need a
    /// list.
    pub(super) fn begin_read(&self) -> (u64, bool) {
        let mut state = self.state();
        state.reads += 1;
        let since = state.last_write;
        let request = state.request.as_ref();
        let is_answered = request.is_some_and(|request| request.answers(since));
        (since, state.reads == 1 && !is_answered)
    }

    /// The list request for a caller who needs a list requested after `since`.
    pub(super) fn list_request(&self, since: u64) -> Arc<ListRequest> {
        let mut state = self.state();
        let request = match state.request.take() {
            Some(request) if request.answers(since) => request,
            _ => Arc::default(),
        };
        request.callers.fetch_add(1, Ordering::Relaxed);
        Arc::clone(state.request.insert(request))
    }

    /// The list that `request` asks for: `fetch` sends it, unless another caller does or did.
    pub(super) async fn list(
        &self,
        request: &ListRequest,
        fetch: impl Future<Output = Result<WebhookList, Error>>,
    ) -> Result<Arc<WebhookList>, Error> {
        let fetch = || async {
            let requested = self.tick();
            request.started.store(requested, Ordering::Relaxed);
            match self.store(requested, fetch.await) {
                Err(error) if error.is_operation_timeout() => Err(error),
                result => Ok((Instant::now(), result)),
            }
        };
        let (_, result) = request.result.get_or_try_init(fetch).await?;
        result.clone()
    }

    /// The list for a caller who only wants advice: any list of this run, even if a write has
    /// outdated it, or else the one that `fetch` requests, once for the run.
    pub(super) async fn advisory_list(
        &self,
        fetch: impl Future<Output = Result<WebhookList, Error>>,
    ) -> Result<Arc<WebhookList>, Error> {
        let known = self.state().list.clone();
        if let Some(list) = known {
            return Ok(list);
        }
        let fetch = || async { self.store(self.tick(), fetch.await) };
        self.advisory.get_or_init(fetch).await.clone()
    }

    /// Advances the clock.
    fn tick(&self) -> u64 {
        let mut state = self.state();
        state.clock += 1;
        state.clock
    }

    fn store(
        &self,
        requested: u64,
        result: Result<WebhookList, Error>,
    ) -> Result<Arc<WebhookList>, Error> {
        let mut list = result?;
        list.requested = requested;
        let list = Arc::new(list);
        let newest = &mut self.state().list;
        if newest
            .as_ref()
            .is_none_or(|newest| newest.requested < requested)
        {
            *newest = Some(Arc::clone(&list));
        }
        Ok(list)
    }

    /// Starts a write.
    pub(super) fn write(&self) -> Write<'_> {
        self.state().writes_in_progress += 1;
        Write {
            cache: self,
            changed_nothing: false,
        }
    }

    pub(super) fn is_write_in_progress(&self) -> bool {
        self.state().writes_in_progress > 0
    }

    /// The number of writes that have ended and may have changed something.
    pub(super) fn writes(&self) -> watch::Receiver<u64> {
        self.writes.subscribe()
    }

    /// Claims a webhook for the creation that made it.
    pub(super) fn claim(&self, id: &str) {
        let mut state = self.state();
        state.created.insert(key(id), Some(Instant::now()));
    }

    /// Whether a creation of this run made the webhook.
    pub(super) fn is_claimed(&self, id: &str) -> bool {
        self.state().created.contains_key(&key(id))
    }

    /// Whether this run created the webhook so recently that it may not be visible yet.
    pub(super) fn is_recent(&self, id: &str) -> bool {
        self.state().created.get(&key(id)).is_some_and(is_recent)
    }

    /// The webhooks that this run created recently, and that are not in a list.
    pub(super) fn recent_not_in(&self, list: &WebhookList) -> Vec<String> {
        let state = self.state();
        let recent = state
            .created
            .iter()
            .filter(|(_, created)| is_recent(created));
        let ids = recent.map(|(id, _)| id);
        ids.filter(|id| list.with_id(id).is_none())
            .cloned()
            .collect()
    }

    /// Does not expect a webhook to become visible any more: it was deleted, or looked for
    /// without success.
    pub(super) fn forget_recent(&self, id: &str) {
        if let Some(created) = self.state().created.get_mut(&key(id)) {
            *created = None;
        }
    }

    /// The lock that creations with one URL hold: while one is in progress, another could take
    /// what it makes for its own.
    pub(super) fn creation_lock(&self, url: &str) -> Arc<AsyncMutex<()>> {
        Arc::clone(self.state().creating.entry(normal_url(url)).or_default())
    }
}

/// IDs are compared without regard to case.
fn key(id: &str) -> String {
    id.to_ascii_lowercase()
}

fn is_recent(created: &Option<Instant>) -> bool {
    created.is_some_and(|created| created.elapsed() < VISIBILITY_DELAY)
}

impl ListRequest {
    /// Whether it answers a caller who needs a list requested after `since`.
    fn answers(&self, since: u64) -> bool {
        let started = self.started.load(Ordering::Relaxed);
        let is_usable = match self.result.get() {
            None => true,
            Some((ended, Ok(_))) => ended.elapsed() < MAX_LIST_AGE,
            Some((ended, Err(_))) => ended.elapsed() < MAX_FAILURE_AGE,
        };
        is_usable && (started == 0 || started > since)
    }

    /// Whether the caller who asked for it does not need the list, because no other caller asked for it
    /// and it was not sent. Then the caller does not count any more.
    pub(super) fn release_if_alone(&self) -> bool {
        if self.started.load(Ordering::Relaxed) > 0 {
            return false;
        }
        let order = Ordering::Relaxed;
        let released = self.callers.compare_exchange(1, 0, order, order);
        released.is_ok()
    }
}

/// A write in progress. When it ends, lists requested before are outdated, whatever its result.
pub(super) struct Write<'a> {
    cache: &'a WebhookCache,
    changed_nothing: bool,
}

impl Write<'_> {
    /// Ends the write with its result; returns when that was, on the clock of the cache.
    pub(super) fn end<T>(mut self, result: &Result<T, Error>) -> u64 {
        self.changed_nothing = matches!(result, Err(error) if !error.outcome_unknown());
        let cache = self.cache;
        drop(self);
        cache.state().last_write
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        {
            let mut state = self.cache.state();
            state.writes_in_progress -= 1;
            state.clock += 1;
            state.last_write = state.clock;
            state.reads = 0;
        }
        if !self.changed_nothing {
            self.cache.writes.send_modify(|count| *count += 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn list_request_is_released_if_one_caller_asked_for_it_and_it_was_not_sent() {
        let cache = WebhookCache::default();
        let empty = || async { Ok(WebhookList::new(Vec::new(), Vec::new(), None)) };

        for _ in 0..2 {
            let alone = cache.list_request(0);
            assert!(alone.release_if_alone());
        }
        let shared = cache.list_request(0);
        drop(cache.list_request(0)); // another caller, that gave up
        assert!(!shared.release_if_alone());
        cache.list(&shared, empty()).await.unwrap();
        let sent = cache.list_request(cache.now());
        cache.list(&sent, empty()).await.unwrap();
        assert!(!sent.release_if_alone());
    }
}
