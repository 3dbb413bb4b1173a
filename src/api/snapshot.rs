//! All webhooks of an app, as one list call found them.

use std::{collections::HashMap, ops::Deref};

use tokio::time::Instant;

use super::url::normal_url;
use super::webhook::Webhook;

/// All webhooks of an app at one time, in the API's order.
#[derive(Debug)]
pub struct WebhookList {
    webhooks: Vec<Webhook>,
    by_id: HashMap<String, usize>,
    by_url: HashMap<String, usize>,
    /// When the call was begun, on the app's own clock: see `WebhookCache`.
    pub(super) begun: u64,
    pub(super) taken: Instant,
}

impl WebhookList {
    pub(super) fn new(begun: u64, webhooks: Vec<Webhook>) -> Self {
        let index = |key: fn(&Webhook) -> String| {
            webhooks
                .iter()
                .enumerate()
                .map(|(at, webhook)| (key(webhook), at))
                .collect()
        };
        Self {
            by_id: index(|webhook| webhook.id.to_ascii_lowercase()),
            by_url: index(|webhook| normal_url(&webhook.url)),
            webhooks,
            begun,
            taken: Instant::now(),
        }
    }

    /// The webhook with an identifier.
    #[must_use]
    pub fn with_id(&self, id: &str) -> Option<&Webhook> {
        self.by_id
            .get(&id.to_ascii_lowercase())
            .map(|&at| &self.webhooks[at])
    }

    /// A webhook with a URL, however it is spelt. The API allows a URL once in an app.
    #[must_use]
    pub fn with_url(&self, url: &str) -> Option<&Webhook> {
        self.by_url
            .get(&normal_url(url))
            .map(|&at| &self.webhooks[at])
    }
}

impl Deref for WebhookList {
    type Target = [Webhook];

    fn deref(&self) -> &[Webhook] {
        &self.webhooks
    }
}
