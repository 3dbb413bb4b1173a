//! What the API holds when it starts, from JSON: accounts, their apps, and the apps' webhooks.

use super::MockError;
use super::store::Store;
use super::webhook::WebhookFields;
use serde::Deserialize;

/// Accounts, apps and webhooks to begin with.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Document")]
pub struct Seed(pub(crate) Store);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    accounts: Vec<SeedAccount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedAccount {
    id: String,
    apps: Vec<SeedApp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedApp {
    id: String,
    name: Option<String>,
    #[serde(default)]
    webhooks: Vec<WebhookFields>,
}

impl Seed {
    /// A document to start from.
    pub const EXAMPLE: &str = include_str!("seed_example.json");

    /// Reads a document in the form of [`Seed::EXAMPLE`]; an error names the place that is wrong.
    pub fn from_json(text: &str) -> Result<Self, MockError> {
        let value: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| MockError::invalid(format!("not JSON: {error}")))?;
        serde_path_to_error::deserialize(value).map_err(MockError::invalid)
    }

    /// The account and the app that the document names first.
    pub fn first_app(&self) -> Option<(&str, &str)> {
        let apps = self.0.all_apps();
        apps.first().map(|((account, app), _)| (&**account, &**app))
    }
}

impl TryFrom<Document> for Seed {
    type Error = String;

    fn try_from(document: Document) -> Result<Self, String> {
        let mut store = Store::default();
        for (a, account) in document.accounts.into_iter().enumerate() {
            for (b, app) in account.apps.into_iter().enumerate() {
                let place = format!("accounts[{a}].apps[{b}]");
                if account.id.is_empty() || app.id.is_empty() {
                    let wrong = "the ids of account and app must not be empty";
                    return Err(format!("{place}: {wrong}"));
                }
                let key = (account.id.clone(), app.id);
                if store.app_name(&key).is_some() {
                    return Err(format!("{place}: the account has this app already"));
                }
                let name = app.name.unwrap_or_else(|| "sample".to_owned());
                store.declare_app(key.clone(), name);
                for (c, webhook) in app.webhooks.into_iter().enumerate() {
                    let place = format!("{place}.webhooks[{c}]");
                    let complete = webhook.check_complete();
                    complete.map_err(|rule| format!("{place}: {rule}"))?;
                    let found = webhook.id.and_then(|id| store.find(&id.to_string()));
                    if found.is_some() {
                        return Err(format!("{place}: another webhook has this id"));
                    }
                    store.insert(&key, webhook, 0);
                }
            }
        }
        match store.all_apps().is_empty() {
            true => Err("accounts: a seed needs an app".to_owned()),
            false => Ok(Self(store)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock_api::model::store::app_key;
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

        let (account, app) = seed.first_app().unwrap();

        assert_eq!(seed.0.apps(account).len(), 2);
        assert_ne!(seed.0.existing(&app_key(account, app)).count(), 0);
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
                "accounts[0].apps[0]: the ids of account and app must not be empty",
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
                &format!("{webhooks}[1]: \"id\" must be a valid GUID"),
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
        let mut misspelled = document();
        misspelled["accounts"][0]["apps"][0]["title"] = json!("x");

        refused(
            &misspelled,
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
        let incomplete =
            json!({"accounts": [{"id": "x", "apps": [{"id": "a", "webhooks": [{}]}]}]});
        let apps = json!([{"id": "a", "webhooks": [webhook]}, {"id": "b", "webhooks": [webhook]}]);
        let webhooks = json!({"accounts": [{"id": "x", "apps": apps}]});

        refused(
            &twice,
            "accounts[0].apps[1]: the account has this app already",
        );
        let place = "accounts[0].apps[1].webhooks[0]";
        refused(&webhooks, &format!("{place}: another webhook has this id"));
        let place = "accounts[0].apps[0].webhooks[0]";
        refused(&incomplete, &format!("{place}: \"name\" is required"));
    }
}
