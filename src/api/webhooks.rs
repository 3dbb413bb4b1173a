//! The webhooks of one app: types, endpoints, and how reads share list requests.

use std::collections::BTreeSet;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use http::Method;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::debug;

use super::cache::{Share, WebhookCache, WebhookList};
use super::path::{is_webhook_id, segment};
use super::response::{decode, decode_list};
use super::retry::{RetryStopped, deadline_after};
use super::url::same_url;
use super::{Call, Client, Error, Request};

/// Largest list of webhooks, in bytes.
const MAX_LIST: usize = 16 * 1024 * 1024;
/// How long a write waits at most for other writes in progress, to be read back with them.
const MAX_BATCH_WAIT: Duration = Duration::from_secs(1);
/// How long a plan waits for a list that it needs for advice only.
const ADVICE_TIMEOUT: Duration = Duration::from_secs(5);
/// A webhook is new for this long: it may not be visible everywhere yet.
const NEW: Duration = Duration::from_secs(60);

/// A webhook as the API has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// ID: a UUID.
    pub id: String,
    /// Name, not necessarily unique.
    pub name: String,
    /// URL that RealtimeKit calls. Unique in the app.
    pub url: String,
    /// Names of the events that are reported. Their order has no meaning.
    pub events: BTreeSet<String>,
    /// Whether the URL is called. The API may leave out `true`.
    pub enabled: bool,
    /// Time of creation: RFC 3339, as the API writes it, if it does.
    pub created_at: Option<String>,
    /// Time of the last change: RFC 3339, as the API writes it, if it does.
    pub updated_at: Option<String>,
}

impl Webhook {
    /// Time of creation, if the API gives one in RFC 3339.
    pub(super) fn created(&self) -> Option<SystemTime> {
        parse_time(self.created_at.as_deref()?)
    }
}

/// Whether two times in RFC 3339 mean the same instant, whatever their precision and offset.
#[must_use]
pub fn same_time(one: &str, other: &str) -> bool {
    one == other || parse_time(one).is_some_and(|time| parse_time(other) == Some(time))
}

fn parse_time(text: &str) -> Option<SystemTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.into())
}

/// A webhook to create, or to replace another with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRequest {
    /// Name, not necessarily unique.
    pub name: String,
    /// URL to call. Unique in the app.
    pub url: String,
    /// Names of the events to report.
    pub events: BTreeSet<String>,
    /// Whether to call the URL. The API takes an absent `enabled` for `true`.
    pub enabled: bool,
}

impl WebhookRequest {
    /// Whether a webhook is as this request asks for it.
    pub(super) fn matches(&self, webhook: &Webhook) -> bool {
        self.name == webhook.name
            && same_url(&self.url, &webhook.url)
            && self.events == webhook.events
            && self.enabled == webhook.enabled
    }

    fn to_json(&self) -> Value {
        let Self {
            name,
            url,
            events,
            enabled,
        } = self;
        json!({ "name": name, "url": url, "events": events, "enabled": enabled })
    }
}

/// What an answer holds of a webhook: not always all of it. Unknown fields are ignored, and null
/// is absent.
#[derive(Debug, Default, PartialEq, Deserialize)]
pub(super) struct PartialWebhook {
    #[serde(default, deserialize_with = "webhook_id")]
    pub(super) id: Option<String>,
    name: Option<String>,
    url: Option<String>,
    events: Option<BTreeSet<String>>,
    enabled: Option<bool>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

fn webhook_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let id: Option<String> = Option::deserialize(deserializer)?;
    match id {
        Some(id) if !is_webhook_id(&id) => Err(de::Error::custom("is not a UUID")),
        id => Ok(id),
    }
}

impl PartialWebhook {
    /// Whether no field is missing.
    fn is_complete(&self) -> bool {
        self.enabled.is_some() && self.created_at.is_some() && self.updated_at.is_some()
    }

    /// The webhook, with what the API may leave out; or which field is missing.
    fn into_webhook(self) -> Result<Webhook, String> {
        let missing = |name: &str| format!("{name} is missing");
        Ok(Webhook {
            id: self.id.ok_or_else(|| missing("id"))?,
            name: self.name.ok_or_else(|| missing("name"))?,
            url: self.url.ok_or_else(|| missing("url"))?,
            events: self.events.ok_or_else(|| missing("events"))?,
            enabled: self.enabled.unwrap_or(true),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// An element of a list that is not what the API documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableItem {
    /// Its ID, if it has one.
    pub id: Option<String>,
    /// What is wrong: names the field at fault, never its value.
    pub problem: String,
}

/// Reads a complete webhook.
pub(super) fn read_webhook(value: &Value) -> Result<Webhook, String> {
    decode::<PartialWebhook>("the webhook", value)?.into_webhook()
}

/// Reads a list of webhooks. One that is not as documented does not affect the others.
pub(super) fn read_webhooks(value: &Value) -> Result<(Vec<Webhook>, Vec<UnreadableItem>), String> {
    decode_list("the list of webhooks", value, |value| {
        read_webhook(value).map_err(|problem| UnreadableItem {
            id: value["id"]
                .as_str()
                .filter(|id| is_webhook_id(id))
                .map(str::to_owned),
            problem,
        })
    })
}

/// The webhooks of one app. Made by [`Client::webhooks`].
///
/// Every operation fails with [`Error::InvalidId`], and sends nothing, when an identifier cannot
/// be part of a path.
#[derive(Debug, Clone)]
pub struct Webhooks {
    pub(super) client: Client,
    account_id: String,
    app_id: String,
    pub(super) deadline: Option<Instant>,
    pub(super) cache: Arc<WebhookCache>,
}

/// What a write was answered with: perhaps only a part of the webhook.
pub(super) struct Written {
    call: Call,
    pub(super) id: String,
    webhook: PartialWebhook,
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

    // Reads

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
            let share = self.cache.share(self.cache.now());
            self.wait_for_others().await;
            let list = self.shared_list(&share).await?;
            if !self.cache.lacks_recent(&list) {
                return Ok(list);
            }
            let Some(wait) = waits.next() else {
                self.cache.forget_recent(|id| list.with_id(id).is_none());
                return Ok(list);
            };
            debug!(?wait, "a new webhook is not in the list yet");
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
        let list = self.cache.advisory_list(self.fetch_list(|request| Request {
            deadline: Some(deadline_after(ADVICE_TIMEOUT)),
            is_advisory: true,
            ..request
        }));
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
        self.check_id(id)?;
        let share = self.cache.share(self.cache.now());
        self.wait_for_others().await;
        let result = match share.is_alone() {
            true => self.get_uncached(id).await,
            false => self.get_from(&share, id).await,
        };
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
        self.check_id(id)?;
        let (since, is_first) = self.cache.begin_read();
        let share = self.cache.share(since);
        if is_first {
            self.wait_for_others().await;
        }
        let result = match is_first && share.is_alone() {
            true => self.get_uncached(id).await,
            false => self.get_from(&share, id).await,
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
        let mut response = self.client.send(self.request_for(Method::GET, id)?).await?;
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
        let mut waits = self.visibility_backoff().take(2);
        match waits.next() {
            Some(wait) if self.pause(wait).await.is_ok() => self.get_until(id, waits).await,
            _ => self.get_uncached(id).await,
        }
    }

    /// The result of a read, unless that is that a webhook is missing which this run created.
    async fn or_when_visible(
        &self,
        id: &str,
        result: Result<Webhook, Error>,
    ) -> Result<Webhook, Error> {
        match result {
            Err(error) if error.is_gone() && self.cache.is_recent(id) => {
                let result = self.get_when_visible(id).await;
                if result.as_ref().is_err_and(Error::is_gone) {
                    self.cache
                        .forget_recent(|known| known.eq_ignore_ascii_case(id));
                }
                result
            }
            result => result,
        }
    }

    /// One webhook that must exist, though it may not be visible everywhere yet.
    async fn get_when_visible(&self, id: &str) -> Result<Webhook, Error> {
        self.get_until(id, self.visibility_backoff()).await
    }

    /// Looks for a webhook until it is there, with these waits in between.
    async fn get_until(
        &self,
        id: &str,
        mut waits: impl Iterator<Item = Duration>,
    ) -> Result<Webhook, Error> {
        loop {
            let error = match self.get_uncached(id).await {
                Err(error) if error.is_gone() => error,
                result => return result,
            };
            let Some(wait) = waits.next() else {
                return Err(error);
            };
            debug!(%error, ?wait, "a new webhook cannot be read yet");
            if self.pause(wait).await.is_err() {
                return Err(error);
            }
        }
    }

    /// The waits before each further look for a webhook that must appear.
    pub(super) fn visibility_backoff(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        const LOOKS: usize = 4;
        let first = self.client.timing().visibility_backoff;
        iter::successors(Some(first), |wait| Some(*wait * 2)).take(LOOKS)
    }

    /// Waits a moment for calls that start now as well, as when Terraform reads many resources.
    async fn wait_for_others(&self) {
        let window = self.client.timing().batch_window;
        self.pause(window).await.ok(); // a call that cannot wait goes on at once
    }

    /// Waits; fails at once if the wait would end after the deadline, and when the client is told
    /// to stop.
    pub(super) async fn pause(&self, wait: Duration) -> Result<(), RetryStopped> {
        let end = Instant::now() + wait;
        if self.deadline.is_some_and(|deadline| deadline < end) {
            return Err(RetryStopped::Timeout);
        }
        tokio::select! {
            biased;
            () = self.client.stop_token().cancelled() => Err(RetryStopped::Interrupted),
            () = sleep_until(end) => Ok(()),
        }
    }

    /// A list requested after `since`, on the clock of the cache.
    pub(super) async fn list_since(&self, since: u64) -> Result<Arc<WebhookList>, Error> {
        self.shared_list(&self.cache.share(since)).await
    }

    async fn shared_list(&self, share: &Share<'_>) -> Result<Arc<WebhookList>, Error> {
        let sends_request = AtomicBool::new(false);
        let list = share.list(async {
            sends_request.store(true, Ordering::Relaxed); // it keeps to the deadline itself
            self.fetch_list(|request| request).await
        });
        tokio::select! {
            biased;
            list = list => list,
            () = self.deadline_passed(&sends_request) => {
                self.not_sent(Method::GET, RetryStopped::Timeout)
            }
        }
    }

    /// Waits for another call before a request of this one is sent, but not beyond the deadline,
    /// and not after the client is told to stop.
    pub(super) async fn wait_for<T>(
        &self,
        method: Method,
        other: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let keeps_deadline = AtomicBool::new(false);
        tokio::select! {
            biased;
            result = other => Ok(result),
            () = self.client.stop_token().cancelled() => {
                self.not_sent(method, RetryStopped::Interrupted)
            }
            () = self.deadline_passed(&keeps_deadline) => {
                self.not_sent(method, RetryStopped::Timeout)
            }
        }
    }

    fn not_sent<T>(&self, method: Method, reason: RetryStopped) -> Result<T, Error> {
        let call = self.request(method, "")?.call();
        Err(Error::NotSent { call, reason })
    }

    /// Returns when the deadline has passed, unless this call keeps to it by itself.
    async fn deadline_passed(&self, keeps_deadline: &AtomicBool) {
        if let Some(deadline) = self.deadline {
            sleep_until(deadline).await;
            if !keeps_deadline.load(Ordering::Relaxed) {
                return;
            }
        }
        std::future::pending().await
    }

    async fn get_from(&self, share: &Share<'_>, id: &str) -> Result<Webhook, Error> {
        match self.shared_list(share).await {
            Ok(list) => match list.with_id(id) {
                Some(webhook) => Ok(webhook.clone()),
                None => self.get_uncached(id).await, // a list alone does not make a webhook gone
            },
            Err(error) if error.is_unusable_endpoint() => {
                debug!(%error, "the API has no usable list; reading by ID");
                self.get_uncached(id).await
            }
            Err(error) => Err(error),
        }
    }

    /// The list as it is now, by a request of its own.
    pub(super) async fn fetch_list(
        &self,
        adapt: impl FnOnce(Request) -> Request,
    ) -> Result<WebhookList, Error> {
        let request = Request {
            max_body: MAX_LIST,
            ..self.request(Method::GET, "")?
        };
        let (webhooks, unreadable, date) = match self.client.send(adapt(request)).await {
            Ok(mut response) => {
                let (webhooks, unreadable) = response.decode(read_webhooks)?;
                (webhooks, unreadable, response.date)
            }
            Err(error) if error.is_gone() => {
                let date = error.response().and_then(|response| response.date);
                (Vec::new(), Vec::new(), date)
            }
            Err(error) => return Err(error),
        };
        for UnreadableItem { id, problem } in &unreadable {
            debug!(id, problem, "ignoring an element of the list of webhooks");
        }
        Ok(WebhookList::new(webhooks, unreadable, date))
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
        let mut response = self.client.send(request).await?;
        response.decode(|value| decode("the list of events", value))
    }

    // Writes

    /// Replaces a webhook, which keeps its ID, and returns it complete.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook,
    /// [`Error::is_conflict`] if another one has the URL) or cannot be reached, unless the webhook
    /// turns out to be as requested. After [`Error::NotReadBack`] it was changed.
    pub async fn replace(&self, id: &str, wanted: &WebhookRequest) -> Result<Webhook, Error> {
        let (method, body) = (Method::PUT, wanted.to_json());
        self.update(method, id, &body, |webhook| wanted.matches(webhook))
            .await
    }

    /// Enables or disables a webhook and returns it complete.
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    pub async fn set_enabled(&self, id: &str, enabled: bool) -> Result<Webhook, Error> {
        let (method, body) = (Method::PATCH, json!({ "enabled": enabled }));
        self.update(method, id, &body, |webhook| webhook.enabled == enabled)
            .await
    }

    /// Sends a PUT or PATCH. If its outcome is unknown, the API acted on it if the webhook
    /// `is_as_wanted`.
    async fn update(
        &self,
        method: Method,
        id: &str,
        body: &Value,
        is_as_wanted: impl Fn(&Webhook) -> bool,
    ) -> Result<Webhook, Error> {
        let request = self.request_for(method, id)?.with_body(body);
        let write = self.cache.write();
        let result = self.client.send(request).await.and_then(|mut response| {
            let mut webhook = match response.value {
                None => PartialWebhook::default(),
                Some(_) => response.decode(|value| decode("the webhook", value))?,
            };
            let answered_id = webhook.id.get_or_insert_with(|| id.to_owned());
            check_same_id(id, answered_id).map_err(|problem| response.unreadable(problem))?;
            Ok(Written {
                call: response.call,
                id: id.to_owned(),
                webhook,
            })
        });
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
        let result = self.client.send(request).await;
        write.end(&result);
        let result = match result {
            Ok(_deleted) => Ok(()),
            Err(error) if error.outcome_unknown() && !error.is_not_found() => {
                match self.get_uncached(id).await {
                    Err(gone) if gone.is_gone() => Ok(()),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        };
        if result.as_ref().err().is_none_or(Error::is_gone) {
            self.cache
                .forget_recent(|known| known.eq_ignore_ascii_case(id));
        }
        result
    }

    /// Sends a POST.
    pub(super) async fn post(&self, webhook: &WebhookRequest) -> Result<Written, Error> {
        let request = self.request(Method::POST, "")?;
        let request = request.with_body(&webhook.to_json());
        let mut response = self.client.send(request).await?;
        let webhook: PartialWebhook = response.decode(|value| decode("the webhook", value))?;
        match webhook.id.clone() {
            Some(id) => Ok(Written {
                call: response.call,
                id,
                webhook,
            }),
            None => Err(response.unreadable("id is missing")),
        }
    }

    /// The webhook after a write that ended at `since`, read again if the answer held only a part
    /// of it.
    pub(super) async fn complete(&self, written: Written, since: u64) -> Result<Webhook, Error> {
        let Written { call, id, webhook } = written;
        if webhook.is_complete()
            && let Ok(webhook) = webhook.into_webhook()
        {
            return Ok(webhook);
        }
        self.read_back(&id, since)
            .await
            .map_err(|error| Error::NotReadBack {
                call,
                id,
                source: Box::new(error),
            })
    }

    /// The webhook after a write of this client that ended at `since`. Writes that end at about
    /// the same time share a list.
    async fn read_back(&self, id: &str, since: u64) -> Result<Webhook, Error> {
        let read_back = self.cache.read_back();
        let start = Instant::now();
        loop {
            sleep(self.client.timing().batch_window).await;
            if !self.cache.is_write_in_progress() || start.elapsed() >= MAX_BATCH_WAIT {
                break;
            }
        }
        if read_back.is_alone() {
            return self.get_when_visible(id).await;
        }
        match self.get_from(&self.cache.share(since), id).await {
            Err(error) if error.is_gone() => self.get_when_visible(id).await,
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
        let end = deadline_after(at_most);
        let end = self.deadline.map_or(end, |deadline| deadline.min(end));
        tokio::select! {
            biased;
            written = writes.wait_for(|count| *count > since) => written.is_ok(),
            () = self.client.stop_token().cancelled() => false,
            () = sleep_until(end) => false,
        }
    }

    // Requests

    /// Checks, before anything else is done, that a request for the webhook can be made.
    fn check_id(&self, id: &str) -> Result<(), Error> {
        self.request_for(Method::GET, id).map(drop)
    }

    /// A request to the endpoint of the list, or to one below it.
    pub(super) fn request(&self, method: Method, below: &str) -> Result<Request, Error> {
        let account_id = segment("account ID", &self.account_id)?;
        let app_id = segment("app ID", &self.app_id)?;
        let path = format!("/accounts/{account_id}/realtime/kit/{app_id}/webhooks{below}");
        Ok(Request {
            deadline: self.deadline,
            ..Request::new(method, path)
        })
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

/// Whether a webhook that is reported missing was created so recently, by the server's clock,
/// that it may not be visible everywhere yet. Without a time it is new for all we know.
fn is_new(created_at: Option<&str>, missing: &Error) -> bool {
    let date = missing.response().and_then(|response| response.date);
    let now = date.unwrap_or_else(SystemTime::now);
    let Some(created) = created_at.map(parse_time) else {
        return true;
    };
    created.is_some_and(|created| {
        let age = now.duration_since(created);
        age.unwrap_or_else(|created_later| created_later.duration()) < NEW
    })
}

/// Checks that an answer is about the webhook that was asked for.
fn check_same_id(asked: &str, answered: &str) -> Result<(), String> {
    if answered.eq_ignore_ascii_case(asked) {
        Ok(())
    } else {
        Err(format!("it is about webhook {answered}"))
    }
}
