//! The endpoints for the webhooks of one app.

use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::decode::{self, PartialWebhook};
use super::webhook::{Webhook, WebhookEdit, WebhookRequest};
use super::{Client, Error, Request, Success, deadline, ids};

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
    client: Client,
    account_id: String,
    app_id: String,
    deadline: Option<Instant>,
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

    /// All webhooks of the app, in the API's order.
    ///
    /// The API may answer 404 for an app without webhooks: that is an empty list, unless the
    /// message is about the app or the account.
    ///
    /// # Errors
    ///
    /// When the API refuses, cannot be reached, or answers something else than webhooks.
    pub async fn list(&self) -> Result<Vec<Webhook>, Error> {
        let request = Request {
            largest_answer: LARGEST_LIST,
            ..self.request(Method::GET, "")?
        };
        match self.client.send(request).await {
            Ok(mut answer) => answer.decode(decode::webhooks),
            Err(error) if error.is_not_found() && !error.is_app_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// One webhook.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook), cannot be
    /// reached, or answers something else than this webhook, whole.
    pub async fn get(&self, id: &str) -> Result<Webhook, Error> {
        let mut answer = self.client.send(self.request_for(Method::GET, id)?).await?;
        answer.decode(|value| {
            let webhook = decode::webhook(value)?;
            check_is(id, &webhook.id)?;
            Ok(webhook)
        })
    }

    /// Creates a webhook and returns it, whole.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_conflict`] if another webhook of the app has the URL)
    /// or cannot be reached. After an error whose [`Error::outcome_unknown`] is true there may
    /// be a webhook; after [`Error::NotReadBack`] there is one.
    pub async fn create(&self, webhook: &WebhookRequest) -> Result<Webhook, Error> {
        let request = self
            .request(Method::POST, "")?
            .with_body(&webhook.to_json());
        let mut answer = self.client.send(request).await?;
        let partial = answer.decode(PartialWebhook::from_json)?;
        let Some(id) = partial.id.clone() else {
            return Err(answer.unreadable("id is missing"));
        };
        self.completed(answer, &id, partial).await
    }

    /// Puts a webhook in the place of another, which keeps its identifier, and returns it, whole.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get) and [`create`](Self::create).
    pub async fn replace(&self, id: &str, webhook: &WebhookRequest) -> Result<Webhook, Error> {
        self.update(Method::PUT, id, &webhook.to_json()).await
    }

    /// Changes some fields of a webhook and returns it, whole.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get) and [`create`](Self::create).
    pub async fn edit(&self, id: &str, edit: &WebhookEdit) -> Result<Webhook, Error> {
        self.update(Method::PATCH, id, &edit.to_json()).await
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_not_found`] if there is no such webhook) or cannot be
    /// reached.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let request = self.request_for(Method::DELETE, id)?;
        self.client.send(request).await.map(|_deleted| ())
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

    async fn update(&self, method: Method, id: &str, body: &Value) -> Result<Webhook, Error> {
        let request = self.request_for(method, id)?.with_body(body);
        let mut answer = self.client.send(request).await?;
        let mut partial = match answer.value {
            None => PartialWebhook::default(),
            Some(_) => answer.decode(PartialWebhook::from_json)?,
        };
        let answered_id = partial.id.get_or_insert_with(|| id.to_owned());
        check_is(id, answered_id).map_err(|problem| answer.unreadable(problem))?;
        self.completed(answer, id, partial).await
    }

    /// The webhook that a write answered, read again if the answer held only a part of it.
    async fn completed(
        &self,
        answer: Success,
        id: &str,
        partial: PartialWebhook,
    ) -> Result<Webhook, Error> {
        if let Ok(webhook) = partial.complete() {
            return Ok(webhook);
        }
        self.get(id).await.map_err(|error| Error::NotReadBack {
            call: answer.call,
            id: id.to_owned(),
            source: Box::new(error),
        })
    }

    /// A request to the endpoint of the list, or to one below it.
    fn request(&self, method: Method, below: &str) -> Result<Request, Error> {
        let account_id = segment("account ID", &self.account_id)?;
        let app_id = segment("app ID", &self.app_id)?;
        Ok(Request {
            method,
            path: format!("/accounts/{account_id}/realtime/kit/{app_id}/webhooks{below}"),
            body: None,
            largest_answer: LARGEST_WEBHOOK,
            deadline: self.deadline,
        })
    }

    /// A request to the endpoint of one webhook.
    fn request_for(&self, method: Method, id: &str) -> Result<Request, Error> {
        if !ids::is_webhook_id(id) {
            return Err(Error::InvalidId {
                name: "webhook ID",
                reason: "must be a UUID".to_owned(),
            });
        }
        self.request(method, &format!("/{id}"))
    }
}

fn segment(name: &'static str, id: &str) -> Result<String, Error> {
    match ids::check_path_segment(id) {
        Ok(()) => Ok(ids::encode(id).to_string()),
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
