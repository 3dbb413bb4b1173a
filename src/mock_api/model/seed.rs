//! What the API holds when it starts, from JSON: accounts, their apps, and the apps' webhooks.
//!
//! Every error names the place in the document, such as `accounts[0].apps[1].name`.

use super::MockError;
use super::store::{AppKey, Store};
use super::webhook::WebhookFields;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashSet;
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
    /// Each with its ID, if it is not to have a random one.
    webhooks: Vec<(Option<String>, WebhookFields)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    accounts: Vec<AccountDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountDocument {
    id: String,
    apps: Vec<AppDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppDocument {
    id: String,
    name: Option<String>,
    #[serde(default)]
    webhooks: Vec<Map<String, Value>>,
}

impl Seed {
    /// A document to start from.
    pub const EXAMPLE: &str = include_str!("seed_example.json");

    /// Reads a document in the form of [`Seed::EXAMPLE`].
    ///
    /// # Errors
    /// It is not JSON, a value in it is not valid, or an app or a webhook's ID occurs twice.
    pub fn from_json(text: &str) -> Result<Self, MockError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| MockError::invalid(format!("not JSON: {error}")))?;
        let document: Document =
            serde_path_to_error::deserialize(value).map_err(MockError::invalid)?;
        let (mut seed, mut known) = (Self::default(), HashSet::new());
        for (a, account) in document.accounts.into_iter().enumerate() {
            for (b, app) in account.apps.into_iter().enumerate() {
                let place = format!("accounts[{a}].apps[{b}]");
                let key: AppKey = (account.id.clone(), app.id);
                let app = app_of(key, app.name, app.webhooks, &mut known);
                let app = app.map_err(|wrong| MockError::invalid(format!("{place}{wrong}")))?;
                seed.apps.push(app);
            }
        }
        match seed.apps.is_empty() {
            true => Err(MockError::invalid("accounts: a seed needs an app")),
            false => Ok(seed),
        }
    }

    /// The account and the app that the document names first.
    pub fn first_app(&self) -> Option<(&str, &str)> {
        let (account, app) = &self.apps.first()?.key;
        Some((account, app))
    }

    pub(crate) fn insert_into(self, store: &mut Store) {
        for app in self.apps {
            store.declare_app(app.key.clone(), app.name);
            for (id, fields) in app.webhooks {
                store.insert(&app.key, id, fields, 0);
            }
        }
    }
}

/// An app of a document; an error is the place within it, and what is wrong there. `known` are the
/// keys of apps and the IDs of webhooks so far.
fn app_of(
    key: AppKey,
    name: Option<String>,
    documents: Vec<Map<String, Value>>,
    known: &mut HashSet<AppKey>,
) -> Result<SeedApp, String> {
    if key.0.is_empty() || key.1.is_empty() {
        return Err(": the IDs of an account and of an app must not be empty".to_owned());
    }
    if !known.insert(key.clone()) {
        return Err(".id: the account has this app already".to_owned());
    }
    let mut webhooks = Vec::new();
    for (index, mut members) in documents.into_iter().enumerate() {
        let wrong = |wrong: String| format!(".webhooks[{index}]{wrong}");
        let id = match members.remove("id") {
            None => None,
            Some(id) => {
                let id = id.as_str().and_then(|id| Uuid::try_parse(id).ok());
                let id = id.ok_or_else(|| wrong(".id: must be a UUID".to_owned()))?;
                Some(id.to_string())
            }
        };
        let twice = id
            .clone()
            .is_some_and(|id| !known.insert((String::new(), id)));
        if twice {
            return Err(wrong(".id: another webhook has this id".to_owned()));
        }
        let fields = WebhookFields::from_members(members).and_then(WebhookFields::complete);
        let fields = fields.map_err(|rule| wrong(format!(": {rule}")))?;
        webhooks.push((id, fields));
    }
    let name = name.unwrap_or_else(|| "sample".to_owned());
    Ok(SeedApp {
        key,
        name,
        webhooks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn document() -> Value {
        serde_json::from_str(Seed::EXAMPLE).unwrap()
    }

    #[track_caller]
    fn refused(document: &Value, expected: &str) {
        let error = Seed::from_json(&document.to_string()).unwrap_err();

        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn example_is_a_valid_seed() {
        let seed = Seed::from_json(Seed::EXAMPLE).unwrap();
        let mut store = Store::default();

        let first = seed
            .first_app()
            .map(|(account, app)| (account.to_owned(), app.to_owned()));
        seed.insert_into(&mut store);

        let (account, app) = first.unwrap();
        let webhooks: Vec<_> = store.existing(&(account.clone(), app)).collect();
        assert_eq!(store.apps(&account).len(), 2);
        assert!(!webhooks.is_empty());
    }

    #[test]
    fn invalid_value_is_reported_with_its_place() {
        let webhooks = "accounts[0].apps[0].webhooks";
        let cases = [
            (
                "/accounts/0/apps/1/id",
                json!(true),
                "accounts[0].apps[1].id: invalid type",
            ),
            (
                "/accounts/0/id",
                json!(""),
                "accounts[0].apps[0]: the IDs of an account and of an app must not be empty",
            ),
            (
                "/accounts/0/apps",
                json!({}),
                "accounts[0].apps: invalid type: map",
            ),
            ("/accounts", json!([]), "accounts: a seed needs an app"),
            (
                "/accounts/0/apps/0/webhooks/0/url",
                json!("/hook"),
                &format!("{webhooks}[0]: \"url\" must be a valid uri"),
            ),
            (
                "/accounts/0/apps/0/webhooks/1/enabled",
                json!("yes"),
                &format!("{webhooks}[1]: \"enabled\" must be a boolean"),
            ),
            (
                "/accounts/0/apps/0/webhooks/1/id",
                json!("1"),
                &format!("{webhooks}[1].id: must be a UUID"),
            ),
            (
                "/accounts/0/apps/0/webhooks/0/events/1",
                json!("meeting.end"),
                &format!("{webhooks}[0]: \"events[1]\" must be one of"),
            ),
        ];

        for (pointer, value, expected) in cases {
            let mut document = document();
            *document.pointer_mut(pointer).expect(pointer) = value;
            refused(&document, expected);
        }
    }

    #[test]
    fn missing_and_unknown_members_are_reported_with_their_place() {
        let mut misspelt = document();
        misspelt["accounts"][0]["apps"][0]["title"] = json!("x");

        refused(
            &misspelt,
            "accounts[0].apps[0].title: unknown field `title`",
        );
        refused(
            &json!({"accounts": [{"apps": []}]}),
            "accounts[0]: missing field `id`",
        );
        refused(&json!(1), "invalid type");
        refused(&json!({"accounts": "a"}), "accounts: invalid type");
        let syntax = Seed::from_json("{").unwrap_err().to_string();
        assert!(syntax.starts_with("not JSON: EOF"), "{syntax}");
        assert!(Seed::from_json(&format!("{} x", Seed::EXAMPLE)).is_err());
    }

    #[test]
    fn duplicate_app_or_webhook_is_refused() {
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
