//! Reads of the webhooks of one app, which share list calls where they can.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::time::{Instant, sleep, sleep_until};

use super::cache::{Listed, Listing, ReadFrom};
use super::snapshot::WebhookList;
use super::{Error, Webhook, Webhooks};

/// How long a write waits at most for others that are under way, to be read back with them.
const LONGEST_GATHER: Duration = Duration::from_secs(1);

impl Webhooks {
    /// All webhooks of the app, in the API's order; shared with all that read at about the
    /// same time, until this client writes.
    ///
    /// The API may answer 404 for an app without webhooks: that is an empty list, unless the
    /// message is about the app or the account.
    ///
    /// # Errors
    ///
    /// When the API refuses, cannot be reached, or answers something else than webhooks.
    pub async fn list(&self) -> Result<Arc<WebhookList>, Error> {
        self.list_since(self.app.written()).await
    }

    /// The webhooks of the app as this client knows them: from the last list, be it outdated, or
    /// from a first one. `None` if there is none to be had.
    pub async fn cached_or_list(&self) -> Option<Arc<WebhookList>> {
        let known = self.app.any_snapshot();
        if known.is_some() || !self.app.may_be_listed() {
            return known;
        }
        match self.list().await {
            Ok(snapshot) => Some(snapshot),
            Err(error) => {
                log_debug!(%error, "the webhooks of the app are not known");
                self.app.cannot_be_listed();
                None
            }
        }
    }

    /// One webhook: by a call of its own, or from a list that others need as well.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook), cannot be
    /// reached, or answers something else than this webhook, whole.
    pub async fn get(&self, id: &str) -> Result<Webhook, Error> {
        self.check(id)?;
        match self.app.read() {
            ReadFrom::List(since) => self.get_listed(id, since).await,
            ReadFrom::Webhook => match self.others_read().await {
                Some(since) => self.get_listed(id, since).await,
                None => self.fetch(id).await,
            },
        }
    }

    /// Waits whether others read as well, as they do when Terraform refreshes more than one
    /// webhook; since when a list has to be, if so.
    async fn others_read(&self) -> Option<u64> {
        let waited = self.pause(self.client.timing().batch_window).await;
        self.app.shared_since().filter(|_| waited)
    }

    /// One webhook as it is now, by a call of its own: for who decides by it whether to write.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_uncached(&self, id: &str) -> Result<Webhook, Error> {
        self.fetch(id).await
    }

    /// One webhook that must be there, though it may not be seen everywhere yet: waits for it,
    /// within bounds.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_when_visible(&self, id: &str) -> Result<Webhook, Error> {
        self.get_after(id, self.client.visibility_backoff()).await
    }

    /// One webhook that was not there a moment ago, though it is so new that it may not be seen
    /// everywhere yet: looks twice more.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn recheck(&self, id: &str) -> Result<Webhook, Error> {
        let mut waits = self.client.visibility_backoff().take(2);
        match waits.next() {
            Some(wait) if self.pause(wait).await => self.get_after(id, waits).await,
            _ => self.fetch(id).await,
        }
    }

    /// Looks for a webhook until it is there, and waits in between.
    async fn get_after(
        &self,
        id: &str,
        mut waits: impl Iterator<Item = Duration>,
    ) -> Result<Webhook, Error> {
        loop {
            let error = match self.fetch(id).await {
                Err(error) if error.is_gone() => error,
                result => return result,
            };
            let Some(wait) = waits.next() else {
                return Err(error);
            };
            log_debug!(%error, ?wait, "a new webhook cannot be read yet");
            if !self.pause(wait).await {
                return Err(error);
            }
        }
    }

    /// Waits; `false` if the wait was interrupted, or would end after the deadline.
    pub(super) async fn pause(&self, wait: Duration) -> bool {
        let end = Instant::now() + wait;
        if self.deadline.is_some_and(|deadline| deadline < end) {
            return false;
        }
        tokio::select! {
            biased;
            () = self.client.stopped() => false,
            () = sleep_until(end) => true,
        }
    }

    /// A list that was begun after `since`.
    pub(super) async fn list_since(&self, since: u64) -> Result<Arc<WebhookList>, Error> {
        loop {
            let mut is_own = false;
            let listed = self.app.list(since, |begun| {
                is_own = true;
                self.listing(begun)
            });
            let (begun, listing) = match listed {
                Listed::WebhookList(snapshot) => return Ok(snapshot),
                Listed::Listing(begun, listing) => (begun, listing),
            };
            let result = if is_own {
                listing.await // keeps to the deadline itself
            } else {
                tokio::select! {
                    biased;
                    result = listing => result,
                    // What others still wait for is too late for this one: says so in its own name.
                    () = self.deadline_passed() => return self.listed_alone().await,
                }
            };
            self.app.listed(begun, &result);
            if begun > since {
                return result;
            }
        }
    }

    async fn deadline_passed(&self) {
        match self.deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }

    async fn listed_alone(&self) -> Result<Arc<WebhookList>, Error> {
        let webhooks = self.fetch_list().await?;
        Ok(Arc::new(WebhookList::new(0, webhooks)))
    }

    fn listing(&self, begun: u64) -> Listing {
        let webhooks = self.clone();
        let list = async move {
            let webhooks = webhooks.fetch_list().await?;
            Ok(Arc::new(WebhookList::new(begun, webhooks)))
        };
        list.boxed().shared()
    }

    async fn get_listed(&self, id: &str, since: u64) -> Result<Webhook, Error> {
        if !self.app.may_be_listed() {
            return self.fetch(id).await;
        }
        match self.list_since(since).await {
            Ok(snapshot) => match snapshot.with_id(id) {
                Some(webhook) => Ok(webhook.clone()),
                None => self.fetch(id).await, // a list alone does not make a webhook gone
            },
            Err(error) => {
                log_debug!(%error, "there is no list to read from");
                self.app.cannot_be_listed();
                self.fetch(id).await
            }
        }
    }

    /// The webhook after a write of this client that ended at `since`.
    pub(super) async fn read_back(&self, id: &str, since: u64) -> Result<Webhook, Error> {
        let waiting = self.app.read_back();
        let start = Instant::now();
        loop {
            sleep(self.client.timing().batch_window).await;
            if !self.app.is_written() || start.elapsed() >= LONGEST_GATHER {
                break;
            }
        }
        if waiting.is_alone() {
            return self.get_when_visible(id).await;
        }
        match self.get_listed(id, since).await {
            Err(error) if error.is_gone() => self.get_when_visible(id).await,
            result => result,
        }
    }
}
