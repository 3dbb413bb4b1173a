//! Creates webhooks: never one too many, never one that is lost.
//!
//! POST is not idempotent, and an answer may be lost after the webhook was stored. So a POST
//! whose outcome is not known is not sent again before the app's list was looked at. What is
//! found there is taken for the webhook of this call only if nothing else can have made it: it
//! was not there before the call, it is as it was asked for, and no other call of this run made
//! it.

use tracing::warn;

use super::snapshot::WebhookList;
use super::url::same_url;
use super::{Error, Webhook, WebhookRequest, Webhooks};

/// What the list says of a creation whose outcome is not known.
enum Traced {
    /// The webhook that the call made.
    Made(Webhook),
    /// There is a webhook with the URL, which the call may not have made.
    Doubtful(Webhook),
    /// The call made nothing, as far as can be seen.
    Nothing,
}

impl Webhooks {
    /// Creates a webhook and returns it, whole.
    ///
    /// # Errors
    ///
    /// When the API refuses ([`Error::is_conflict`] if another webhook of the app has the URL)
    /// or cannot be reached. After [`Error::Undecided`] there may be a webhook; after
    /// [`Error::NotReadBack`] there is one.
    pub async fn create(&self, wanted: &WebhookRequest) -> Result<Webhook, Error> {
        let turn = self.app.turn(&wanted.url);
        let _turn = turn.lock().await;
        let before = self.cached_or_list().await; // what is in it, this call did not make
        let mut posts = 0;
        let mut lost = None; // the last POST whose outcome is not known
        loop {
            posts += 1;
            let write = self.app.write();
            let result = self.post(wanted).await;
            let since = write.end();
            let error = match result {
                Ok(created) => {
                    self.app.claim(&created.id);
                    return self.completed(created, since).await;
                }
                Err(error) => error,
            };
            let retried = lost.is_some() && error.is_conflict();
            if !error.outcome_unknown() && !retried {
                return Err(match &lost {
                    Some(lost) => refused_later(lost, &error),
                    None => error,
                });
            }
            warn!(%error, "it is not known whether the webhook was created; looking for it");
            match self.trace(wanted, before.as_deref(), &error, since).await? {
                Traced::Made(webhook) => return Ok(webhook),
                Traced::Doubtful(_) | Traced::Nothing if retried => return Err(error),
                Traced::Doubtful(other) => return Err(doubtful(error, &other)),
                Traced::Nothing if self.may_post_again(&error, posts) => {
                    warn!("the webhook was not created; creating it again");
                    lost = Some(error);
                }
                Traced::Nothing => return Err(error),
            }
        }
    }

    /// Looks for what a creation made, again and again for a while: a new webhook may not be
    /// seen everywhere at once. `since` is when the creation ended.
    async fn trace(
        &self,
        wanted: &WebhookRequest,
        before: Option<&WebhookList>,
        lost: &Error,
        mut since: u64,
    ) -> Result<Traced, Error> {
        let mut waits = self.client.visibility_backoff();
        loop {
            let listed = self.list_since(since).await;
            let snapshot = listed.map_err(|looking| {
                undecided(
                    lost,
                    format!("looking for it in the list failed: {}", looking.chain()),
                )
            })?;
            match self.find(wanted, before, &snapshot) {
                Traced::Nothing => {}
                found => return Ok(found),
            }
            since = snapshot.begun;
            let Some(wait) = waits.next() else {
                return Ok(Traced::Nothing);
            };
            if !self.pause(wait).await {
                let why = "it was not in the list at first, and looking again was interrupted";
                return Err(undecided(lost, why));
            }
        }
    }

    fn find(
        &self,
        wanted: &WebhookRequest,
        before: Option<&WebhookList>,
        now: &WebhookList,
    ) -> Traced {
        let mut doubtful = None;
        for webhook in now
            .iter()
            .filter(|webhook| same_url(&webhook.url, &wanted.url))
        {
            let was_there = before.is_some_and(|before| before.with_id(&webhook.id).is_some());
            if was_there || self.app.is_claimed(&webhook.id) {
                continue;
            }
            if before.is_some() && wanted.describes(webhook) {
                self.app.claim(&webhook.id);
                return Traced::Made(webhook.clone());
            }
            doubtful = Some(webhook);
        }
        doubtful.map_or(Traced::Nothing, |webhook| Traced::Doubtful(webhook.clone()))
    }

    /// Not after a time-out, when the API may still be at it; nor after a success that cannot be
    /// read, which would be the same once more.
    fn may_post_again(&self, error: &Error, posts: u32) -> bool {
        let answered = match error {
            Error::NoAnswer { source, .. } => !source.is_timeout(),
            error => error.status().is_some(),
        };
        answered && posts <= self.client.max_retries()
    }
}

fn undecided(lost: &Error, why: impl Into<String>) -> Error {
    Error::Undecided {
        source: Box::new(lost.clone()),
        why: why.into(),
        candidate: None,
    }
}

/// The API may still store what an earlier POST sent, though a later one was refused.
fn refused_later(lost: &Error, refusal: &Error) -> Error {
    let why = format!(
        "it was not in the list, and creating it again failed: {}",
        refusal.chain()
    );
    undecided(lost, why)
}

fn doubtful(lost: Error, webhook: &Webhook) -> Error {
    let Webhook { id, name, .. } = webhook;
    Error::Undecided {
        source: Box::new(lost),
        why: format!(
            "webhook {id}, named {name:?}, has the URL, but it cannot be told whether this call \
             made it"
        ),
        candidate: Some(id.clone()),
    }
}
