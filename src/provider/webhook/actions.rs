//! `realtimekit_webhook_enable` and `realtimekit_webhook_disable`: resume and pause the
//! deliveries of a webhook, around other changes or by hand.
//!
//! One look decides whether there is anything to do: it costs a request, spares a write that
//! would only move `updated_at`, and tells the practitioner which webhook it is.

use std::time::Duration;

use tokio::time::{Instant, interval_at};
use url::Url;

use super::attributes::app_attributes;
use crate::api::{Client, Error, Webhook, Webhooks};
use crate::framework::timeouts::{Operation, timeout};
use crate::framework::{
    Action, Diagnostics, Progress, Type, model,
    schema::{Schema, required},
};
use crate::provider::{diagnostics::failed, session::Session, validators};

/// Interval of progress messages: that of Terraform's own for resources.
const REMINDER: Duration = Duration::from_secs(10);

/// Which way a webhook is switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum SetEnabled {
    Enable,
    Disable,
}

/// Which webhook to switch.
pub(in crate::provider) struct Target {
    account_id: String,
    app_id: String,
    webhook_id: String,
}
model!(Target {
    account_id,
    app_id,
    webhook_id
});

impl Action for SetEnabled {
    type Client = Session;
    type Config = Target;

    fn type_name(&self) -> &'static str {
        match self {
            Self::Enable => "realtimekit_webhook_enable",
            Self::Disable => "realtimekit_webhook_disable",
        }
    }

    fn schema(&self) -> Schema {
        let what = match self {
            Self::Enable => "Resumes the deliveries of a webhook: sets its `enabled` to `true`.",
            Self::Disable => {
                "Pauses the deliveries of a webhook: sets its `enabled` to `false`. What happens in \
                 the app meanwhile is not reported later."
            }
        };
        let other = match self {
            Self::Enable => "realtimekit_webhook_disable",
            Self::Disable => "realtimekit_webhook_enable",
        };
        let [account_id, app_id] = app_attributes();
        Schema::new(
            format!(
                "{what} A webhook that is so already is left as it is.\n\n\
                 An action changes the webhook and not what Terraform stores of it. If a resource \
                 `realtimekit_webhook` manages the webhook, the next plan notices that `enabled` \
                 differs from the configuration and will set it back. So either undo the action \
                 in the same run, by `{other}`, or let the resource ignore changes of `enabled` \
                 (`lifecycle {{ ignore_changes = [enabled] }}`).\n\n\
                 Actions need Terraform 1.14 or newer."
            ),
            [
                account_id,
                app_id,
                required(
                    "webhook_id",
                    Type::String,
                    "Identifier of the webhook: a UUID.",
                )
                .validate(validators::webhook_id),
            ],
        )
    }

    async fn invoke(
        &self,
        session: &Session,
        target: Target,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        let switched = self.switch(session, &target, progress);
        remind(self.doing(), &session.api, progress, switched).await
    }
}

impl SetEnabled {
    fn wanted(self) -> bool {
        self == Self::Enable
    }

    /// Begins a sentence.
    fn doing(self) -> &'static str {
        match self {
            Self::Enable => "Enabling",
            Self::Disable => "Disabling",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Enable => "enabled",
            Self::Disable => "disabled",
        }
    }

    async fn switch(
        self,
        session: &Session,
        target: &Target,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        let failed = |error| self.failed(target, &error);
        let webhooks = session.api.webhooks(&target.account_id, &target.app_id);
        let webhooks = webhooks.within(timeout(None, Operation::Update));
        let looked = look(session, &webhooks, &target.webhook_id).await;
        let webhook = looked.map_err(failed)?;
        let which = described(&webhook);
        if webhook.enabled == self.wanted() {
            progress.tell(format!(
                "Deliveries of {which} are {} already: nothing to do.",
                self.done()
            ));
            return Ok(());
        }
        progress.tell(format!("{} deliveries of {which}…", self.doing()));
        let edited = webhooks
            .set_enabled(&target.webhook_id, self.wanted())
            .await;
        if edited.map_err(failed)?.enabled == self.wanted() {
            Ok(())
        } else {
            Err(self.without_effect(&which))
        }
    }

    fn without_effect(self, which: &str) -> Diagnostics {
        Diagnostics::error(
            "The API Did Not Do It",
            format!(
                "The API accepted the change, and says that deliveries of {which} are still not \
                 {}. Invoke the action again; if that does not help, report it to Cloudflare.",
                self.done()
            ),
        )
    }

    fn failed(self, target: &Target, error: &Error) -> Diagnostics {
        let Target {
            account_id,
            app_id,
            webhook_id,
        } = target;
        if error.is_gone() {
            return Diagnostics::error(
                "No Such Webhook",
                format!(
                    "App {app_id:?} of account {account_id:?} has no webhook {webhook_id}, so its \
                     deliveries cannot be {}. If it was deleted, create it again (terraform plan \
                     tells whether a resource does) or remove the action. The data source \
                     realtimekit_webhooks lists the webhooks of an app with their IDs.\n\n{error}",
                    self.done()
                ),
            )
            .at("webhook_id");
        }
        let action = match self {
            Self::Enable => "Enable the Webhook",
            Self::Disable => "Disable the Webhook",
        };
        let found = failed(action, error).into_iter().map(|mut diagnostic| {
            diagnostic.detail += "\n\nNothing but `enabled` may have changed, and the action may be \
                                  invoked again, however far it got.";
            diagnostic
        });
        found.collect()
    }
}

/// The webhook as it is now. One that this run created may not be seen everywhere yet.
async fn look(session: &Session, webhooks: &Webhooks, id: &str) -> Result<Webhook, Error> {
    match webhooks.get_uncached(id).await {
        Err(error) if error.is_gone() && session.is_managed(id) => webhooks.recheck(id).await,
        looked => looked,
    }
}

/// Which webhook it is, without the confidential parts of its URL.
fn described(webhook: &Webhook) -> String {
    let Webhook { id, name, url, .. } = webhook;
    let url = Url::parse(url).ok();
    match url.as_ref().and_then(Url::host_str) {
        Some(host) => format!("webhook {id} ({name:?}, to {host})"),
        None => format!("webhook {id} ({name:?})"),
    }
}

/// Waits for `work`, and says now and then that it goes on, and what keeps it.
async fn remind<T>(
    doing: &str,
    client: &Client,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> T {
    let start = Instant::now();
    let mut reminders = interval_at(start + REMINDER, REMINDER);
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            now = reminders.tick() => {
                progress.tell(reminder(doing, now - start, client.blocked_for()));
            }
        }
    }
}

fn reminder(doing: &str, elapsed: Duration, blocked_for: Option<Duration>) -> String {
    let mut reminder = format!(
        "Still {}… ({} s elapsed)",
        doing.to_lowercase(),
        elapsed.as_secs()
    );
    if let Some(wait) = blocked_for {
        reminder += &format!(
            ": the API's rate limit allows no request for another {} s",
            wait.as_secs() + 1
        );
    }
    reminder
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::{Arc, Mutex},
    };

    use tokio::time::sleep;

    use super::*;
    use crate::api::{Config, DEFAULT_BASE_URL, Secret};

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_long_is_reminded_every_ten_seconds() {
        let token = Secret::new("token").unwrap();
        let config = Config::new(DEFAULT_BASE_URL.parse().unwrap(), token, "tests");
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let progress = Progress::new({
            let told = Arc::clone(&told);
            move |message| told.lock().unwrap().push(message)
        });

        let work = sleep(Duration::from_secs(25));
        remind("Enabling", &Client::new(config), &progress, work).await;

        let expected = [
            "Still enabling… (10 s elapsed)",
            "Still enabling… (20 s elapsed)",
        ];
        assert_eq!(*told.lock().unwrap(), expected);
    }

    #[test]
    fn a_reminder_says_what_is_waited_for() {
        let blocked = Some(Duration::from_millis(279_500));

        assert_eq!(
            reminder("Disabling", Duration::from_secs(20), blocked),
            "Still disabling… (20 s elapsed): the API's rate limit allows no request for another \
             280 s"
        );
    }

    #[test]
    fn a_webhook_is_described_without_what_its_url_may_hold() {
        let webhook = |url: &str| Webhook {
            id: "ID".to_owned(),
            name: "bell".to_owned(),
            url: url.to_owned(),
            events: BTreeSet::new(),
            enabled: true,
            created_at: None,
            updated_at: None,
        };

        let secret = webhook("https://user:pass@example.com:8443/path?key=secret");
        assert_eq!(described(&secret), "webhook ID (\"bell\", to example.com)");
        assert_eq!(described(&webhook("no URL")), "webhook ID (\"bell\")");
    }
}
