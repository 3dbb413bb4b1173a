//! What the service holds: webhooks by account and app, and the apps that were declared.

use super::webhook::{Webhook, WebhookFields};
use std::collections::BTreeSet;
use std::time::Instant;
use time::format_description::FormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};
use uuid::Uuid;

/// An app that was declared.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) key: AppKey,
    pub(crate) name: String,
    pub(crate) created_at: String,
}

/// Account and app.
pub(crate) type AppKey = (String, String);

pub(crate) fn app_key(account_id: &str, app_id: &str) -> AppKey {
    (account_id.to_owned(), app_id.to_owned())
}

/// Everything that the service holds, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    apps: Vec<App>,
    entries: Vec<Entry>,
    last_write: Option<OffsetDateTime>,
}

/// A webhook, and who sees it.
#[derive(Clone, Debug)]
struct Entry {
    app: AppKey,
    webhook: Webhook,
    exists: bool,
    /// Reads that do not see yet that it was created or deleted.
    stale_reads: u32,
}

impl Store {
    pub(crate) fn declare_app(&mut self, key: AppKey, name: String) {
        let created_at = self.now();
        self.apps.push(App {
            key,
            name,
            created_at,
        });
    }

    /// The declared apps of an account.
    pub(crate) fn apps(&self, account: &str) -> Vec<&App> {
        let apps = self.apps.iter();
        apps.filter(|app| app.key.0 == account).collect()
    }

    /// The name of an app that was declared.
    pub(crate) fn app_name(&self, key: &AppKey) -> Option<&str> {
        let app = self.apps.iter().find(|app| app.key == *key);
        app.map(|app| app.name.as_str())
    }

    /// Every app that was declared or has webhooks, with its name if it has one.
    pub(crate) fn all_apps(&self) -> Vec<(&AppKey, Option<&str>)> {
        let declared = self.apps.iter().map(|app| (&app.key, Some(&*app.name)));
        let used = self.entries.iter().filter(|entry| entry.exists);
        let used: BTreeSet<_> = used.map(|entry| &entry.app).collect();
        let others = used.into_iter().filter(|key| self.app_name(key).is_none());
        declared.chain(others.map(|key| (key, None))).collect()
    }

    /// The webhook that exists with this ID, whether reads see it or not, and its app.
    pub(crate) fn find(&self, id: &str) -> Option<(&AppKey, &Webhook)> {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.exists && entry.webhook.id == id)?;
        Some((&entry.app, &entry.webhook))
    }

    /// Adds an enabled webhook that the next `hidden_reads` reads do not see yet.
    pub(crate) fn insert(
        &mut self,
        app: &AppKey,
        fields: WebhookFields,
        hidden_reads: u32,
    ) -> Webhook {
        let now = self.now();
        let mut webhook = Webhook {
            id: fields.id.unwrap_or_else(Uuid::new_v4).to_string(),
            name: String::new(),
            url: String::new(),
            events: Vec::new(),
            enabled: true,
            created_at: now.clone(),
            updated_at: now,
        };
        fields.apply_to(&mut webhook);
        self.entries.push(Entry {
            app: app.clone(),
            webhook: webhook.clone(),
            exists: true,
            stale_reads: hidden_reads,
        });
        webhook
    }

    /// The webhooks that exist, whether reads see them or not.
    pub(crate) fn existing(&self, app: &AppKey) -> impl Iterator<Item = &Webhook> {
        let entries = self.entries.iter();
        let existing = entries.filter(move |entry| entry.exists && entry.app == *app);
        existing.map(|entry| &entry.webhook)
    }

    /// One read of an app's webhooks, or of the one with this ID.
    pub(crate) fn read(&mut self, app: &AppKey, id: Option<&str>) -> Vec<Webhook> {
        let wanted =
            |entry: &Entry| id.is_none_or(|id| entry.webhook.id == id) && entry.app == *app;
        let entries = self.entries.iter_mut().filter(|entry| wanted(entry));
        let seen = entries.filter_map(|entry| entry.read().then(|| entry.webhook.clone()));
        seen.collect()
    }

    /// Changes a webhook and its `updated_at`.
    pub(crate) fn update(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Webhook),
    ) -> Option<Webhook> {
        let now = self.now();
        let entry = self.entry(id)?;
        entry.webhook.updated_at = now;
        change(&mut entry.webhook);
        Some(entry.webhook.clone())
    }

    /// Deletes a webhook, which the next `stale_reads` reads still see.
    pub(crate) fn delete(&mut self, id: &str, stale_reads: u32) -> Option<Webhook> {
        let entry = self.entry(id)?;
        (entry.exists, entry.stale_reads) = (false, stale_reads);
        Some(entry.webhook.clone())
    }

    fn entry(&mut self, id: &str) -> Option<&mut Entry> {
        let mut entries = self.entries.iter_mut();
        entries.find(|entry| entry.exists && entry.webhook.id == id)
    }

    pub(crate) fn clear_webhooks(&mut self) {
        self.entries.clear();
    }

    /// The time, and at least a millisecond after the write before.
    fn now(&mut self) -> String {
        let next = self.last_write.map(|last| last + Duration::MILLISECOND);
        let now = next.map_or_else(now, |next| now().max(next));
        self.last_write = Some(now);
        timestamp(now)
    }
}

impl Entry {
    /// Whether this read sees the webhook; counts down `stale_reads`.
    fn read(&mut self) -> bool {
        let stale = self.stale_reads > 0;
        self.stale_reads = self.stale_reads.saturating_sub(1);
        self.exists != stale
    }
}

const RFC_3339_MILLISECONDS: &[FormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The time by Tokio's clock, which tests may pause.
pub(crate) fn now() -> OffsetDateTime {
    let (paused, real) = (tokio::time::Instant::now().into_std(), Instant::now());
    let now = OffsetDateTime::now_utc() + paused.saturating_duration_since(real);
    now - real.saturating_duration_since(paused)
}

/// RFC 3339, with milliseconds.
#[expect(
    clippy::expect_used,
    reason = "a UTC time has every component of the format"
)]
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    time.to_offset(UtcOffset::UTC)
        .format(RFC_3339_MILLISECONDS)
        .expect("a date and a time")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> AppKey {
        app_key("account", "app")
    }

    fn insert(store: &mut Store, hidden_reads: u32) -> Webhook {
        store.insert(&app(), WebhookFields::default(), hidden_reads)
    }

    #[test]
    fn new_webhook_exists_before_reads_see_it() {
        let mut store = Store::default();
        let webhook = insert(&mut store, 2);

        let reads = [
            !store.read(&app(), Some(&webhook.id)).is_empty(),
            !store.read(&app(), None).is_empty(),
            !store.read(&app(), Some(&webhook.id)).is_empty(),
        ];

        assert_eq!(reads, [false, false, true]);
        assert_eq!(store.existing(&app()).count(), 1);
    }

    #[test]
    fn deleted_webhook_is_read_but_not_written() {
        let mut store = Store::default();
        let webhook = insert(&mut store, 0);

        store.delete(&webhook.id, 1).unwrap();

        assert_eq!(store.existing(&app()).count(), 0);
        assert_eq!(store.update(&webhook.id, |_| ()), None);
        assert_eq!(store.delete(&webhook.id, 1), None);
        assert_eq!(
            store.read(&app(), Some(&webhook.id)),
            std::slice::from_ref(&webhook)
        );
        assert_eq!(store.read(&app(), Some(&webhook.id)), []);
    }

    #[test]
    fn write_changes_updated_at_but_not_created_at() {
        let mut store = Store::default();
        let created = insert(&mut store, 0);

        let once = store.update(&created.id, |_| ()).unwrap();
        let twice = store.update(&created.id, |_| ()).unwrap();

        assert!(created.updated_at < once.updated_at && once.updated_at < twice.updated_at);
        assert_eq!(created.created_at, twice.created_at);
    }

    #[test]
    fn time_is_rfc_3339_with_milliseconds() {
        let time = Store::default().now();

        let digits = time.replace(|c: char| c.is_ascii_digit(), "0");

        assert_eq!(digits, "0000-00-00T00:00:00.000Z");
    }
}
