//! What the API holds when it starts, from JSON: accounts, their apps, and the apps' webhooks.
//!
//! Every error names the place in the document, such as `accounts[0].apps[1].name`.

use super::checks::EVENTS;
use super::store::{AppKey, NewWebhook, Store};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Accounts, apps and webhooks to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seed {
    apps: Vec<SeedApp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SeedApp {
    key: AppKey,
    name: String,
    webhooks: Vec<SeedWebhook>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SeedWebhook {
    id: Option<String>,
    new: NewWebhook,
}

/// Why a document is no [`Seed`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// It is not JSON.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// Something in it is not what a seed has there.
    #[error("{place}: {wrong}")]
    Wrong {
        /// Where, such as `accounts[0].apps[1].name`.
        place: String,
        /// What is wrong there.
        wrong: String,
    },
}

impl Seed {
    /// A document to start from.
    pub const EXAMPLE: &str = include_str!("seed_example.json");

    /// Reads a document in the form of [`Seed::EXAMPLE`].
    ///
    /// # Errors
    /// It is not JSON, or something in it is not what a seed has there.
    pub fn from_json(text: &str) -> Result<Self, SeedError> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| SeedError::Syntax(error.to_string()))?;
        let root = Place {
            path: String::new(),
            value: &document,
        };
        let mut seed = Self::default();
        let accounts = root.object(&["accounts"])?.required("accounts")?;
        for account in accounts.list()? {
            seed.account(&account)?;
        }
        match seed.apps.is_empty() {
            true => Err(accounts.wrong("a seed needs an app")),
            false => Ok(seed),
        }
    }

    /// The account and the app that the document names first.
    pub fn first_app(&self) -> Option<(&str, &str)> {
        let app = self.apps.first()?;
        Some((&app.key.0, &app.key.1))
    }

    fn account(&mut self, account: &Place<'_>) -> Result<(), SeedError> {
        let members = account.object(&["id", "apps"])?;
        let id = members.required("id")?.name()?;
        for app in members.required("apps")?.list()? {
            let app_members = app.object(&["id", "name", "webhooks"])?;
            let app_id = app_members.required("id")?;
            let key = (id.clone(), app_id.name()?);
            if self.apps.iter().any(|known| known.key == key) {
                return Err(app_id.wrong("the account has this app already"));
            }
            let name = app_members.optional("name");
            let name = name.map(|name| name.text()).transpose()?;
            let webhooks = self.webhooks(app_members.optional("webhooks"))?;
            self.apps.push(SeedApp {
                name: name.unwrap_or_else(|| "sample".to_owned()),
                key,
                webhooks,
            });
        }
        Ok(())
    }

    fn webhooks(&self, list: Option<Place<'_>>) -> Result<Vec<SeedWebhook>, SeedError> {
        let places = list.map(|list| list.list()).transpose()?;
        let mut webhooks: Vec<SeedWebhook> = Vec::new();
        for place in places.unwrap_or_default() {
            let webhook = place.webhook()?;
            let earlier = self.apps.iter().flat_map(|app| &app.webhooks);
            let mut known = earlier
                .chain(&webhooks)
                .filter_map(|known| known.id.as_ref());
            if webhook
                .id
                .as_ref()
                .is_some_and(|id| known.any(|known| known == id))
            {
                return Err(place.child("id").wrong("another webhook has this id"));
            }
            webhooks.push(webhook);
        }
        Ok(webhooks)
    }

    pub(super) fn sow(self, store: &mut Store) {
        for app in self.apps {
            let (account, id) = app.key.clone();
            store.declare_app(account, id, app.name);
            for webhook in app.webhooks {
                store.insert_with_id(&app.key, webhook.id, webhook.new, 0);
            }
        }
    }
}

/// A value, and where it is in the document.
struct Place<'v> {
    path: String,
    value: &'v Value,
}

/// An object whose keys are known.
struct Members<'v> {
    path: String,
    members: &'v Map<String, Value>,
}

impl<'v> Place<'v> {
    fn wrong(&self, wrong: impl Into<String>) -> SeedError {
        let place = match self.path.as_str() {
            "" => "the document".to_owned(),
            path => path.to_owned(),
        };
        let wrong = wrong.into();
        SeedError::Wrong { place, wrong }
    }

    fn child(&self, key: &str) -> Self {
        Self {
            path: joined(&self.path, key),
            value: &self.value[key],
        }
    }

    fn object(&self, keys: &[&str]) -> Result<Members<'v>, SeedError> {
        let Value::Object(members) = self.value else {
            return Err(self.wrong("must be an object"));
        };
        if let Some(unknown) = members.keys().find(|key| !keys.contains(&key.as_str())) {
            let wrong = format!("is not one of the members {}", keys.join(", "));
            return Err(self.child(unknown).wrong(wrong));
        }
        Ok(Members {
            path: self.path.clone(),
            members,
        })
    }

    fn list(&self) -> Result<Vec<Self>, SeedError> {
        let Value::Array(items) = self.value else {
            return Err(self.wrong("must be an array"));
        };
        let places = items.iter().enumerate().map(|(index, value)| Self {
            path: format!("{}[{index}]", self.path),
            value,
        });
        Ok(places.collect())
    }

    fn text(&self) -> Result<String, SeedError> {
        let text = self.value.as_str().map(str::to_owned);
        text.ok_or_else(|| self.wrong("must be a string"))
    }

    /// A text that can be a segment of a path.
    fn name(&self) -> Result<String, SeedError> {
        match self.text()? {
            text if text.is_empty() => Err(self.wrong("must not be empty")),
            text => Ok(text),
        }
    }

    fn webhook(&self) -> Result<SeedWebhook, SeedError> {
        let members = self.object(&["id", "name", "url", "events", "enabled"])?;
        let events = members.required("events")?.list()?;
        let id = members.optional("id").map(|id| id.uuid()).transpose()?;
        let enabled = members.optional("enabled");
        let new = NewWebhook {
            name: members.required("name")?.text()?,
            url: members.required("url")?.url()?,
            events: events.iter().map(Place::event).collect::<Result<_, _>>()?,
            enabled: enabled.map_or(Ok(true), |enabled| enabled.boolean())?,
        };
        Ok(SeedWebhook { id, new })
    }

    fn url(&self) -> Result<String, SeedError> {
        let text = self.text()?;
        match reqwest::Url::parse(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(self.wrong(format!("must be an absolute URL: {error}"))),
        }
    }

    fn event(&self) -> Result<String, SeedError> {
        let name = self.text()?;
        match EVENTS.contains(&name.as_str()) {
            true => Ok(name),
            false => Err(self.wrong(format!(
                "`{name}` is not one of the events {}",
                EVENTS.join(", ")
            ))),
        }
    }

    fn boolean(&self) -> Result<bool, SeedError> {
        let value = self.value.as_bool();
        value.ok_or_else(|| self.wrong("must be true or false"))
    }

    fn uuid(&self) -> Result<String, SeedError> {
        let id = Uuid::try_parse(&self.text()?);
        id.map(|id| id.to_string())
            .map_err(|_| self.wrong("must be a UUID"))
    }
}

impl<'v> Members<'v> {
    fn optional(&self, key: &str) -> Option<Place<'v>> {
        let value = self.members.get(key)?;
        let path = joined(&self.path, key);
        Some(Place { path, value })
    }

    fn required(&self, key: &str) -> Result<Place<'v>, SeedError> {
        self.optional(key).ok_or_else(|| SeedError::Wrong {
            place: joined(&self.path, key),
            wrong: "is missing".to_owned(),
        })
    }
}

fn joined(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        serde_json::from_str(Seed::EXAMPLE).unwrap()
    }

    #[track_caller]
    fn refused(document: &Value, expected: &str) {
        let error = Seed::from_json(&document.to_string()).unwrap_err();

        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn the_example_is_a_seed() {
        let seed = Seed::from_json(Seed::EXAMPLE).unwrap();
        let mut store = Store::default();

        let first = seed
            .first_app()
            .map(|(account, app)| (account.to_owned(), app.to_owned()));
        seed.sow(&mut store);

        let (account, app) = first.unwrap();
        let webhooks: Vec<_> = store.existing(&(account.clone(), app)).collect();
        assert_eq!(store.apps(&account).len(), 2);
        assert!(!webhooks.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let cases = [
            (
                "/accounts/0/apps/1/id",
                json!(1),
                "accounts[0].apps[1].id: must be a string",
            ),
            (
                "/accounts/0/id",
                json!(""),
                "accounts[0].id: must not be empty",
            ),
            (
                "/accounts/0/apps",
                json!({}),
                "accounts[0].apps: must be an array",
            ),
            ("/accounts", json!([]), "accounts: a seed needs an app"),
            (
                "/accounts/0/apps/0/webhooks/0/url",
                json!("/hook"),
                "accounts[0].apps[0].webhooks[0].url: must be an absolute URL: \
                 relative URL without a base",
            ),
            (
                "/accounts/0/apps/0/webhooks/1/enabled",
                json!("yes"),
                "accounts[0].apps[0].webhooks[1].enabled: must be true or false",
            ),
            (
                "/accounts/0/apps/0/webhooks/1/id",
                json!("1"),
                "accounts[0].apps[0].webhooks[1].id: must be a UUID",
            ),
        ];

        for (pointer, value, expected) in cases {
            let mut document = document();
            *document.pointer_mut(pointer).expect(pointer) = value;
            refused(&document, expected);
        }
    }

    #[test]
    fn an_unknown_event_is_told_with_the_known_ones() {
        let mut document = document();
        document["accounts"][0]["apps"][0]["webhooks"][0]["events"][1] = json!("meeting.end");

        let error = Seed::from_json(&document.to_string()).unwrap_err();

        let start = "accounts[0].apps[0].webhooks[0].events[1]: `meeting.end` is not one of";
        assert!(error.to_string().starts_with(start), "{error}");
    }

    #[test]
    fn missing_and_misspelt_members_are_told() {
        let mut misspelt = document();
        misspelt["accounts"][0]["apps"][0]["title"] = json!("x");
        let missing = json!({"accounts": [{"apps": []}]});

        let members = "is not one of the members id, name, webhooks";
        refused(&misspelt, &format!("accounts[0].apps[0].title: {members}"));
        refused(&missing, "accounts[0].id: is missing");
        refused(&json!([]), "the document: must be an object");
        let syntax = Seed::from_json("{").unwrap_err().to_string();
        assert!(syntax.starts_with("not JSON: EOF"), "{syntax}");
    }

    #[test]
    fn no_app_and_no_webhook_is_there_twice() {
        let app = json!({"id": "a"});
        let twice = json!({"accounts": [{"id": "x", "apps": [app, app]}]});
        let id = "6b7f7b52-6e4b-4c8e-9f3d-0c2b8d1a4e10";
        let webhook = json!({"id": id, "name": "n", "url": "http://localhost", "events": []});
        let apps = json!([{"id": "a", "webhooks": [webhook]}, {"id": "b", "webhooks": [webhook]}]);
        let webhooks = json!({"accounts": [{"id": "x", "apps": apps}]});

        refused(
            &twice,
            "accounts[0].apps[1].id: the account has this app already",
        );
        let place = "accounts[0].apps[1].webhooks[0].id";
        refused(&webhooks, &format!("{place}: another webhook has this id"));
    }
}
