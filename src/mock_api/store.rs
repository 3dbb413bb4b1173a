//! What the service holds: webhooks by account and app, and the apps that were declared.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use time::format_description::FormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};
use uuid::Uuid;

/// A webhook as the service holds it; fields are spelt as in the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Identifier, a UUID.
    pub id: String,
    /// Name; need not be unique.
    pub name: String,
    /// Where events are delivered.
    pub url: String,
    /// Names of the events that are delivered.
    pub events: Vec<String>,
    /// Whether events are delivered.
    pub enabled: bool,
    /// When it was created: RFC 3339, UTC, with milliseconds.
    pub created_at: String,
    /// When it was last written, in the same form.
    pub updated_at: String,
}

impl Webhook {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "events": self.events,
            "enabled": self.enabled,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

/// What a request may say of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewWebhook {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) events: Vec<String>,
    pub(super) enabled: bool,
}

/// An app that was declared.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) account: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created_at: String,
}

/// Account and app.
pub(super) type AppKey = (String, String);

/// Everything that the service holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
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
    pub(super) fn declare_app(&mut self, account: String, id: String, name: String) {
        let created_at = self.clock.tick();
        self.apps.push(App {
            account,
            id,
            name,
            created_at,
        });
    }

    /// The declared apps of an account, oldest first.
    pub(super) fn apps(&self, account: &str) -> Vec<&App> {
        self.apps
            .iter()
            .filter(|app| app.account == account)
            .collect()
    }

    /// The name of an app that was declared.
    pub(super) fn app_name(&self, (account, id): &AppKey) -> Option<&str> {
        let mut apps = self.apps.iter();
        let app = apps.find(|app| app.account == *account && app.id == *id);
        app.map(|app| app.name.as_str())
    }

    /// Every app that was declared or has webhooks: by account and id, with its name if it has one.
    pub(super) fn all_apps(&self) -> Vec<(AppKey, Option<&str>)> {
        let named = self.apps.iter().map(|app| {
            let key = (app.account.clone(), app.id.clone());
            (key, Some(app.name.as_str()))
        });
        let mut apps: Vec<_> = named.collect();
        for key in self.webhooks.keys() {
            let known = apps.iter().any(|(known, _)| known == key);
            if !known && self.existing(key).next().is_some() {
                apps.push((key.clone(), None));
            }
        }
        apps
    }

    /// The webhook that exists with this id, whether reads see it or not, and its app.
    pub(super) fn find(&self, id: &str) -> Option<(&AppKey, &Webhook)> {
        let mut webhooks = self.webhooks.iter().flat_map(|(app, entries)| {
            let webhooks = entries.iter().filter(|entry| entry.is(id));
            webhooks.map(move |entry| (app, &entry.webhook))
        });
        webhooks.next()
    }

    /// Adds a webhook that the next `hidden_reads` reads do not see yet.
    pub(super) fn insert(&mut self, app: &AppKey, new: NewWebhook, hidden_reads: u32) -> Webhook {
        self.insert_with_id(app, None, new, hidden_reads)
    }

    /// The same with a known id, which no other webhook may have.
    pub(super) fn insert_with_id(
        &mut self,
        app: &AppKey,
        id: Option<String>,
        new: NewWebhook,
        hidden_reads: u32,
    ) -> Webhook {
        let now = self.clock.tick();
        let webhook = Webhook {
            id: id.unwrap_or_else(|| Uuid::new_v4().to_string()),
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
    pub(super) fn existing(&self, app: &AppKey) -> impl Iterator<Item = &Webhook> {
        let entries = self.webhooks.get(app).into_iter().flatten();
        entries
            .filter(|entry| entry.exists())
            .map(|entry| &entry.webhook)
    }

    /// One read of all webhooks of an app.
    pub(super) fn read_all(&mut self, app: &AppKey) -> Vec<Webhook> {
        let entries = self.webhooks.get_mut(app).into_iter().flatten();
        entries
            .filter_map(|entry| entry.read().then(|| entry.webhook.clone()))
            .collect()
    }

    /// One read of one webhook.
    pub(super) fn read(&mut self, app: &AppKey, id: &str) -> Option<Webhook> {
        let mut entries = self.webhooks.get_mut(app)?.iter_mut();
        let entry = entries.find(|entry| entry.webhook.id == id)?;
        entry.read().then(|| entry.webhook.clone())
    }

    /// Changes a webhook of the app, which moves `updated_at`.
    pub(super) fn update(
        &mut self,
        app: &AppKey,
        id: &str,
        change: impl FnOnce(&mut Webhook),
    ) -> Option<Webhook> {
        let now = self.clock.tick();
        let mut entries = self.webhooks.get_mut(app)?.iter_mut();
        let entry = entries.find(|entry| entry.is(id))?;
        entry.webhook.updated_at = now;
        change(&mut entry.webhook);
        Some(entry.webhook.clone())
    }

    /// Deletes a webhook of the app, which the next `stale_reads` reads still see.
    pub(super) fn delete(&mut self, app: &AppKey, id: &str, stale_reads: u32) -> Option<Webhook> {
        let mut entries = self.webhooks.get_mut(app)?.iter_mut();
        let entry = entries.find(|entry| entry.is(id))?;
        entry.phase = Phase::Deleted { stale_reads };
        Some(entry.webhook.clone())
    }

    /// The app that has the webhook.
    pub(super) fn app_of(&self, id: &str) -> Option<AppKey> {
        self.find(id).map(|(app, _)| app.clone())
    }

    pub(super) fn clear_webhooks(&mut self) {
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

    /// Whether a read sees the webhook; each read brings the truth nearer.
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

/// The time, which never stands still between two writes.
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
        self.last = OffsetDateTime::now_utc().max(self.last + Duration::MILLISECOND);
        timestamp(self.last)
    }
}

/// RFC 3339, with milliseconds.
#[expect(
    clippy::expect_used,
    reason = "a UTC time has every component of the format"
)]
pub(super) fn timestamp(time: OffsetDateTime) -> String {
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
            name: name.to_owned(),
            url: "https://example.com/hook".to_owned(),
            events: vec!["meeting.started".to_owned()],
            enabled: true,
        }
    }

    #[test]
    fn a_new_webhook_exists_before_reads_see_it() {
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
    fn a_deleted_webhook_is_still_read_but_no_longer_written() {
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
    fn every_write_moves_updated_at_and_none_moves_created_at() {
        let mut store = Store::default();
        let created = store.insert(&app(), new_webhook("door bell"), 0);

        let once = store.update(&app(), &created.id, |_| ()).unwrap();
        let twice = store.update(&app(), &created.id, |_| ()).unwrap();

        assert!(created.updated_at < once.updated_at && once.updated_at < twice.updated_at);
        assert_eq!(created.created_at, twice.created_at);
    }

    #[test]
    fn times_are_rfc_3339_with_milliseconds() {
        let time = Clock::default().tick();

        let digits = time.replace(|c: char| c.is_ascii_digit(), "0");

        assert_eq!(digits, "0000-00-00T00:00:00.000Z");
    }
}
