//! Creates webhooks: at most one for each call, and none that is lost.
//!
//! POST is not idempotent, and its answer may be lost after the webhook was stored. So a POST
//! whose outcome is unknown is not sent again before the app's webhooks were listed. A webhook
//! with the URL in that list is taken for the one of this call only if it was not in a list that
//! this run requested before the POST, no other call of this run made it, changed it or named it
//! before, all fields are as requested, and it was not created before the call, by the server's
//! clock. Somebody else who creates the same webhook at the same time cannot be told apart. After a
//! timeout the API may still be executing the POST, so it is never sent again.

use std::time::{Duration, SystemTime};

use http::Method;
use serde_json::json;
use tokio::time::Instant;
use tracing::warn;

use super::cache::WebhookList;
use super::error::{Error, FailureKind};
use super::url::same_url;
use super::webhook::{Webhook, WebhookRequest, parse_time};
use super::webhooks::Webhooks;

impl Webhooks {
    /// Creates a webhook and returns it complete. After [`Error::Undecided`] there may be a
    /// webhook; after [`Error::NotReadBack`] there is one.
    pub async fn create(&self, wanted: &WebhookRequest) -> Result<Webhook, Error> {
        let lock = self.cache.creation_lock(&wanted.url);
        let _lock = tokio::select! {
            biased;
            lock = lock.lock() => lock,
            reason = self.no_more_time(self.deadline) => {
                return self.not_sent(Method::POST, reason);
            }
        };
        let before = self.advisory_list().await.ok(); // what is in it, this call did not make
        let began = Instant::now();
        let mut retries = self.client.shared.config.max_retries;
        let mut lost = None; // the last POST whose outcome is unknown
        loop {
            let request = self.request(Method::POST, "")?.with_body(&json!(wanted));
            let error = match self.write(request, None).await {
                Err(error) if error.written_id().is_none() => error,
                result => return result,
            };
            let is_own_conflict = lost.is_some() && error.is_conflict();
            if !error.outcome_unknown() && !is_own_conflict {
                let Some(lost) = lost else { return Err(error) };
                let why = format!("it was not in the list, and creating it again failed: {error}");
                return Err(undecided(lost, why, None));
            }
            warn!(%error, "it is not known whether the webhook was created; looking for it");
            match self.trace(wanted, before.as_deref(), began).await {
                Err(why) => return Err(undecided(error, why, None)),
                Ok(Some((webhook, true))) => return Ok(webhook),
                Ok(_) if is_own_conflict => return Err(error),
                Ok(Some((Webhook { id, name, .. }, false))) => {
                    let why = format!(
                        "webhook {id}, named {name:?}, has the URL, but the provider cannot \
                         determine whether this call created it"
                    );
                    return Err(undecided(error, why, Some(id)));
                }
                Ok(None) => {}
            }
            // Not after a timeout, when the API may still be executing the request; nor after a
            // success that could not be read, which would be the same again.
            let is_lost = matches!(&error, Error::Failed(it) if it.kind == FailureKind::Lost);
            if retries == 0 || !is_lost {
                return Err(error);
            }
            warn!("the webhook was not created; creating it again");
            retries -= 1;
            lost = Some(error);
        }
    }

    /// Looks for what a creation made, several times: a new webhook may not be visible at once.
    /// Returns a new webhook with the URL, and whether the call surely made it; or why the search
    /// ended early.
    async fn trace(
        &self,
        wanted: &WebhookRequest,
        before: Option<&WebhookList>,
        began: Instant,
    ) -> Result<Option<(Webhook, bool)>, String> {
        let mut waits = self.visibility_backoff();
        loop {
            let list = self.shared_list(Some(&self.cache.join_new())).await;
            let list = list.map_err(|error| format!("looking for it failed: {error}"))?;
            let is_known = |id: &str| {
                let was_there = before.is_some_and(|before| before.with_id(id).is_some());
                was_there || self.cache.is_known(id, began)
            };
            let same = list.iter().filter(|it| same_url(&it.url, &wanted.url));
            let new: Vec<&Webhook> = same.filter(|it| !is_known(&it.id)).collect();
            let is_own =
                |it: &&&Webhook| wanted.matches(it) && is_since(began, it, &list, before.is_some());
            if let Some(&own) = new.iter().find(is_own) {
                self.cache.claim(&own.id);
                return Ok(Some((own.clone(), true)));
            }
            if let Some(&doubtful) = new.last() {
                return Ok(Some((doubtful.clone(), false)));
            }
            let Some(wait) = waits.next() else {
                return Ok(None);
            };
            let late =
                |reason| format!("it was not in the list, and no further look was taken: {reason}");
            self.pause(wait).await.map_err(late)?;
        }
    }
}

/// Whether a webhook, which is in the list `now`, was created after the call began. Without a time
/// it was if it is in no list from before.
fn is_since(began: Instant, webhook: &Webhook, now: &WebhookList, has_list_before: bool) -> bool {
    let Some(created_at) = &webhook.created_at else {
        return has_list_before;
    };
    let elapsed = now.received.saturating_duration_since(began);
    // Seconds by which the clocks of the API's servers may differ, or the precision of `Date`.
    let tolerance = if has_list_before { 60 } else { 1 };
    let date = now.date.unwrap_or_else(SystemTime::now);
    let began = date.checked_sub(elapsed + Duration::from_secs(tolerance));
    began.is_some_and(|began| parse_time(created_at).is_some_and(|created| began <= created))
}

fn undecided(lost: Error, why: String, candidate: Option<String>) -> Error {
    Error::Undecided {
        why,
        candidate,
        source: Box::new(lost),
    }
}
