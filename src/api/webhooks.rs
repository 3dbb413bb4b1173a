//! The endpoints of the webhooks of one app, and how reads share list requests.

use std::iter;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::Method;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::cache::{ListRequest, WebhookCache, WebhookList};
use super::client::{ApiResponse, Client};
use super::error::{Error, RetryStopped};
use super::http::{Call, Request};
use super::path::{is_webhook_id, segment};
use super::response::{UnreadableItem, decode};
use super::retry::deadline_after;
use super::webhook::{
    PartialWebhook, Webhook, WebhookRequest, parse_time, read_webhook, read_webhooks,
};

/// Largest list of webhooks, in bytes.
const MAX_LIST: usize = 16 * 1024 * 1024;
/// How long a write waits at most for other writes in progress, to be read back with them.
const MAX_BATCH_WAIT: Duration = Duration::from_secs(1);
/// How long a plan waits for a list that it needs for advice only.
const ADVICE_TIMEOUT: Duration = Duration::from_secs(5);
/// A webhook is new for this long: it may not be visible everywhere yet.
const NEW: Duration = Duration::from_secs(60);
/// How often a webhook that must appear is looked for again.
const VISIBILITY_LOOKS: usize = 4;

/// The webhooks of one app. Made by [`Client::webhooks`].
///
/// Every operation fails with [`Error::InvalidId`], and sends nothing, when an identifier cannot
/// be part of a path.
#[derive(Debug, Clone)]
pub struct Webhooks {
    pub(super) client: Client,
    account_id: String,
    app_id: String,
    deadline: Option<Instant>,
    pub(super) cache: Arc<WebhookCache>,
}

impl Client {
    /// The webhooks of an app.
    #[must_use]
    pub fn webhooks(&self, account_id: &str, app_id: &str) -> Webhooks {
        Webhooks {
            client: self.clone(),
            account_id: account_id.to_owned(),
            app_id: app_id.to_owned(),
            deadline: None,
            cache: self.cache(account_id, app_id),
        }
    }
}

impl Webhooks {
    /// The same webhooks, for operations that must end within this time from now, retries and
    /// waits included.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self {
            deadline: Some(deadline_after(time)),
            ..self
        }
    }

    /// The account of the app.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The app.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// All webhooks of the app, in the API's order, requested after this call began. Calls that
    /// overlap may share a request.
    ///
    /// The API may answer 404 for an app without webhooks: that is an empty list, unless the
    /// message is about the app or the account. A webhook that this run created recently is
    /// waited for, within bounds.
    ///
    /// # Errors
    ///
    /// When the API refuses, cannot be reached, or answers something else than a list.
    pub async fn list(&self) -> Result<Arc<WebhookList>, Error> {
        let mut waits = self.visibility_backoff();
        loop {
            let request = self.cache.list_request(self.cache.now());
            self.wait_for_others().await;
            let list = self.shared_list(&request).await?;
            let missing = self.cache.recent_not_in(&list);
            if missing.is_empty() {
                return Ok(list);
            }
            let Some(wait) = waits.next() else {
                missing.iter().for_each(|id| self.cache.forget_recent(id));
                return Ok(list);
            };
            log_debug!(?wait, "a new webhook is not in the list yet");
            if self.pause(wait).await.is_err() {
                return Ok(list);
            }
        }
    }

    /// The webhooks of the app for advice: any list of this run, or one request for the whole
    /// run, without retries and without waiting for the rate limit.
    ///
    /// # Errors
    ///
    /// When that request failed.
    pub async fn advisory_list(&self) -> Result<Arc<WebhookList>, Error> {
        let list = self.cache.advisory_list(self.fetch_list(true));
        self.wait_for(Method::GET, list).await?
    }

    /// One webhook, requested after this call began: by its ID, or from a list that other calls
    /// need as well. A webhook that this run created recently is waited for, within bounds.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook), cannot be
    /// reached, or answers something else than this webhook.
    pub async fn get(&self, id: &str) -> Result<Webhook, Error> {
        self.request_for(Method::GET, id)?; // before anything else is done
        let request = self.cache.list_request(self.cache.now());
        self.wait_for_others().await;
        let result = self.get_shared(&request, id).await;
        self.or_when_visible(id, result).await
    }

    /// One webhook that Terraform manages, created at `created_at`: as [`get`](Self::get), but
    /// from a list of this run if no write has outdated it. A webhook that is new by the
    /// server's clock is looked for again before it is reported missing.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn refresh(&self, id: &str, created_at: Option<&str>) -> Result<Webhook, Error> {
        self.request_for(Method::GET, id)?; // before anything else is done
        let (since, is_first) = self.cache.begin_read();
        let request = self.cache.list_request(since);
        let result = if is_first {
            self.wait_for_others().await;
            self.get_shared(&request, id).await
        } else {
            self.get_from_list(&request, id).await
        };
        match self.or_when_visible(id, result).await {
            Err(error) if error.is_gone() && is_new(created_at, &error) => self.recheck(id).await,
            result => result,
        }
    }

    /// One webhook as it is now, by a request of its own.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_uncached(&self, id: &str) -> Result<Webhook, Error> {
        let request = self.request_for(Method::GET, id)?;
        let response = self.client.send(request).await?;
        response.decode(|value| {
            let webhook = read_webhook(value)?;
            check_same_id(id, &webhook.id)?;
            Ok(webhook)
        })
    }

    /// Looks twice more for a webhook that was reported missing, though it may only be too new to
    /// be visible everywhere.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn recheck(&self, id: &str) -> Result<Webhook, Error> {
        self.look_again(id, 2).await
    }

    /// The result of a read, unless that is that a webhook is missing which this run created.
    async fn or_when_visible(
        &self,
        id: &str,
        result: Result<Webhook, Error>,
    ) -> Result<Webhook, Error> {
        match result {
            Err(error) if error.is_gone() && self.cache.is_recent(id) => {
                let result = self.look_again(id, VISIBILITY_LOOKS).await;
                if result.as_ref().is_err_and(Error::is_gone) {
                    self.cache.forget_recent(id);
                }
                result
            }
            result => result,
        }
    }

    /// Looks again for a webhook that was reported missing, with a wait before each look. If
    /// there is no time to wait, the next look is the last.
    async fn look_again(&self, id: &str, looks: usize) -> Result<Webhook, Error> {
        let mut waits = self.visibility_backoff().take(looks).peekable();
        loop {
            let wait = waits.next().unwrap_or_default();
            let is_last = self.pause(wait).await.is_err() || waits.peek().is_none();
            match self.get_uncached(id).await {
                Err(error) if error.is_gone() && !is_last => {
                    log_debug!(%error, "a new webhook cannot be read yet");
                }
                result => return result,
            }
        }
    }

    /// The waits before each further look for a webhook that must appear.
    pub(super) fn visibility_backoff(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let first = self.client.shared.config.timing.visibility_backoff;
        iter::successors(Some(first), |wait| Some(*wait * 2)).take(VISIBILITY_LOOKS)
    }

    /// Waits a moment for calls that start now as well, as when Terraform reads many resources.
    async fn wait_for_others(&self) {
        let window = self.client.shared.config.timing.batch_window;
        self.pause(window).await.ok(); // a call that cannot wait goes on at once
    }

    /// Waits; fails at once if the wait would end after the deadline, and when the client is told
    /// to stop.
    pub(super) async fn pause(&self, wait: Duration) -> Result<(), RetryStopped> {
        let end = Instant::now() + wait;
        if self.deadline() < end {
            return Err(RetryStopped::Timeout);
        }
        tokio::select! {
            biased;
            () = self.client.shared.stop.cancelled() => Err(RetryStopped::Interrupted),
            () = sleep_until(end) => Ok(()),
        }
    }

    /// Waits for another call before a request of this one is sent, but not beyond the deadline,
    /// and not after the client is told to stop.
    pub(super) async fn wait_for<T>(
        &self,
        method: Method,
        other: impl Future<Output = T>,
    ) -> Result<T, Error> {
        tokio::select! {
            biased;
            result = other => Ok(result),
            () = self.client.shared.stop.cancelled() => {
                self.not_sent(method, RetryStopped::Interrupted)
            }
            () = sleep_until(self.deadline()) => self.not_sent(method, RetryStopped::Timeout),
        }
    }

    fn not_sent<T>(&self, method: Method, reason: RetryStopped) -> Result<T, Error> {
        let call = self.request(method, "")?.call;
        Err(Error::NotSent { call, reason })
    }

    /// The list that `request` asks for: this call sends the request, unless another one does.
    pub(super) async fn shared_list(
        &self,
        request: &ListRequest,
    ) -> Result<Arc<WebhookList>, Error> {
        // A call that sends the request ends at the deadline by itself, with the better error.
        const GRACE: Duration = Duration::from_millis(10);
        let list = self.cache.list(request, self.fetch_list(false));
        let timeout = |_elapsed| self.not_sent(Method::GET, RetryStopped::Timeout);
        timeout_at(self.deadline() + GRACE, list)
            .await
            .unwrap_or_else(timeout)
    }

    /// One webhook: by its ID if no other call needs the list, or else from the list.
    async fn get_shared(&self, request: &ListRequest, id: &str) -> Result<Webhook, Error> {
        match request.release_if_alone() {
            true => self.get_uncached(id).await,
            false => self.get_from_list(request, id).await,
        }
    }

    async fn get_from_list(&self, request: &ListRequest, id: &str) -> Result<Webhook, Error> {
        match self.shared_list(request).await {
            Ok(list) => match list.with_id(id) {
                Some(webhook) => Ok(webhook.clone()),
                None => self.get_uncached(id).await, // a list alone does not make a webhook gone
            },
            Err(error) if error.is_unusable_endpoint() => {
                log_debug!(%error, "the API has no usable list; reading by ID");
                self.get_uncached(id).await
            }
            Err(error) => Err(error),
        }
    }

    async fn fetch_list(&self, is_advisory: bool) -> Result<WebhookList, Error> {
        let mut request = self.request(Method::GET, "")?;
        request.max_body = MAX_LIST;
        request.is_advisory = is_advisory;
        if is_advisory {
            request.deadline = deadline_after(ADVICE_TIMEOUT);
        }
        match self.client.send(request).await {
            Ok(response) => {
                let date = response.date;
                let (webhooks, unreadable) = response.decode(read_webhooks)?;
                for UnreadableItem { id, problem } in &unreadable {
                    log_debug!(id, problem, "ignoring an element of the list of webhooks");
                }
                Ok(WebhookList::new(webhooks, unreadable, date))
            }
            Err(error) if error.is_gone() => {
                let date = error.response().and_then(|response| response.date);
                Ok(WebhookList::new(Vec::new(), Vec::new(), date))
            }
            Err(error) => Err(error),
        }
    }

    /// Names of the events that the API can report.
    ///
    /// This endpoint is in the API's OpenAPI document only: do without it when it fails.
    ///
    /// # Errors
    ///
    /// When the API refuses, cannot be reached, or answers something else than strings.
    pub async fn supported_events(&self) -> Result<Vec<String>, Error> {
        let request = self.request(Method::GET, "/all")?;
        let response = self.client.send(request).await?;
        response.decode(|value| decode("the list of events", value))
    }

    /// Replaces a webhook, which keeps its ID, and returns it complete.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook,
    /// [`Error::is_conflict`] if another one has the URL) or cannot be reached, unless the webhook
    /// turns out to be as requested. After [`Error::NotReadBack`] it was changed.
    pub async fn replace(&self, id: &str, wanted: &WebhookRequest) -> Result<Webhook, Error> {
        let request = self.request_for(Method::PUT, id)?;
        let request = request.with_body(&wanted.to_json());
        self.update(request, id, |webhook| wanted.matches(webhook))
            .await
    }

    /// Enables or disables a webhook and returns it complete.
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    pub async fn set_enabled(&self, id: &str, enabled: bool) -> Result<Webhook, Error> {
        let request = self.request_for(Method::PATCH, id)?;
        let request = request.with_body(&json!({ "enabled": enabled }));
        self.update(request, id, |webhook| webhook.enabled == enabled)
            .await
    }

    /// Sends a PUT or PATCH. If its outcome is unknown, the API acted on it if the webhook
    /// `is_as_wanted`.
    async fn update(
        &self,
        request: Request,
        id: &str,
        is_as_wanted: impl Fn(&Webhook) -> bool,
    ) -> Result<Webhook, Error> {
        let write = self.cache.write();
        let result = self.client.send(request).await;
        let result = result.and_then(|response| Written::read(response, Some(id)));
        let since = write.end(&result);
        match result {
            Ok(written) => self.complete(written, since).await,
            Err(error) if error.outcome_unknown() => match self.read_back(id, since).await {
                Ok(webhook) if is_as_wanted(&webhook) => Ok(webhook),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook) or cannot be
    /// reached, unless the webhook turns out to be gone.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let request = self.request_for(Method::DELETE, id)?;
        let write = self.cache.write();
        let mut result = self.client.send(request).await.map(drop);
        write.end(&result);
        if let Err(error) = &result
            && error.outcome_unknown()
            && !error.is_not_found()
            && self
                .get_uncached(id)
                .await
                .is_err_and(|error| error.is_gone())
        {
            result = Ok(());
        }
        if result.as_ref().err().is_none_or(Error::is_gone) {
            self.cache.forget_recent(id);
        }
        result
    }

    /// The webhook after a write that ended at `since`, read again if the answer held only a part
    /// of it.
    pub(super) async fn complete(&self, written: Written, since: u64) -> Result<Webhook, Error> {
        let Written { call, id, webhook } = written;
        if let Some(webhook) = webhook.complete() {
            return Ok(webhook);
        }
        let result = self.read_back(&id, since).await;
        result.map_err(|error| Error::NotReadBack {
            call,
            id,
            source: Box::new(error),
        })
    }

    /// The webhook after a write of this client that ended at `since`. Writes that end at about
    /// the same time share a list.
    async fn read_back(&self, id: &str, since: u64) -> Result<Webhook, Error> {
        let request = self.cache.list_request(since);
        let start = Instant::now();
        loop {
            sleep(self.client.shared.config.timing.batch_window).await;
            if !self.cache.is_write_in_progress() || start.elapsed() >= MAX_BATCH_WAIT {
                break;
            }
        }
        match self.get_shared(&request, id).await {
            Err(error) if error.is_gone() => self.look_again(id, VISIBILITY_LOOKS).await,
            result => result,
        }
    }

    /// The number of writes of this client in the app that have ended and may have changed
    /// something: a write that the API refused does not count.
    #[must_use]
    pub fn write_count(&self) -> u64 {
        *self.cache.writes().borrow()
    }

    /// Waits until [`write_count`](Self::write_count) is more than `since`; `false` if `at_most`,
    /// the deadline or a stop came first.
    pub async fn wait_for_write(&self, since: u64, at_most: Duration) -> bool {
        let mut writes = self.cache.writes();
        let end = deadline_after(at_most).min(self.deadline());
        tokio::select! {
            biased;
            written = writes.wait_for(|count| *count > since) => written.is_ok(),
            () = self.client.shared.stop.cancelled() => false,
            () = sleep_until(end) => false,
        }
    }

    /// When an operation that begins now must have ended.
    fn deadline(&self) -> Instant {
        self.deadline
            .unwrap_or_else(|| self.client.default_deadline())
    }

    /// A request to the endpoint of the list, or to one below it.
    pub(super) fn request(&self, method: Method, below: &str) -> Result<Request, Error> {
        let account_id = segment("account ID", &self.account_id)?;
        let app_id = segment("app ID", &self.app_id)?;
        let path = format!("/accounts/{account_id}/realtime/kit/{app_id}/webhooks{below}");
        Ok(Request::new(method, path, self.deadline()))
    }

    /// A request to the endpoint of one webhook.
    pub(super) fn request_for(&self, method: Method, id: &str) -> Result<Request, Error> {
        if !is_webhook_id(id) {
            return Err(Error::InvalidId {
                name: "webhook ID",
                reason: "must be a UUID".to_owned(),
            });
        }
        self.request(method, &format!("/{id}"))
    }
}

/// What a write was answered with: perhaps only a part of the webhook.
pub(super) struct Written {
    call: Call,
    pub(super) id: String,
    webhook: PartialWebhook,
}

impl Written {
    /// Reads the answer to a write of the webhook `asked`, which may be empty, or to a creation.
    pub(super) fn read(mut response: ApiResponse, asked: Option<&str>) -> Result<Self, Error> {
        let call = response.call.clone();
        if asked.is_some() {
            response.value.get_or_insert_with(|| json!({}));
        }
        response.decode(|value| {
            let mut webhook: PartialWebhook = decode("the webhook", value)?;
            let answered = webhook.id.as_deref().or(asked).ok_or("id is missing")?;
            let id = asked.unwrap_or(answered).to_owned();
            check_same_id(&id, answered)?;
            webhook.id = Some(answered.to_owned());
            Ok(Self { call, id, webhook })
        })
    }
}

/// Whether a webhook that is reported missing was created so recently, by the server's clock,
/// that it may not be visible everywhere yet. Without a time it is new for all we know.
fn is_new(created_at: Option<&str>, missing: &Error) -> bool {
    let Some(created_at) = created_at else {
        return true;
    };
    let date = missing.response().and_then(|response| response.date);
    let now = date.unwrap_or_else(SystemTime::now);
    parse_time(created_at).is_some_and(|created| {
        let age = now.duration_since(created);
        age.unwrap_or_else(|created_later| created_later.duration()) < NEW
    })
}

/// Checks that an answer is about the webhook that was asked for.
fn check_same_id(asked: &str, answered: &str) -> Result<(), String> {
    match answered.eq_ignore_ascii_case(asked) {
        true => Ok(()),
        false => Err(format!("it is about webhook {answered}")),
    }
}
