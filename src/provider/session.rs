//! [`Session`]: the API client, and which webhooks this run of Terraform manages.

use std::{collections::HashSet, time::Duration};

use tokio::{sync::watch, time::timeout};

use crate::api::Client;

/// The client of the configured provider.
pub struct Session {
    pub(super) api: Client,
    /// IDs of the webhooks that Terraform has shown to this process, in lower case. A process
    /// does not see the whole state: Terraform shows a webhook when it reads, plans or changes it.
    managed: watch::Sender<HashSet<String>>,
}

impl Session {
    pub(super) fn new(api: Client) -> Self {
        Self {
            api,
            managed: watch::Sender::default(),
        }
    }

    /// Remembers that Terraform manages a webhook, or managed it until now.
    pub(super) fn mark_managed(&self, id: &str) {
        self.managed
            .send_if_modified(|managed| managed.insert(id.to_ascii_lowercase()));
    }

    /// Whether Terraform has shown a webhook to this process, or does so within a time.
    pub(super) async fn is_managed_within(&self, id: &str, time: Duration) -> bool {
        let id = id.to_ascii_lowercase();
        let mut managed = self.managed.subscribe();
        let shown = timeout(time, managed.wait_for(|managed| managed.contains(&id))).await;
        shown.is_ok_and(|shown| shown.is_ok())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::api::{Config, DEFAULT_BASE_URL, Secret};

    fn session() -> Session {
        let token = Secret::new("token").unwrap();
        let base_url = DEFAULT_BASE_URL.parse().unwrap();
        Session::new(Client::new(Config::new(base_url, token, "tests")))
    }

    #[tokio::test(start_paused = true)]
    async fn webhook_shown_later_is_managed_within_the_time_only() {
        const SECOND: Duration = Duration::from_secs(1);
        let session = Arc::new(session());
        let later = Arc::clone(&session);
        let shown = tokio::spawn(async move {
            tokio::time::sleep(SECOND / 2).await;
            later.mark_managed("ID");
        });

        assert!(!session.is_managed_within("id", SECOND / 4).await);
        assert!(session.is_managed_within("id", SECOND).await);
        shown.await.unwrap();
        assert!(session.is_managed_within("Id", Duration::ZERO).await);
        assert!(!session.is_managed_within("other", Duration::ZERO).await);
    }
}
