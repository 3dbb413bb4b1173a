//! What this run knows of the webhooks of one app: one list request answers many reads.
//!
//! Terraform reads each webhook by itself, many at a time. A call joins the newest list request;
//! if that was sent before something the list must show, a new one takes its place. Callers that
//! wait for the same list keep their own deadlines: when the caller that sends the request is
//! dropped or times out, the next one with enough time sends it again. Other failures answer all.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::Method;
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::Instant;

use super::error::Error;
use super::response::UnreadableItem;
use super::url::normal_url;
use super::webhook::Webhook;

/// How long a new webhook may be missing from what the API answers.
pub(super) const VISIBILITY_DELAY: Duration = Duration::from_secs(60);

/// All webhooks of an app at one time, in the API's order.
#[derive(Debug)]
pub struct WebhookList {
    webhooks: Vec<Webhook>,
    unreadable: Vec<UnreadableItem>,
    by_id: HashMap<String, usize>,
    by_url: HashMap<String, usize>,
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

    /// The webhook with a URL, whatever its spelling. The API allows each URL once per app.
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

type ListResult = Result<Arc<WebhookList>, Error>;

/// One list request, and its result for everyone who waits for it.
#[derive(Debug, Default)]
pub(super) struct ListRequest {
    is_sent: AtomicBool,
    /// How many callers joined it and did not leave it.
    callers: AtomicUsize,
    /// When the last caller that sent it ended, and how. Locked by the one that sends it.
    result: AsyncMutex<Option<(Instant, ListResult)>>,
}

impl ListRequest {
    /// Leaves a request that was not sent and that no other caller has joined.
    pub(super) fn leave_if_alone(&self) -> bool {
        let left = self.callers.compare_exchange(1, 0, Relaxed, Relaxed);
        left.is_ok() && !self.is_sent.load(Relaxed)
    }

    /// Until then, the failure answers reads that waited for their turn in Terraform.
    fn has_failed_long_ago(&self) -> bool {
        let last = self.result.try_lock();
        last.is_ok_and(|last| matches!(&*last, Some((at, Err(_))) if at.elapsed().as_secs() >= 1))
    }
}

/// What this run knows of one app.
#[derive(Debug, Default)]
pub(super) struct WebhookCache {
    state: Mutex<State>,
    /// Counts writes that have ended and may have changed something.
    pub(super) writes: watch::Sender<u64>,
    /// The list for advice, if no other list was known.
    advisory: ListRequest,
}

#[derive(Debug, Default)]
struct State {
    /// The newest list request.
    request: Arc<ListRequest>,
    /// The list whose request began last, and when.
    list: Option<(Instant, Arc<WebhookList>)>,
    writes_in_progress: usize,
    /// Whether a webhook was refreshed since the last write.
    is_refreshed: bool,
    /// Webhooks that this run created, and until when they may not be visible everywhere.
    created: HashMap<String, Instant>,
    /// Webhooks that calls named by ID, and since when; `None` is before all creations.
    named: HashMap<String, Option<Instant>>,
    /// Locked by the creation of a webhook with that URL.
    creating: HashMap<String, Arc<AsyncMutex<()>>>,
}

impl State {
    /// Replaces the newest list request if it was sent: its list may lack what has happened since.
    fn outdate(&mut self) {
        if self.request.is_sent.load(Relaxed) {
            self.request = Arc::default();
        }
    }

    fn join(&mut self) -> Arc<ListRequest> {
        if self.request.has_failed_long_ago() {
            self.request = Arc::default();
        }
        self.request.callers.fetch_add(1, Relaxed);
        Arc::clone(&self.request)
    }
}

impl WebhookCache {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything in it could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins a list request that is sent after this call.
    pub(super) fn join_new(&self) -> Arc<ListRequest> {
        let mut state = self.state();
        state.outdate();
        state.join()
    }

    /// Joins a list request that is sent after the last write, and tells whether this is the first.
    pub(super) fn join_refresh(&self) -> (Arc<ListRequest>, bool) {
        let mut state = self.state();
        let is_first = !std::mem::replace(&mut state.is_refreshed, true);
        (state.join(), is_first)
    }

    /// The list that `request` asks for: `fetch` sends it, unless another caller does or did.
    ///
    /// Without `request`, a caller only wants advice: any list of this run, even if it is outdated,
    /// or else the one that `fetch` requests, once for the run.
    pub(super) async fn list<F: Future<Output = Result<WebhookList, Error>>>(
        &self,
        request: Option<&ListRequest>,
        deadline: Instant,
        fetch: impl FnOnce() -> F,
    ) -> ListResult {
        let known = self.state().list.clone();
        if let (None, Some((_began, list))) = (request, known) {
            return Ok(list);
        }
        let is_advisory = request.is_none();
        let request = request.unwrap_or(&self.advisory);
        request.is_sent.store(true, Relaxed);
        let mut last = request.result.lock().await;
        if let Some((ended, result)) = &*last {
            let lacked = result.as_ref().err().and_then(Error::lacked_time);
            if is_advisory || lacked.is_none_or(|lacked| deadline <= *ended + lacked) {
                return result.clone();
            }
        }
        let began = Instant::now();
        // On the heap, so that calls that find a list do not move what sends a request.
        let result = Box::pin(fetch()).await.map(Arc::new);
        let mut state = self.state();
        let is_newest = state.list.as_ref().is_none_or(|(at, _)| *at <= began);
        if let (Ok(list), true) = (&result, is_newest) {
            state.list = Some((began, Arc::clone(list)));
        }
        *last = Some((Instant::now(), result.clone()));
        result
    }

    /// Waits for a write. When it ends, lists requested before are outdated, whatever its result.
    pub(super) async fn write<T>(
        &self,
        write: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.state().writes_in_progress += 1;
        let mut in_progress = WriteInProgress {
            cache: self,
            may_have_acted: true,
        };
        let result = write.await;
        in_progress.may_have_acted = result.as_ref().err().is_none_or(Error::outcome_unknown);
        result
    }

    pub(super) fn is_write_in_progress(&self) -> bool {
        self.state().writes_in_progress > 0
    }

    /// Claims a webhook for the creation that made it.
    pub(super) fn claim(&self, id: &str) {
        let (id, visible) = (id.to_ascii_lowercase(), Instant::now() + VISIBILITY_DELAY);
        self.state().created.insert(id, visible);
    }

    /// Notes that a call names a webhook: no creation that begins later made it. Nor did one in
    /// progress if the call replaces or deletes it: its creation has returned the ID long ago.
    pub(super) fn note_named(&self, id: &str, method: &Method) {
        let (mut state, now) = (self.state(), Some(Instant::now()));
        let since = state.named.entry(id.to_ascii_lowercase()).or_insert(now);
        if matches!(*method, Method::PUT | Method::DELETE) {
            *since = None;
        }
    }

    /// Whether the webhook is not the one of a creation that began then: another creation of this
    /// run made it, or a call named it before.
    pub(super) fn is_known(&self, id: &str, began: Instant) -> bool {
        let (state, id) = (self.state(), id.to_ascii_lowercase());
        let is_named = state
            .named
            .get(&id)
            .is_some_and(|since| *since <= Some(began));
        is_named || state.created.contains_key(&id)
    }

    /// The webhooks that this run created so recently that they may not be visible yet.
    pub(super) fn recent(&self) -> Vec<String> {
        let state = self.state();
        let now = Instant::now();
        let recent = state.created.iter().filter(|(_, visible)| now < **visible);
        recent.map(|(id, _)| id.clone()).collect()
    }

    /// Does not expect a webhook to become visible any more.
    pub(super) fn forget_recent(&self, id: &str) {
        let mut state = self.state();
        if let Some(visible) = state.created.get_mut(&id.to_ascii_lowercase()) {
            *visible = Instant::now();
        }
    }

    /// The lock of creations with one URL: one could take what another makes for its own.
    pub(super) fn creation_lock(&self, url: &str) -> Arc<AsyncMutex<()>> {
        Arc::clone(self.state().creating.entry(normal_url(url)).or_default())
    }
}

/// Ends even if the caller is dropped.
struct WriteInProgress<'a> {
    cache: &'a WebhookCache,
    may_have_acted: bool,
}

impl Drop for WriteInProgress<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.state();
        state.writes_in_progress -= 1;
        state.is_refreshed = false;
        state.outdate();
        drop(state);
        if self.may_have_acted {
            self.cache.writes.send_modify(|count| *count += 1);
        }
    }
}
