//! The endpoints for the webhooks of one app.

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::cache::WebhookCache;
use super::decode::{self, PartialWebhook};
use super::webhook::{Webhook, WebhookEdit, WebhookRequest};
use super::{Call, Client, Error, Request, deadline, path};

/// Largest answer about one webhook, in bytes.
const LARGEST_WEBHOOK: usize = 1024 * 1024;
/// Largest list of webhooks, in bytes.
const LARGEST_LIST: usize = 16 * 1024 * 1024;

/// The webhooks of one app. Made by [`Client::webhooks`].
///
/// Every operation fails with [`Error::InvalidId`], and sends nothing, when an identifier
/// cannot be part of a path.
#[derive(Debug, Clone)]
pub struct Webhooks {
    pub(super) client: Client,
    account_id: String,
    app_id: String,
    pub(super) deadline: Option<Instant>,
    pub(super) app: Arc<WebhookCache>,
}

/// What a write was answered with: perhaps not the whole webhook.
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
            app: self.app(account_id, app_id),
        }
    }
}

impl Webhooks {
    /// The same webhooks, for operations that must all be over in this time from now: retries
    /// and waits included, a call is given up rather than to wait any longer.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self {
            deadline: Some(deadline::after(time)),
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

    /// Puts a webhook in the place of another, which keeps its identifier, and returns it, whole.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook,
    /// [`Error::is_conflict`] if another has the URL) or cannot be reached, unless the webhook
    /// turns out to be as it was asked for. After [`Error::NotReadBack`] it was changed.
    pub async fn replace(&self, id: &str, wanted: &WebhookRequest) -> Result<Webhook, Error> {
        let (method, body) = (Method::PUT, wanted.to_json());
        self.write(method, id, &body, |webhook| wanted.describes(webhook))
            .await
    }

    /// Changes some fields of a webhook and returns it, whole.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook,
    /// [`Error::is_conflict`] if another has the URL) or cannot be reached, unless the webhook
    /// turns out to be as it was asked for. After [`Error::NotReadBack`] it was changed.
    pub async fn edit(&self, id: &str, edit: &WebhookEdit) -> Result<Webhook, Error> {
        let (method, body) = (Method::PATCH, edit.to_json());
        self.write(method, id, &body, |webhook| edit.describes(webhook))
            .await
    }

    /// Changes a webhook and returns it, whole. When it is not known whether the API made the
    /// change, it did if the webhook `is_as_wanted`.
    async fn write(
        &self,
        method: Method,
        id: &str,
        body: &Value,
        is_as_wanted: impl Fn(&Webhook) -> bool,
    ) -> Result<Webhook, Error> {
        let write = self.app.write();
        let result = self.update(method, id, body).await;
        let since = write.end();
        match result {
            Ok(updated) => self.completed(updated, since).await,
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
        let write = self.app.write();
        let result = self.client.send(request).await;
        write.end();
        match result {
            Ok(_deleted) => Ok(()),
            Err(error) if error.outcome_unknown() && !error.is_not_found() => {
                match self.fetch(id).await {
                    Err(gone) if gone.is_gone() => Ok(()),
                    _ => Err(error),
                }
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
        let mut answer = self.client.send(self.request(Method::GET, "/all")?).await?;
        answer.decode(|value| decode::strings("the list of events", value))
    }

    /// The list as it is now, by a call of its own.
    pub(super) async fn fetch_list(&self) -> Result<Vec<Webhook>, Error> {
        let request = Request {
            largest_answer: LARGEST_LIST,
            ..self.request(Method::GET, "")?
        };
        match self.client.send(request).await {
            Ok(mut answer) => answer.decode(decode::webhooks),
            Err(error) if error.is_gone() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// One webhook as it is now, by a call of its own.
    pub(super) async fn fetch(&self, id: &str) -> Result<Webhook, Error> {
        let mut answer = self.client.send(self.request_for(Method::GET, id)?).await?;
        answer.decode(|value| {
            let webhook = decode::webhook(value)?;
            check_is(id, &webhook.id)?;
            Ok(webhook)
        })
    }

    /// Sends a POST.
    pub(super) async fn post(&self, webhook: &WebhookRequest) -> Result<Written, Error> {
        let request = self
            .request(Method::POST, "")?
            .with_body(&webhook.to_json());
        let mut answer = self.client.send(request).await?;
        let webhook = answer.decode(PartialWebhook::from_json)?;
        match webhook.id.clone() {
            Some(id) => Ok(Written {
                call: answer.call,
                id,
                webhook,
            }),
            None => Err(answer.unreadable("id is missing")),
        }
    }

    /// Sends a PUT or a PATCH.
    async fn update(&self, method: Method, id: &str, body: &Value) -> Result<Written, Error> {
        let request = self.request_for(method, id)?.with_body(body);
        let mut answer = self.client.send(request).await?;
        let mut webhook = match answer.value {
            None => PartialWebhook::default(),
            Some(_) => answer.decode(PartialWebhook::from_json)?,
        };
        let answered_id = webhook.id.get_or_insert_with(|| id.to_owned());
        check_is(id, answered_id).map_err(|problem| answer.unreadable(problem))?;
        Ok(Written {
            call: answer.call,
            id: id.to_owned(),
            webhook,
        })
    }

    /// The webhook after a write that ended at `since`, read again if the answer held only a
    /// part of it.
    pub(super) async fn completed(&self, written: Written, since: u64) -> Result<Webhook, Error> {
        let Written { call, id, webhook } = written;
        if let Ok(webhook) = webhook.complete() {
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

    /// Checks, before anything else is done, that a request for the webhook can be made.
    pub(super) fn check(&self, id: &str) -> Result<(), Error> {
        self.request_for(Method::GET, id).map(drop)
    }

    /// A request to the endpoint of the list, or to one below it.
    fn request(&self, method: Method, below: &str) -> Result<Request, Error> {
        let account_id = segment("account ID", &self.account_id)?;
        let app_id = segment("app ID", &self.app_id)?;
        let path = format!("/accounts/{account_id}/realtime/kit/{app_id}/webhooks{below}");
        Ok(Request {
            largest_answer: LARGEST_WEBHOOK,
            deadline: self.deadline,
            ..Request::new(method, path)
        })
    }

    /// A request to the endpoint of one webhook.
    pub(super) fn request_for(&self, method: Method, id: &str) -> Result<Request, Error> {
        if !path::is_webhook_id(id) {
            return Err(Error::InvalidId {
                name: "webhook ID",
                reason: "must be a UUID".to_owned(),
            });
        }
        self.request(method, &format!("/{id}"))
    }
}

/// An identifier as a segment of a path.
pub(super) fn segment(name: &'static str, id: &str) -> Result<String, Error> {
    match path::check_path_segment(id) {
        Ok(()) => Ok(path::encode(id).to_string()),
        Err(reason) => Err(Error::InvalidId {
            name,
            reason: reason.to_string(),
        }),
    }
}

/// Checks that an answer is about the webhook that was asked for.
fn check_is(asked: &str, answered: &str) -> Result<(), String> {
    if answered.eq_ignore_ascii_case(asked) {
        Ok(())
    } else {
        Err(format!("it is about webhook {answered}"))
    }
}
