//! The routes of one app's webhooks.

use super::checks;
use super::envelope::{ApiError, Success};
use super::quirk_values::DeleteAnswer;
use super::quirks::Quirks;
use super::store::{AppKey, NewWebhook, Store, Webhook};
use http::StatusCode;
use serde_json::{Value, json};

type Outcome = Result<Success, ApiError>;

/// One request that has reached an app.
pub(super) struct Webhooks<'a> {
    pub(super) quirks: &'a Quirks,
    pub(super) store: &'a mut Store,
    pub(super) app: AppKey,
}

impl Webhooks<'_> {
    /// `…/webhooks/all`
    pub(super) fn event_names(&self) -> Outcome {
        match self.quirks.lists_events {
            true => Ok(Success::new(StatusCode::OK, json!(checks::EVENTS))),
            false => Err(not_found()),
        }
    }

    pub(super) fn list(&mut self) -> Outcome {
        let webhooks = self.store.read_all(&self.app);
        if webhooks.is_empty() && self.quirks.empty_list_404 {
            return Err(not_found());
        }
        let shown = webhooks.iter().map(|webhook| self.show(webhook)).collect();
        Ok(Success::new(StatusCode::OK, Value::Array(shown)))
    }

    pub(super) fn create(&mut self, body: &[u8]) -> Outcome {
        let mut new = checks::new_webhook(body)?;
        self.normalise(&mut new.url);
        self.refuse_taken_url(&new.url, None)?;
        let hidden_reads = self.quirks.new_missing_reads;
        let webhook = self.store.insert(&self.app, new, hidden_reads);
        let status = match self.quirks.create_200 {
            true => StatusCode::OK,
            false => StatusCode::CREATED,
        };
        Ok(Success::new(status, self.show(&webhook)))
    }

    pub(super) fn read(&mut self, id: &str) -> Outcome {
        let webhook = self.store.read(&self.app, id).ok_or_else(not_found)?;
        Ok(Success::new(StatusCode::OK, self.show(&webhook)))
    }

    pub(super) fn replace(&mut self, id: &str, body: &[u8]) -> Outcome {
        let NewWebhook {
            name,
            mut url,
            events,
            enabled,
        } = checks::new_webhook(body)?;
        self.normalise(&mut url);
        self.refuse_taken_url(&url, Some(id))?;
        let replaced = self.store.update(&self.app, id, |webhook| {
            webhook.name = name;
            webhook.url = url;
            webhook.events = events;
            webhook.enabled = enabled;
        });
        let mut shown = self.show(&replaced.ok_or_else(not_found)?);
        if let Some(fields) = shown.as_object_mut() {
            fields.retain(|field, _| !self.quirks.put_omits.contains(&field.as_str()));
        }
        Ok(Success::new(StatusCode::OK, shown))
    }

    pub(super) fn edit(&mut self, id: &str, body: &[u8]) -> Outcome {
        let mut patch = checks::webhook_patch(body)?;
        if let Some(url) = &mut patch.url {
            self.normalise(url);
            self.refuse_taken_url(url, Some(id))?;
        }
        if self.quirks.patch_enables {
            patch.enabled.get_or_insert(true);
        }
        let edited = self.store.update(&self.app, id, |webhook| {
            patch.apply_to(webhook);
        });
        let shown = self.show(&edited.ok_or_else(not_found)?);
        Ok(Success::new(StatusCode::OK, shown))
    }

    pub(super) fn delete(&mut self, id: &str) -> Outcome {
        let stale_reads = self.quirks.deleted_found_reads;
        let deleted = self.store.delete(&self.app, id, stale_reads);
        let deleted = deleted.ok_or_else(not_found)?;
        Ok(match self.quirks.delete_answer {
            DeleteAnswer::Webhook => Success::new(StatusCode::OK, self.show(&deleted)),
            DeleteAnswer::NoContent => Success::without_body(StatusCode::NO_CONTENT),
            DeleteAnswer::Empty => Success::without_body(StatusCode::OK),
        })
    }

    fn normalise(&self, url: &mut String) {
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
        let mut shown = webhook.to_json();
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

/// The documentation's words; the same for a webhook and for an empty list, and they name no app.
fn not_found() -> ApiError {
    ApiError::service(StatusCode::NOT_FOUND, "Error: resource not found")
}
