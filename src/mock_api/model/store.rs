//! What the service holds: webhooks by account and app, and the apps that were declared.

use super::webhook::{NewWebhook, Webhook};
use std::collections::BTreeMap;
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

/// Everything that the service holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    apps: Vec<App>,
    webhooks: BTreeMap<AppKey, Vec<Entry>>,
    clock: Clock,
}

/// A webhook, and who sees it.
#[derive(Clone, Debug)]
struct Entry {
    webhook: Webhook,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    Exists { hidden_reads: u32 },
    Deleted { stale_reads: u32 },
}

impl Store {
    pub(crate) fn declare_app(&mut self, key: AppKey, name: String) {
        let created_at = self.clock.tick();
        self.apps.push(App {
            key,
            name,
            created_at,
        });
    }

    /// The declared apps of an account, oldest first.
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
        let others = self
            .webhooks
            .keys()
            .filter(|key| self.app_name(key).is_none() && self.existing(key).next().is_some());
        declared.chain(others.map(|key| (key, None))).collect()
    }

    /// The webhook that exists with this id, whether reads see it or not, and its app.
    pub(crate) fn find(&self, id: &str) -> Option<(&AppKey, &Webhook)> {
        self.webhooks.iter().find_map(|(app, entries)| {
            let entry = entries.iter().find(|entry| entry.is(id))?;
            Some((app, &entry.webhook))
        })
    }

    /// Adds a webhook that the next `hidden_reads` reads do not see yet.
    pub(crate) fn insert(&mut self, app: &AppKey, new: NewWebhook, hidden_reads: u32) -> Webhook {
        let now = self.clock.tick();
        let webhook = Webhook {
            id: new.id.unwrap_or_else(Uuid::new_v4).to_string(),
            name: new.name,
            url: new.url,
            events: new.events,
            enabled: new.enabled,
            created_at: now.clone(),
            updated_at: now,
        };
        self.webhooks.entry(app.clone()).or_default().push(Entry {
            webhook: webhook.clone(),
            phase: Phase::Exists { hidden_reads },
        });
        webhook
    }

    /// The webhooks that exist, oldest first, whether reads see them or not.
    pub(crate) fn existing(&self, app: &AppKey) -> impl Iterator<Item = &Webhook> {
        let entries = self.webhooks.get(app).into_iter().flatten();
        entries
            .filter(|entry| entry.exists())
            .map(|entry| &entry.webhook)
    }

    /// One read of all webhooks of an app.
    pub(crate) fn read_all(&mut self, app: &AppKey) -> Vec<Webhook> {
        let entries = self.webhooks.get_mut(app).into_iter().flatten();
        entries
            .filter_map(|entry| entry.read().then(|| entry.webhook.clone()))
            .collect()
    }

    /// One read of one webhook.
    pub(crate) fn read(&mut self, app: &AppKey, id: &str) -> Option<Webhook> {
        let mut entries = self.webhooks.get_mut(app)?.iter_mut();
        let entry = entries.find(|entry| entry.webhook.id == id)?;
        entry.read().then(|| entry.webhook.clone())
    }

    /// Changes a webhook of the app and its `updated_at`.
    pub(crate) fn update(
        &mut self,
        app: &AppKey,
        id: &str,
        change: impl FnOnce(&mut Webhook),
    ) -> Option<Webhook> {
        let now = self.clock.tick();
        let entry = self.entry(app, id)?;
        entry.webhook.updated_at = now;
        change(&mut entry.webhook);
        Some(entry.webhook.clone())
    }

    /// Deletes a webhook of the app, which the next `stale_reads` reads still see.
    pub(crate) fn delete(&mut self, app: &AppKey, id: &str, stale_reads: u32) -> Option<Webhook> {
        let entry = self.entry(app, id)?;
        entry.phase = Phase::Deleted { stale_reads };
        Some(entry.webhook.clone())
    }

    fn entry(&mut self, app: &AppKey, id: &str) -> Option<&mut Entry> {
        let mut entries = self.webhooks.get_mut(app)?.iter_mut();
        entries.find(|entry| entry.is(id))
    }

    /// Changes a webhook of any app.
    pub(crate) fn update_any(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Webhook),
    ) -> Option<Webhook> {
        let app = self.find(id)?.0.clone();
        self.update(&app, id, change)
    }

    /// Deletes a webhook of any app at once.
    pub(crate) fn delete_any(&mut self, id: &str) -> Option<Webhook> {
        let app = self.find(id)?.0.clone();
        self.delete(&app, id, 0)
    }

    pub(crate) fn clear_webhooks(&mut self) {
        self.webhooks.clear();
    }
}

impl Entry {
    fn exists(&self) -> bool {
        matches!(self.phase, Phase::Exists { .. })
    }

    fn is(&self, id: &str) -> bool {
        self.webhook.id == id && self.exists()
    }

    /// Whether this read sees the webhook; counts down `hidden_reads` or `stale_reads`.
    fn read(&mut self) -> bool {
        match &mut self.phase {
            Phase::Exists { hidden_reads: 0 } => true,
            Phase::Exists { hidden_reads } => {
                *hidden_reads -= 1;
                false
            }
            Phase::Deleted { stale_reads: 0 } => false,
            Phase::Deleted { stale_reads } => {
                *stale_reads -= 1;
                true
            }
        }
    }
}

/// A clock whose time increases with every write.
#[derive(Clone, Debug)]
struct Clock {
    last: OffsetDateTime,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            last: OffsetDateTime::UNIX_EPOCH,
        }
    }
}

const RFC_3339_MILLISECONDS: &[FormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Clock {
    /// A time that is at least a millisecond after the one before.
    fn tick(&mut self) -> String {
        self.last = now().max(self.last + Duration::MILLISECOND);
        timestamp(self.last)
    }
}

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
        ("account".to_owned(), "app".to_owned())
    }

    fn new_webhook(name: &str) -> NewWebhook {
        NewWebhook {
            id: None,
            name: name.to_owned(),
            url: "https://example.com/hook".to_owned(),
            events: vec!["meeting.started".to_owned()],
            enabled: true,
        }
    }

    #[test]
    fn new_webhook_exists_before_reads_see_it() {
        let mut store = Store::default();
        let webhook = store.insert(&app(), new_webhook("door bell"), 2);

        let reads = [
            store.read(&app(), &webhook.id).is_some(),
            !store.read_all(&app()).is_empty(),
            store.read(&app(), &webhook.id).is_some(),
        ];

        assert_eq!(reads, [false, false, true]);
        assert_eq!(store.existing(&app()).count(), 1);
    }

    #[test]
    fn deleted_webhook_is_read_but_not_written() {
        let mut store = Store::default();
        let webhook = store.insert(&app(), new_webhook("door bell"), 0);

        store.delete(&app(), &webhook.id, 1).unwrap();

        assert_eq!(store.existing(&app()).count(), 0);
        assert_eq!(store.update(&app(), &webhook.id, |_| ()), None);
        assert_eq!(store.delete(&app(), &webhook.id, 1), None);
        assert_eq!(store.read(&app(), &webhook.id), Some(webhook.clone()));
        assert_eq!(store.read(&app(), &webhook.id), None);
    }

    #[test]
    fn write_changes_updated_at_but_not_created_at() {
        let mut store = Store::default();
        let created = store.insert(&app(), new_webhook("door bell"), 0);

        let once = store.update(&app(), &created.id, |_| ()).unwrap();
        let twice = store.update(&app(), &created.id, |_| ()).unwrap();

        assert!(created.updated_at < once.updated_at && once.updated_at < twice.updated_at);
        assert_eq!(created.created_at, twice.created_at);
    }

    #[test]
    fn time_is_rfc_3339_with_milliseconds() {
        let time = Clock::default().tick();

        let digits = time.replace(|c: char| c.is_ascii_digit(), "0");

        assert_eq!(digits, "0000-00-00T00:00:00.000Z");
    }
}
