//! The routes of one app's webhooks.

use super::envelope::{ApiError, Outcome, Success, bad_request};
use crate::mock_api::model::quirks::{DeleteAnswer, Quirks};
use crate::mock_api::model::store::{AppKey, Store};
use crate::mock_api::model::webhook::{EVENTS, NewWebhook, Webhook, WebhookPatch};
use http::StatusCode;
use serde_json::{Value, json};

/// One request that has reached an app.
pub(crate) struct Webhooks<'a> {
    pub(crate) quirks: &'a Quirks,
    pub(crate) store: &'a mut Store,
    pub(crate) app: AppKey,
}

impl Webhooks<'_> {
    /// `…/webhooks/all`
    pub(crate) fn event_names(&self) -> Outcome {
        match self.quirks.lists_events {
            true => Ok(Success::ok(json!(EVENTS))),
            false => Err(not_found()),
        }
    }

    pub(crate) fn list(&mut self) -> Outcome {
        let webhooks = self.store.read_all(&self.app);
        if webhooks.is_empty() && self.quirks.empty_list_404 {
            return Err(not_found());
        }
        let shown = webhooks.iter().map(|webhook| self.show(webhook)).collect();
        Ok(Success::ok(Value::Array(shown)))
    }

    pub(crate) fn create(&mut self, body: &[u8]) -> Outcome {
        let mut new = NewWebhook::from_body(body).map_err(bad_request)?;
        self.normalize(&mut new.url);
        self.refuse_taken_url(&new.url, None)?;
        let hidden_reads = self.quirks.new_missing_reads;
        let webhook = self.store.insert(&self.app, new, hidden_reads);
        let status = match self.quirks.create_200 {
            true => StatusCode::OK,
            false => StatusCode::CREATED,
        };
        Ok(Success::new(status, self.show(&webhook)))
    }

    pub(crate) fn read(&mut self, id: &str) -> Outcome {
        let webhook = self.store.read(&self.app, id).ok_or_else(not_found)?;
        Ok(Success::ok(self.show(&webhook)))
    }

    pub(crate) fn replace(&mut self, id: &str, body: &[u8]) -> Outcome {
        let mut new = NewWebhook::from_body(body).map_err(bad_request)?;
        self.normalize(&mut new.url);
        self.refuse_taken_url(&new.url, Some(id))?;
        let replaced = self.store.update(&self.app, id, |webhook| {
            webhook.name = new.name;
            webhook.url = new.url;
            webhook.events = new.events;
            webhook.enabled = new.enabled;
        });
        let mut shown = self.show(&replaced.ok_or_else(not_found)?);
        if let Some(fields) = shown.as_object_mut() {
            fields.retain(|field, _| !self.quirks.put_omits.contains(&field.as_str()));
        }
        Ok(Success::ok(shown))
    }

    pub(crate) fn edit(&mut self, id: &str, body: &[u8]) -> Outcome {
        let mut patch = WebhookPatch::from_body(body).map_err(bad_request)?;
        if let Some(url) = &mut patch.url {
            self.normalize(url);
            self.refuse_taken_url(url, Some(id))?;
        }
        if self.quirks.patch_enables {
            patch.enabled.get_or_insert(true);
        }
        let edited = self
            .store
            .update(&self.app, id, |webhook| patch.apply_to(webhook));
        Ok(Success::ok(self.show(&edited.ok_or_else(not_found)?)))
    }

    pub(crate) fn delete(&mut self, id: &str) -> Outcome {
        let stale_reads = self.quirks.deleted_found_reads;
        let deleted = self.store.delete(&self.app, id, stale_reads);
        let deleted = deleted.ok_or_else(not_found)?;
        Ok(match self.quirks.delete_answer {
            DeleteAnswer::Webhook => Success::ok(self.show(&deleted)),
            DeleteAnswer::NoContent => Success::without_body(StatusCode::NO_CONTENT),
            DeleteAnswer::Empty => Success::without_body(StatusCode::OK),
        })
    }

    fn normalize(&self, url: &mut String) {
        if self.quirks.normalises_url
            && let Ok(parsed) = reqwest::Url::parse(url)
        {
            *url = parsed.into();
        }
    }

    fn refuse_taken_url(&self, url: &str, own_id: Option<&str>) -> Result<(), ApiError> {
        let mut others = self
            .store
            .existing(&self.app)
            .filter(|webhook| own_id != Some(&webhook.id));
        match self.quirks.unique_url && others.any(|webhook| webhook.url == url) {
            true => Err(ApiError::service(
                StatusCode::CONFLICT,
                "CONFLICT: a webhook with this url already exists",
            )),
            false => Ok(()),
        }
    }

    fn show(&self, webhook: &Webhook) -> Value {
        let mut shown = json!(webhook);
        if self.quirks.reorders_events
            && let Some(events) = shown["events"].as_array_mut()
        {
            events.reverse();
        }
        if self.quirks.extra_fields {
            shown["organization_id"] = json!(self.app.1);
        }
        shown
    }
}

/// The documented error; the same for a webhook and for an empty list, without the app's ID.
fn not_found() -> ApiError {
    ApiError::service(StatusCode::NOT_FOUND, "Error: resource not found")
}
