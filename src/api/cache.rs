//! What this run knows of the webhooks of one app: reads share it, writes outdate it.
//!
//! Terraform reads each webhook by itself, many at a time. One list call answers all of them,
//! if it is new enough: a list that was begun before a write ended must not answer a read that
//! began after it. A clock that counts begun lists and ended writes decides that.
//!
//! No call is made here; `reads`, `writes` and `create` do that.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{BoxFuture, Shared};

use super::Error;
use super::snapshot::WebhookList;
use super::url::normal_url;

/// A snapshot that is older was taken in another part of a long run.
const LONGEST_USE: Duration = Duration::from_secs(300);

/// A list call that whoever needs it waits for together.
pub(super) type Listing = Shared<BoxFuture<'static, Result<Arc<WebhookList>, Error>>>;

/// What this run knows of one app.
#[derive(Debug, Default)]
pub(super) struct WebhookCache {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts begun lists and ended writes.
    clock: u64,
    /// When the last write ended.
    written: u64,
    /// How often anything was read since then.
    reads: usize,
    /// Writes under way.
    writing: usize,
    /// Writes that ended and wait to be read back.
    reading_back: usize,
    /// The list call under way, and when it was begun.
    listing: Option<(u64, Listing)>,
    snapshot: Option<Arc<WebhookList>>,
    /// Whether a list was not to be had by who could do without it.
    unlisted: bool,
    /// Webhooks that this run created.
    made: HashSet<String>,
    /// Held by the creation of a webhook with that URL.
    creating: HashMap<String, Arc<tokio::sync::Mutex<()>>>,
}

/// How a read is answered.
pub(super) enum ReadFrom {
    /// By a call of its own: nobody else is reading.
    Webhook,
    /// From a list that was begun after this time.
    List(u64),
}

/// Where a list comes from.
pub(super) enum Listed {
    WebhookList(Arc<WebhookList>),
    /// A call under way, and when it was begun.
    Listing(u64, Listing),
}

impl WebhookCache {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything in it could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides how a read that begins now is answered: the first since the last write by
    /// itself, unless others begin before it is sent ([`shared_since`](Self::shared_since)).
    pub(super) fn read(&self) -> ReadFrom {
        let mut state = self.state();
        let alone =
            state.reads == 0 && state.listing.is_none() && state.fresh(state.written).is_none();
        state.reads += 1;
        if alone {
            ReadFrom::Webhook
        } else {
            ReadFrom::List(state.written)
        }
    }

    /// When the last write ended, if there was more than one read since then.
    pub(super) fn shared_since(&self) -> Option<u64> {
        let state = self.state();
        (state.reads > 1).then_some(state.written)
    }

    /// When the last write ended.
    pub(super) fn written(&self) -> u64 {
        self.state().written
    }

    /// A list that was begun after `since`, or one under way; `begin` begins one.
    pub(super) fn list(&self, since: u64, begin: impl FnOnce(u64) -> Listing) -> Listed {
        let mut state = self.state();
        if let Some(snapshot) = state.fresh(since) {
            return Listed::WebhookList(snapshot);
        }
        if let Some((begun, listing)) = &state.listing {
            return Listed::Listing(*begun, listing.clone());
        }
        state.clock += 1;
        let begun = state.clock;
        let listing = begin(begun);
        state.listing = Some((begun, listing.clone()));
        Listed::Listing(begun, listing)
    }

    /// Takes the result of the list call begun at `begun`. A failure is not kept.
    pub(super) fn listed(&self, begun: u64, result: &Result<Arc<WebhookList>, Error>) {
        let mut state = self.state();
        if state
            .listing
            .as_ref()
            .is_some_and(|(under_way, _)| *under_way == begun)
        {
            state.listing = None;
        }
        if let Ok(snapshot) = result
            && state
                .snapshot
                .as_ref()
                .is_none_or(|known| known.begun < begun)
        {
            state.snapshot = Some(Arc::clone(snapshot));
            state.unlisted = false;
        }
    }

    /// Any list of this run, be it outdated.
    pub(super) fn any_snapshot(&self) -> Option<Arc<WebhookList>> {
        self.state().snapshot.clone()
    }

    /// Whether it is worth the while to ask for a list that is not needed.
    pub(super) fn may_be_listed(&self) -> bool {
        !self.state().unlisted
    }

    /// Remembers that there is no list to be had, so that not every creation and read asks for it
    /// in vain, each time as often as a failed call is sent again.
    pub(super) fn cannot_be_listed(&self) {
        self.state().unlisted = true;
    }

    /// Begins a write.
    pub(super) fn write(&self) -> Write<'_> {
        self.state().writing += 1;
        Write(self)
    }

    /// Whether a write is under way.
    pub(super) fn is_written(&self) -> bool {
        self.state().writing > 0
    }

    /// Waits to read a write back.
    pub(super) fn read_back(&self) -> ReadBack<'_> {
        self.state().reading_back += 1;
        ReadBack(self)
    }

    /// Claims a webhook for the creation that made it; `false` if another one did.
    pub(super) fn claim(&self, id: &str) -> bool {
        self.state().made.insert(id.to_ascii_lowercase())
    }

    /// Whether a creation of this run made the webhook.
    pub(super) fn is_claimed(&self, id: &str) -> bool {
        self.state().made.contains(&id.to_ascii_lowercase())
    }

    /// What creations with one URL hold in turn: while one is under way, another could take
    /// what it makes for its own.
    pub(super) fn turn(&self, url: &str) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.state().creating.entry(normal_url(url)).or_default())
    }
}

impl State {
    fn fresh(&self, since: u64) -> Option<Arc<WebhookList>> {
        let snapshot = self.snapshot.as_ref()?;
        let fresh = snapshot.begun > since && snapshot.taken.elapsed() < LONGEST_USE;
        fresh.then(|| Arc::clone(snapshot))
    }
}

/// A write under way. When it ends, whatever came of it, lists begun before are outdated.
pub(super) struct Write<'a>(&'a WebhookCache);

impl Write<'_> {
    /// Ends the write, and says when that was.
    pub(super) fn end(self) -> u64 {
        let app = self.0;
        drop(self);
        app.written()
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.writing -= 1;
        state.clock += 1;
        state.written = state.clock;
        state.reads = 0;
    }
}

/// A write that waits to be read back.
pub(super) struct ReadBack<'a>(&'a WebhookCache);

impl ReadBack<'_> {
    /// Whether no other waits too.
    pub(super) fn is_alone(&self) -> bool {
        self.0.state().reading_back == 1
    }
}

impl Drop for ReadBack<'_> {
    fn drop(&mut self) {
        self.0.state().reading_back -= 1;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn listing(begun: u64) -> Listing {
        async move { Ok(Arc::new(WebhookList::new(begun, Vec::new()))) }
            .boxed()
            .shared()
    }

    /// Lists as `since` needs it; says whether a call was begun.
    async fn list(app: &WebhookCache, since: u64) -> bool {
        match app.list(since, listing) {
            Listed::WebhookList(_) => false,
            Listed::Listing(begun, listing) => {
                let result = listing.await;
                app.listed(begun, &result);
                true
            }
        }
    }

    #[tokio::test]
    async fn the_first_read_alone_goes_by_itself() {
        let app = WebhookCache::default();

        assert!(matches!(app.read(), ReadFrom::Webhook));
        assert!(matches!(app.read(), ReadFrom::List(0)));
        app.write().end();
        assert!(matches!(app.read(), ReadFrom::Webhook));
    }

    #[tokio::test]
    async fn a_list_answers_until_something_is_written() {
        let app = WebhookCache::default();

        assert!(list(&app, app.written()).await);
        assert!(!list(&app, app.written()).await);
        app.write().end();
        assert!(list(&app, app.written()).await);
    }

    #[tokio::test]
    async fn a_list_begun_before_a_write_ended_does_not_answer_who_reads_after_it() {
        let app = WebhookCache::default();
        let write = app.write();
        let Listed::Listing(begun, under_way) = app.list(0, listing) else {
            panic!("none")
        };

        let written = write.end();

        assert!(begun < written);
        app.listed(begun, &under_way.await);
        assert!(list(&app, written).await, "another list is begun");
    }

    #[tokio::test]
    async fn a_list_begun_after_my_write_answers_me_while_others_write_on() {
        let app = WebhookCache::default();
        let mine = app.write().end();
        assert!(list(&app, mine).await);

        app.write().end();

        assert!(!list(&app, mine).await);
        assert!(list(&app, app.written()).await);
    }

    #[tokio::test]
    async fn a_failed_list_is_not_kept() {
        let app = WebhookCache::default();
        let Listed::Listing(begun, _) = app.list(0, listing) else {
            panic!("none")
        };

        let error = Error::InvalidId {
            name: "app ID",
            reason: "is bad".into(),
        };
        app.listed(begun, &Err(error));

        assert!(list(&app, 0).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_of_long_ago_answers_nobody() {
        let app = WebhookCache::default();
        list(&app, 0).await;

        tokio::time::advance(LONGEST_USE).await;

        assert!(list(&app, 0).await);
    }

    #[test]
    fn a_webhook_is_claimed_once() {
        let app = WebhookCache::default();

        assert!(app.claim("AB"));
        assert!(!app.claim("ab"));
        assert!(app.is_claimed("Ab"));
    }
}
