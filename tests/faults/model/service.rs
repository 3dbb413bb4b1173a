//! The service, and what others do there.

use std::collections::BTreeMap;

use realtimekit::{
    api::same_url,
    mock_api::{MockApi, Quirks, Webhook as Stored},
};
use tokio::sync::watch;

use super::operation::{APPS, Elsewhere, Webhook};
use crate::api::{ACCOUNT, TOKEN, observed, settled};

pub(super) struct Service {
    pub(super) api: MockApi,
    /// Counts answers.
    pub(super) answered: watch::Receiver<u64>,
    pub(super) quirks: Quirks,
    /// By identifier: what others made, and what was named in an error.
    pub(super) others: BTreeMap<String, Stored>,
    http: reqwest::Client,
}

impl Service {
    pub(super) fn new(quirks: &Quirks) -> Self {
        let (api, answered) = observed(quirks.clone());
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        Self {
            api,
            answered,
            quirks: quirks.clone(),
            others: BTreeMap::new(),
            http: http.build().unwrap(),
        }
    }

    /// All webhooks, with their apps.
    pub(super) fn all(&self) -> Vec<(&'static str, Stored)> {
        let of_app = |app| {
            self.api
                .webhooks(ACCOUNT, app)
                .into_iter()
                .map(move |webhook| (app, webhook))
        };
        APPS.into_iter().flat_map(of_app).collect()
    }

    pub(super) fn happen(&mut self, elsewhere: &Elsewhere) {
        match elsewhere {
            Elsewhere::Add(webhook) => self.add(webhook),
            Elsewhere::Edit(number, webhook) => self.edit(*number, webhook.url, webhook),
            Elsewhere::Rename(number, webhook) => {
                if let Some((_, Stored { url, .. })) = self.nth(*number) {
                    self.edit(*number, &url, webhook);
                }
            }
            Elsewhere::Remove(number) => self.remove(*number),
        }
    }

    fn nth(&self, number: usize) -> Option<(&'static str, Stored)> {
        let mut all = self.all();
        (!all.is_empty()).then(|| all.swap_remove(number % all.len()))
    }

    fn add(&mut self, webhook: &Webhook) {
        if self.is_free(webhook.app, webhook.url, None) {
            let Webhook {
                app,
                name,
                url,
                events,
                ..
            } = webhook;
            let added = self.api.add_webhook(ACCOUNT, app, name, url, events);
            self.others.insert(added.id.clone(), added);
        }
    }

    fn edit(&mut self, number: usize, url: &str, wanted: &Webhook) {
        let Some((app, found)) = self.nth(number) else {
            return;
        };
        if !self.is_free(app, url, Some(&found.id)) {
            return;
        }
        let edited = self.api.edit_webhook(&found.id, |webhook| {
            webhook.name = wanted.name.to_owned();
            webhook.url = url.to_owned();
            webhook.events = wanted
                .events
                .iter()
                .map(|&event| event.to_owned())
                .collect();
            webhook.enabled = wanted.enabled.unwrap_or(true);
        });
        if let Some(edited) = edited
            && self.others.contains_key(&found.id)
        {
            self.others.insert(found.id, edited);
        }
    }

    fn remove(&mut self, number: usize) {
        if let Some((_, found)) = self.nth(number) {
            self.others.remove(&found.id);
            drop(self.api.remove_webhook(&found.id)); // we may have been quicker
        }
    }

    /// Whether the service would let a webhook have this URL.
    fn is_free(&self, app: &str, url: &str, own: Option<&str>) -> bool {
        let webhooks = self.api.webhooks(ACCOUNT, app);
        let mut others = webhooks.iter().filter(|webhook| own != Some(&webhook.id));
        !self.quirks.unique_url || !others.any(|webhook| same_url(&webhook.url, url))
    }

    /// Lets late requests come, and everybody see everything, as after a minute.
    pub(super) async fn settle(&self) {
        settled(&self.api).await;
        self.api.change_quirks(|quirks| quirks.rate_limit = None);
        let reads = self
            .quirks
            .new_missing_reads
            .max(self.quirks.deleted_found_reads);
        for app in (0..reads).flat_map(|_| APPS) {
            let path = format!("/accounts/{ACCOUNT}/realtime/kit/{app}/webhooks");
            let request = self
                .http
                .get(self.api.base_url() + &path)
                .bearer_auth(TOKEN);
            request.send().await.unwrap();
        }
        self.api
            .change_quirks(|quirks| quirks.rate_limit = self.quirks.rate_limit);
    }
}
