//! `realtimekit_webhook_enable` and `realtimekit_webhook_disable`: resume and pause the
//! deliveries of a webhook, around other changes or by hand.
//!
//! An action first reads the webhook: if there is nothing to do, it does not change `updated_at`, and
//! its messages can name the webhook.

use std::time::Duration;

use tokio::time::{Instant, interval_at};
use url::Url;

use super::{
    attributes::{app_schema, webhook_attributes},
    import_id::WebhookAddress,
};
use crate::api::{Client, Error, Webhook, Webhooks};
use crate::framework::timeouts::{Operation, timeout};
use crate::framework::{
    Action, Diagnostics, Progress, Type,
    schema::{Schema, required},
};
use crate::provider::{
    diagnostics::{failed, no_such_webhook},
    session::Session,
    validators,
};

/// Interval of progress messages, as of Terraform's own for resources.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(10);

/// An action that sets `enabled`.
pub(in crate::provider) struct SetEnabled {
    enabled: bool,
    type_name: &'static str,
    /// The action that undoes it.
    opposite: &'static str,
    effect: &'static str,
    /// Completes the title "Could Not …".
    title: &'static str,
    /// Begins a sentence.
    doing: &'static str,
    done: &'static str,
}

impl SetEnabled {
    pub(in crate::provider) const ENABLE: Self = Self {
        enabled: true,
        type_name: "realtimekit_webhook_enable",
        opposite: "realtimekit_webhook_disable",
        effect: "Resumes the deliveries of a webhook: sets its `enabled` to `true`.",
        title: "Enable the Webhook",
        doing: "Enabling",
        done: "enabled",
    };
    pub(in crate::provider) const DISABLE: Self = Self {
        enabled: false,
        type_name: "realtimekit_webhook_disable",
        opposite: "realtimekit_webhook_enable",
        effect: "Pauses the deliveries of a webhook: sets its `enabled` to `false`. Events that \
                 happen while it is disabled are not sent later.",
        title: "Disable the Webhook",
        doing: "Disabling",
        done: "disabled",
    };
}

impl Action for SetEnabled {
    type Client = Session;
    type Config = WebhookAddress;

    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> Schema {
        let (effect, opposite) = (self.effect, self.opposite);
        let [id, ..] = webhook_attributes();
        app_schema(
            format!(
                "{effect} Does nothing if `enabled` already has this value.\n\n\
                 An action changes the webhook, but not the Terraform state. If a resource \
                 `realtimekit_webhook` manages the webhook, the next plan shows that `enabled` \
                 differs from the configuration and changes it back. Therefore either undo the \
                 action in the same run with `{opposite}`, or let the resource ignore changes of \
                 `enabled` (`lifecycle {{ ignore_changes = [enabled] }}`).\n\n\
                 Actions require Terraform 1.14 or newer."
            ),
            [required("webhook_id", Type::String, &id.description)
                .validate(validators::webhook_id)],
        )
    }

    async fn invoke(
        &self,
        session: &Session,
        target: WebhookAddress,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        let webhooks = session.api.webhooks(&target.account_id, &target.app_id);
        let webhooks = webhooks.within(timeout(None, Operation::Update));
        let change = self.change(&webhooks, &target.webhook_id, progress);
        report_progress(self.doing, &session.api, progress, change).await
    }
}

impl SetEnabled {
    async fn change(
        &self,
        webhooks: &Webhooks,
        id: &str,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        let failed = |error| self.failed(webhooks, id, &error);
        let webhook = webhooks.get(id).await.map_err(failed)?;
        let name = described(&webhook);
        if webhook.enabled == self.enabled {
            progress.tell(format!(
                "Deliveries of {name} are already {}: nothing to do.",
                self.done
            ));
            return Ok(());
        }
        progress.tell(format!("{} deliveries of {name}…", self.doing));
        let changed = webhooks.set_enabled(id, self.enabled).await;
        if changed.map_err(failed)?.enabled == self.enabled {
            return Ok(());
        }
        Err(Diagnostics::error(
            "The API Did Not Do It",
            format!(
                "The API accepted the change, but reports that deliveries of {name} are still not \
                 {}. Invoke the action again; if that does not help, report it to Cloudflare.",
                self.done
            ),
        ))
    }

    fn failed(&self, webhooks: &Webhooks, id: &str, error: &Error) -> Diagnostics {
        if error.is_gone() {
            let consequence = format!(
                "its deliveries cannot be {}. If the webhook was deleted, create it again \
                 (terraform plan shows whether a resource does so) or remove the action.",
                self.done
            );
            return no_such_webhook(webhooks, id, &consequence, error).at("webhook_id");
        }
        failed(self.title, error).with_detail(
            "The action changes nothing but `enabled`, and it is safe to invoke it again.",
        )
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

/// Runs `work`, and reports at intervals that it is still running, and what it waits for.
async fn report_progress<T>(
    doing: &str,
    client: &Client,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> T {
    let start = Instant::now();
    let mut ticks = interval_at(start + PROGRESS_INTERVAL, PROGRESS_INTERVAL);
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            now = ticks.tick() => {
                progress.tell(still_running(doing, now - start, client.blocked_for()));
            }
        }
    }
}

fn still_running(doing: &str, elapsed: Duration, blocked_for: Option<Duration>) -> String {
    let waiting = blocked_for.map_or(String::new(), |wait| {
        format!(
            ": the API's rate limit allows no request for another {} s",
            wait.as_secs() + 1
        )
    });
    format!(
        "Still {}… ({} s elapsed){waiting}",
        doing.to_lowercase(),
        elapsed.as_secs()
    )
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
    async fn long_action_reports_progress_every_ten_seconds() {
        let token = Secret::new("token").unwrap();
        let config = Config::new(DEFAULT_BASE_URL.parse().unwrap(), token, "tests");
        let messages: Arc<Mutex<Vec<String>>> = Arc::default();
        let progress = Progress::new({
            let messages = Arc::clone(&messages);
            move |message| messages.lock().unwrap().push(message)
        });

        let work = sleep(Duration::from_secs(25));
        report_progress("Enabling", &Client::new(config), &progress, work).await;

        let expected = [
            "Still enabling… (10 s elapsed)",
            "Still enabling… (20 s elapsed)",
        ];
        assert_eq!(*messages.lock().unwrap(), expected);
    }

    #[test]
    fn progress_names_the_rate_limit() {
        let blocked = Some(Duration::from_millis(279_500));

        assert_eq!(
            still_running("Disabling", Duration::from_secs(20), blocked),
            "Still disabling… (20 s elapsed): the API's rate limit allows no request for another \
             280 s"
        );
    }

    #[test]
    fn description_hides_confidential_parts_of_the_url() {
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
