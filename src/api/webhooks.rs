//! The endpoints of the webhooks of one app, and how reads share list requests.

use std::iter;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::cache::{ListRequest, VISIBILITY_DELAY, WebhookCache, WebhookList};
use super::client::Client;
use super::error::{Error, RetryStopped};
use super::http::Request;
use super::path::{is_webhook_id, segment};
use super::response::{UnreadableItem, decode};
use super::retry::deadline_after;
use super::webhook::{Webhook, WebhookRequest, Written, parse_time, read_webhook, read_webhooks};

/// The webhooks of one app. Made by [`Client::webhooks`].
///
/// An operation fails when the API refuses, cannot be reached or gives an answer that cannot be used.
#[derive(Debug, Clone)]
pub struct Webhooks {
    pub(super) client: Client,
    account_id: String,
    app_id: String,
    pub(super) deadline: Instant,
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
            deadline: self.default_deadline(),
            cache: self.cache(account_id, app_id),
        }
    }
}

impl Webhooks {
    /// The same webhooks, for operations that must end within this time from now.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self {
            deadline: deadline_after(time),
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
    /// overlap may share a request. A webhook that this run created is waited for, within bounds.
    pub async fn list(&self) -> Result<Arc<WebhookList>, Error> {
        let mut waits = self.visibility_backoff();
        let window = self.client.timing().batch_window;
        loop {
            let request = self.cache.join_new();
            self.pause(window).await.ok();
            let list = self.shared_list(Some(&request)).await?;
            let mut missing = self.cache.recent();
            missing.retain(|id| list.with_id(id).is_none());
            let Some(wait) = waits.next().filter(|_| !missing.is_empty()) else {
                missing.iter().for_each(|id| self.cache.forget_recent(id));
                return Ok(list);
            };
            if let Err(reason) = self.pause(wait).await {
                return self.not_sent(Method::GET, reason);
            }
        }
    }

    /// The webhooks of the app for advice: any list of this run, or one request for the whole
    /// run, without retries and without waiting for the rate limit.
    pub async fn advisory_list(&self) -> Result<Arc<WebhookList>, Error> {
        // A plan does not wait for advice, and a creation needs its time for something else.
        let left = self.deadline.saturating_duration_since(Instant::now());
        let hasty = self.clone().within((left / 4).min(Duration::from_secs(5)));
        hasty.shared_list(None).await
    }

    /// One webhook, requested after this call began: by its ID, or from a list that other calls
    /// need as well. A webhook that this run created recently is waited for, within bounds.
    pub async fn get(&self, id: &str) -> Result<Webhook, Error> {
        let request = self.cache.join_new();
        self.read(id, &request, true, |_| false).await
    }

    /// As [`get`](Self::get), but from a list of this run if no write has outdated it. A webhook that
    /// is new by the server's clock is looked for again before it is reported missing.
    pub async fn refresh(&self, id: &str, created_at: Option<&str>) -> Result<Webhook, Error> {
        let (request, is_first) = self.cache.join_refresh();
        let is_new = |missing: &Error| is_new(created_at, missing);
        self.read(id, &request, is_first, is_new).await
    }

    /// Reads one webhook: by its ID if `request` is not needed by another call, or else from the
    /// list. One that is missing though it may only be too new to be visible is looked for again.
    async fn read(
        &self,
        id: &str,
        request: &ListRequest,
        may_be_alone: bool,
        is_new: impl Fn(&Error) -> bool,
    ) -> Result<Webhook, Error> {
        self.request_for(Method::GET, id)?; // before anything else is done
        if may_be_alone {
            // For calls that start now as well; one that has no time for it goes on at once.
            self.pause(self.client.timing().batch_window).await.ok();
        }
        let mut result = match may_be_alone && request.leave_if_alone() {
            true => self.get_by_id(id).await,
            false => self.get_from_list(id, request).await,
        };
        let is_recent = || self.cache.recent().contains(&id.to_ascii_lowercase());
        let looks = match &result {
            Err(error) if error.is_gone() && is_recent() => usize::MAX,
            Err(error) if error.is_gone() && is_new(error) => 2,
            _ => return result,
        };
        for wait in self.visibility_backoff().take(looks) {
            tracing::debug!(?wait, "a new webhook cannot be read yet");
            if let Err(reason) = self.pause(wait).await {
                return self.not_sent(Method::GET, reason); // it may still become visible
            }
            result = self.get_by_id(id).await;
            if !result.as_ref().is_err_and(Error::is_gone) {
                return result;
            }
        }
        self.cache.forget_recent(id);
        result
    }

    async fn get_by_id(&self, id: &str) -> Result<Webhook, Error> {
        let answer = self.client.send(self.request_for(Method::GET, id)?).await?;
        answer.decode(|value| read_webhook(value, Some(id)))
    }

    async fn get_from_list(&self, id: &str, request: &ListRequest) -> Result<Webhook, Error> {
        match self.shared_list(Some(request)).await {
            Ok(list) => match list.with_id(id) {
                Some(webhook) => Ok(webhook.clone()),
                None => self.get_by_id(id).await, // a list alone does not make a webhook gone
            },
            Err(error) if is_unusable_endpoint(&error) => {
                tracing::debug!(%error, "the API has no usable list; reading by ID");
                self.get_by_id(id).await
            }
            Err(error) => Err(error),
        }
    }

    /// The list that `request` asks for, or one for advice.
    pub(super) async fn shared_list(
        &self,
        request: Option<&ListRequest>,
    ) -> Result<Arc<WebhookList>, Error> {
        // A call that sends the request ends at the deadline by itself, with the better error.
        const GRACE: Duration = Duration::from_millis(10);
        let fetch = || self.fetch_list(request.is_none());
        let list = self.cache.list(request, self.deadline, fetch);
        match timeout_at(self.deadline + GRACE, list).await {
            Ok(result) => result,
            Err(_elapsed) => self.not_sent(Method::GET, RetryStopped::Timeout),
        }
    }

    async fn fetch_list(&self, is_advisory: bool) -> Result<WebhookList, Error> {
        let mut request = self.request(Method::GET, "")?;
        request.max_body = 16 * 1024 * 1024;
        request.is_advisory = is_advisory;
        let (date, (webhooks, unreadable)) = match self.client.send(request).await {
            Ok(answer) => (answer.1.date, answer.decode(read_webhooks)?),
            // The API may answer 404 for an app without webhooks.
            Err(error) if error.is_gone() => {
                (error.failure().and_then(|it| it.date), Default::default())
            }
            Err(error) => return Err(error),
        };
        for UnreadableItem { id, problem } in &unreadable {
            tracing::debug!(id, problem, "ignoring an element of the list of webhooks");
        }
        Ok(WebhookList::new(webhooks, unreadable, date))
    }

    /// Names of the events that the API can report. Not every deployment has this endpoint.
    pub async fn supported_events(&self) -> Result<Vec<String>, Error> {
        let answer = self.client.send(self.request(Method::GET, "/all")?).await?;
        answer.decode(|value| decode("the list of events", value))
    }

    /// Replaces a webhook, which keeps its ID, and returns it complete. After a failure whose outcome
    /// is unknown, the webhook is read. After [`Error::NotReadBack`] it was changed.
    pub async fn replace(&self, id: &str, wanted: &WebhookRequest) -> Result<Webhook, Error> {
        self.update(Method::PUT, id, &json!(wanted), |it| wanted.matches(it))
            .await
    }

    /// Enables or disables a webhook and returns it complete, as [`replace`](Self::replace).
    pub async fn set_enabled(&self, id: &str, enabled: bool) -> Result<Webhook, Error> {
        let body = json!({ "enabled": enabled });
        self.update(Method::PATCH, id, &body, |it| it.enabled == enabled)
            .await
    }

    async fn update(
        &self,
        method: Method,
        id: &str,
        body: &Value,
        is_as_wanted: impl Fn(&Webhook) -> bool,
    ) -> Result<Webhook, Error> {
        let request = self.request_for(method, id)?.with_body(body);
        match self.write(request, Some(id)).await {
            Err(error) if error.outcome_unknown() => match self.read_back(id).await {
                Ok(webhook) if is_as_wanted(&webhook) => Ok(webhook),
                _ => Err(error),
            },
            result => result,
        }
    }

    /// Deletes a webhook. After a failure whose outcome is unknown, the webhook is read.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let request = self.request_for(Method::DELETE, id)?;
        let mut result = self.cache.write(self.client.send(request)).await.map(drop);
        if let Err(error) = &result
            && error.outcome_unknown()
            && !error.is_gone()
            && self.get_by_id(id).await.is_err_and(|error| error.is_gone())
        {
            result = Ok(());
        }
        if result.as_ref().err().is_none_or(Error::is_gone) {
            self.cache.forget_recent(id);
        }
        result
    }

    /// Sends a write of the webhook `asked`, or a creation, and returns the webhook: read again if
    /// the answer held only a part of it.
    pub(super) async fn write(
        &self,
        request: Request,
        asked: Option<&str>,
    ) -> Result<Webhook, Error> {
        let call = request.call.clone();
        let write = async {
            let answer = self.client.send(request).await?;
            answer.decode(|value| Written::read(value, asked))
        };
        let Written { id, webhook } = self.cache.write(write).await?;
        if asked.is_none() {
            self.cache.claim(&id);
        }
        match webhook {
            Some(webhook) => Ok(webhook),
            None => self.read_back(&id).await.map_err(|error| {
                let source = Box::new(error);
                Error::NotReadBack { call, id, source }
            }),
        }
    }

    /// The webhook after a write. Writes that end at about the same time share a list.
    async fn read_back(&self, id: &str) -> Result<Webhook, Error> {
        let request = self.cache.join_new();
        let end = Instant::now() + Duration::from_secs(1);
        while self.cache.is_write_in_progress() && Instant::now() < end {
            sleep(self.client.timing().batch_window).await;
        }
        self.read(id, &request, true, |_| false).await
    }

    /// How many writes of this client in the app have ended and may have changed something.
    #[must_use]
    pub fn write_count(&self) -> u64 {
        *self.cache.writes.borrow()
    }

    /// Waits until [`write_count`](Self::write_count) is more than `since`; `false` if `at_most`,
    /// the deadline or a stop came first.
    pub async fn wait_for_write(&self, since: u64, at_most: Duration) -> bool {
        let mut writes = self.cache.writes.subscribe();
        let end = deadline_after(at_most).min(self.deadline);
        tokio::select! {
            biased;
            written = writes.wait_for(|count| *count > since) => written.is_ok(),
            _ = self.no_more_time(end) => false,
        }
    }

    /// The waits before each further look for a webhook that must appear.
    pub(super) fn visibility_backoff(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let first = self.client.timing().visibility_backoff;
        iter::successors(Some(first), |wait| Some(*wait * 2)).take(4)
    }

    pub(super) async fn pause(&self, wait: Duration) -> Result<(), RetryStopped> {
        self.client.pause(wait, self.deadline).await
    }

    /// Waits for a stop or the end of a time, and returns which came first.
    pub(super) async fn no_more_time(&self, end: Instant) -> RetryStopped {
        tokio::select! {
            biased;
            () = self.client.shared.stop.cancelled() => RetryStopped::Interrupted,
            () = sleep_until(end) => RetryStopped::Timeout,
        }
    }

    pub(super) fn not_sent<T>(&self, method: Method, reason: RetryStopped) -> Result<T, Error> {
        Err(Error::NotSent(self.request(method, "")?.call, reason))
    }

    /// A request to the endpoint of the list, or to one below it.
    pub(super) fn request(&self, method: Method, below: &str) -> Result<Request, Error> {
        let account_id = segment("account ID", &self.account_id)?;
        let app_id = segment("app ID", &self.app_id)?;
        let path = format!("/accounts/{account_id}/realtime/kit/{app_id}/webhooks{below}");
        Ok(Request::new(method, path, self.deadline))
    }

    /// A request to the endpoint of one webhook.
    pub(super) fn request_for(&self, method: Method, id: &str) -> Result<Request, Error> {
        if !is_webhook_id(id) {
            return Err(Error::InvalidId("webhook ID", "must be a UUID".to_owned()));
        }
        self.cache.note_named(id, &method);
        self.request(method, &format!("/{id}"))
    }
}

/// The API has no such endpoint, or its answer cannot be read: another endpoint may still work.
fn is_unusable_endpoint(error: &Error) -> bool {
    match error.status() {
        Some(StatusCode::NOT_FOUND) => !error.is_gone() && !error.is_app_not_found(),
        Some(status) => status == StatusCode::METHOD_NOT_ALLOWED,
        None => error.is_unreadable(),
    }
}

/// Whether a webhook that is reported missing was created so recently, by the server's clock,
/// that it may not be visible everywhere yet. Without a time it is new for all we know.
fn is_new(created_at: Option<&str>, missing: &Error) -> bool {
    let Some(created) = created_at.and_then(parse_time) else {
        return true;
    };
    let now = missing.failure().and_then(|it| it.date);
    let now = now.unwrap_or_else(SystemTime::now);
    let age = now.duration_since(created);
    age.unwrap_or_else(|created_later| created_later.duration()) < VISIBILITY_DELAY
}
