//! The service, and what others do there.

use std::{collections::BTreeMap, time::Duration};

use realtimekit::{
    api::same_url,
    mock_api::{MockApi, Quirks, Webhook as Stored},
};
use serde_json::Value as Json;
use tokio::{sync::watch, time::advance};

use super::operation::{APPS, Elsewhere};
use crate::api::{ACCOUNT, TOKEN, settle, start_counting};

pub(super) struct Service {
    pub(super) api: MockApi,
    /// Counts answers.
    pub(super) answered: watch::Receiver<u64>,
    pub(super) quirks: Quirks,
    /// By identifier: what others made, and what was named in an error.
    pub(super) others: BTreeMap<String, Stored>,
}

impl Service {
    pub(super) fn new(quirks: &Quirks) -> Self {
        let (api, answered) = start_counting(*quirks);
        Self {
            api,
            answered,
            quirks: *quirks,
            others: BTreeMap::new(),
        }
    }

    /// All webhooks, with their apps.
    pub(super) fn all(&self) -> Vec<(&'static str, Stored)> {
        let of_app = |app| {
            let webhooks = self.api.webhooks(ACCOUNT, app).into_iter();
            webhooks.map(move |it| (app, it))
        };
        APPS.into_iter().flat_map(of_app).collect()
    }

    /// Does what others do, unless the service would refuse it.
    pub(super) fn happen(&mut self, elsewhere: &Elsewhere) {
        let all = self.all();
        let nth = |number: &usize| all.get(number % all.len().max(1));
        match elsewhere {
            Elsewhere::Add(config) => {
                let (app, url) = place(config);
                if self.is_free(app, url, None) {
                    let added = self.api.add_webhook(ACCOUNT, app, "", url, &[]);
                    self.others.insert(added.id.clone(), added.clone());
                    self.edit(&added.id, url, config);
                }
            }
            Elsewhere::Edit(number, config, with_url) => {
                if let Some((app, found)) = nth(number) {
                    let url = if *with_url {
                        place(config).1
                    } else {
                        &found.url
                    };
                    if self.is_free(app, url, Some(&found.id)) {
                        self.edit(&found.id, url, config);
                    }
                }
            }
            Elsewhere::Remove(number) => {
                if let Some((_, found)) = nth(number) {
                    self.others.remove(&found.id);
                    drop(self.api.remove_webhook(&found.id));
                }
            }
        }
    }

    /// A webhook by its identifier, with its app.
    pub(super) fn find(&self, id: &str) -> Option<(&'static str, Stored)> {
        self.all().into_iter().find(|(_, webhook)| webhook.id == id)
    }

    fn edit(&mut self, id: &str, url: &str, config: &Json) {
        let edited = self.api.edit_webhook(id, |webhook| {
            webhook.name = config["name"].as_str().unwrap().to_owned();
            webhook.url = url.to_owned();
            webhook.events = serde_json::from_value(config["events"].clone()).unwrap();
            webhook.enabled = config["enabled"].as_bool().unwrap_or(true);
        });
        if let (Some(other), Some(edited)) = (self.others.get_mut(id), edited) {
            *other = edited;
        }
    }

    /// Whether a webhook, but for the one with this identifier, could have the URL.
    pub(super) fn is_free(&self, app: &str, url: &str, own: Option<&str>) -> bool {
        let webhooks = self.api.webhooks(ACCOUNT, app);
        let mut others = webhooks.iter().filter(|webhook| own != Some(&webhook.id));
        !self.quirks.unique_url || !others.any(|webhook| same_url(&webhook.url, url))
    }

    /// Waits for late requests, and until reads see every change, as after a minute.
    pub(super) async fn settle(&self) {
        settle(&self.api).await;
        advance(Duration::from_secs(60)).await;
        let quirks = &self.quirks;
        let set_limit = |limit| self.api.change_quirks(|quirks| quirks.rate_limit = limit);
        set_limit(None);
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let http = http.build().unwrap();
        let reads = quirks.new_missing_reads.max(quirks.deleted_found_reads);
        for app in (0..reads).flat_map(|_| APPS) {
            let base_url = self.api.base_url();
            let url = format!("{base_url}/accounts/{ACCOUNT}/realtime/kit/{app}/webhooks");
            http.get(url).bearer_auth(TOKEN).send().await.unwrap();
        }
        set_limit(quirks.rate_limit);
    }
}

/// The app and the URL of a configuration.
pub(super) fn place(config: &Json) -> (&str, &str) {
    let text = |name: &str| config[name].as_str().expect("a text");
    (text("app_id"), text("url"))
}
