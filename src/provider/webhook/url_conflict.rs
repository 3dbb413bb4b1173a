//! The API allows each URL once per app: which webhook has a URL, and what to do about it.
//!
//! Terraform changes webhooks in parallel, so a URL that one resource wants may belong to a webhook
//! that another resource is about to change or delete in the same run. Then the write waits for it.

use std::time::Duration;

use tokio::time::Instant;

use crate::api::{Error, Webhook, WebhookList, Webhooks, shown_url};
use crate::framework::Diagnostics;
use crate::provider::{
    diagnostics::{failed, token_refused},
    session::Session,
};

/// Number of times that a waiting write looks again, in case something else than this run freed the
/// URL.
const LOOKS: u32 = 5;
/// The part of the wait in which a webhook that this run has not shown yet may still turn out to be
/// managed: Terraform starts independent changes at about the same time.
const GRACE: u32 = 15;
/// The same in a plan, which changes nothing and should not wait.
const PLAN_GRACE: u32 = 75;

/// The URL that a webhook needs.
pub(super) struct WantedUrl<'a> {
    session: &'a Session,
    webhooks: &'a Webhooks,
    url: &'a str,
    /// ID of the webhook that needs the URL, if it exists.
    own_id: Option<&'a str>,
    /// Longest wait of a write for its URL.
    max_wait: Duration,
}

impl<'a> WantedUrl<'a> {
    pub(super) fn new(
        session: &'a Session,
        webhooks: &'a Webhooks,
        url: &'a str,
        own_id: Option<&'a str>,
    ) -> Self {
        Self {
            session,
            webhooks,
            url,
            own_id,
            max_wait: session.api.timing().url_wait,
        }
    }

    /// Sends a write, and sends it again when the URL becomes free.
    ///
    /// # Errors
    ///
    /// The URL belongs to a webhook that this run does not manage, or did not become free in time.
    /// Every other failure is in the inner result.
    pub(super) async fn write<T, F>(
        &self,
        send: impl Fn() -> F,
    ) -> Result<Result<T, Error>, Diagnostics>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let end = Instant::now() + self.max_wait;
        let mut was_free = false;
        loop {
            let error = match send().await {
                Err(error) if error.is_conflict() => error,
                result => return Ok(result),
            };
            let is_free = !self.wait_until_free(end, &error).await?;
            if is_free && was_free {
                let free = "It is not in the list of the app's webhooks any longer: apply again.";
                return Err(self.held_by_another(free, &error));
            }
            was_free = is_free;
        }
    }

    /// Waits until no other webhook has the URL; `false` if none had it from the start.
    async fn wait_until_free(&self, end: Instant, error: &Error) -> Result<bool, Diagnostics> {
        let grace = self.max_wait / GRACE;
        let mut last_holder = None;
        loop {
            let since = self.webhooks.write_count();
            let holder = match (self.webhooks.list().await, &last_holder) {
                (Ok(list), _) => self.holder(&list).cloned(),
                (Err(_), Some(holder)) => return Err(self.held_by_managed(holder, error)),
                (Err(listing), None) => {
                    let unknown = format!("The provider cannot determine which one: {listing}");
                    return Err(self.held_by_another(&unknown, error));
                }
            };
            let Some(holder) = holder else {
                return Ok(last_holder.is_some());
            };
            let is_managed = tokio::select! {
                biased;
                true = self.webhooks.wait_for_write(since, grace), if Instant::now() < end => continue,
                is_managed = self.session.is_managed_within(&holder.id, grace) => is_managed,
            };
            if !is_managed {
                return Err(self.held_by_unmanaged(&holder, error));
            }
            if !self.wait(since, end).await {
                return Err(self.held_by_managed(&holder, error));
            }
            last_holder = Some(holder);
        }
    }

    /// Waits for a write of this run, or a while; `false` if there is no time left for it.
    async fn wait(&self, since: u64, end: Instant) -> bool {
        let start = Instant::now();
        let time = (self.max_wait / LOOKS).min(end.saturating_duration_since(start));
        // Without a write it returns early only at the deadline of the operation and on a stop.
        let has_written = self.webhooks.wait_for_write(since, time).await;
        (has_written || start.elapsed() >= time) && Instant::now() < end
    }

    /// Warns if a webhook that this run does not know has the URL. If the list is not available, the
    /// plan goes on without this advice.
    pub(super) async fn plan_warning(&self) -> Diagnostics {
        let list = match self.webhooks.advisory_list().await {
            Ok(list) => list,
            Err(error) if error.is_token_refused() => return token_refused(&error),
            Err(_) => return Diagnostics::new(),
        };
        let Some(holder) = self.holder(&list) else {
            return Diagnostics::new();
        };
        let grace = self.max_wait / PLAN_GRACE;
        if self.session.is_managed_within(&holder.id, grace).await {
            return Diagnostics::new();
        }
        Diagnostics::warning(
            "URL Already in Use",
            format!(
                "{} The API will refuse this URL unless this configuration changes or deletes that \
                 webhook in the same run.\n\nIf the resource was renamed, write a moved block. If \
                 Terraform does not manage that webhook yet, import it with this block, with the \
                 address of your resource:\n\n{}",
                self.held_by(holder),
                import_block(self.webhooks, &holder.id)
            ),
        )
        .at("url")
    }

    /// The other webhook that has the URL.
    fn holder<'l>(&self, list: &'l WebhookList) -> Option<&'l Webhook> {
        let is_own = |id: &str| self.own_id.is_some_and(|own| own.eq_ignore_ascii_case(id));
        list.with_url(self.url).filter(|holder| !is_own(&holder.id))
    }

    fn held_by_another(&self, which: &str, error: &Error) -> Diagnostics {
        let (app_id, url) = (self.webhooks.app_id(), shown_url(self.url));
        let holder = format!("Another webhook of app {app_id:?} has the URL {url:?}.");
        Diagnostics::error("URL Already in Use", format!("{holder} {which}\n\n{error}")).at("url")
    }

    fn held_by_unmanaged(&self, holder: &Webhook, error: &Error) -> Diagnostics {
        Diagnostics::error(
            "URL Already in Use",
            format!(
                "{}\n\nEither choose another URL, or manage that webhook with Terraform: import it \
                 with this block, with the address of your resource:\n\n{}\n\nDo not import it if \
                 this configuration already manages it, under another address or as the webhook \
                 that create_before_destroy would delete after this one is created. In that case \
                 apply again, or remove create_before_destroy.\n\n{error}",
                self.held_by(holder),
                import_block(self.webhooks, &holder.id)
            ),
        )
        .at("url")
    }

    fn held_by_managed(&self, holder: &Webhook, error: &Error) -> Diagnostics {
        Diagnostics::error(
            "URL Held by a Managed Webhook",
            format!(
                "{} This configuration also manages that webhook, and did not free the URL in \
                 time.\n\nEach URL can be used only once per app: if two resources have this URL, \
                 give one of them another. If the configuration gives that webhook another URL or \
                 deletes it, apply again. If the resource was renamed, write a moved block. To \
                 exchange the URLs of two webhooks, first apply with a temporary URL for one of \
                 them. If the resource has create_before_destroy, remove it, so that the old \
                 webhook is deleted first.\n\n{error}",
                self.held_by(holder)
            ),
        )
        .at("url")
    }

    fn held_by(&self, holder: &Webhook) -> String {
        format!(
            "Webhook {} of app {:?}, named {:?}, has the URL {:?}.",
            holder.id,
            self.webhooks.app_id(),
            holder.name,
            shown_url(self.url)
        )
    }
}

/// The block that imports a webhook, ready to be pasted.
fn import_block(webhooks: &Webhooks, id: &str) -> String {
    let (account_id, app_id) = (webhooks.account_id(), webhooks.app_id());
    format!("import {{\n  to = realtimekit_webhook.NAME\n  id = \"{account_id}/{app_id}/{id}\"\n}}")
}

/// A creation that failed; if it may have created a webhook, how to find and import it.
pub(super) fn create_failed(webhooks: &Webhooks, url: &str, error: &Error) -> Diagnostics {
    let found = failed("Create the Webhook", error);
    if !error.outcome_unknown() {
        return found;
    }
    let id = match error {
        Error::Undecided { candidate, .. } => candidate.as_deref(),
        _ => None,
    };
    found.with_detail(&format!(
        "The API may have created the webhook nevertheless. Look for the URL {:?} among the \
         webhooks of app {:?}, in the Cloudflare dashboard or with the data source \
         realtimekit_webhooks. If it is not there, apply again. If it is, import the webhook with \
         this block, with the address of your resource and the ID of the webhook:\n\n{}",
        shown_url(url),
        webhooks.app_id(),
        import_block(webhooks, id.unwrap_or("WEBHOOK_ID"))
    ))
}
