//! The apps of an account, page by page.

use std::collections::HashSet;

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::http::Request;
use super::path::segment;
use super::response::{UnreadableItem, decode, decode_list};

/// A RealtimeKit app.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct App {
    /// ID.
    pub id: String,
    /// Name, not necessarily unique.
    pub name: String,
    /// Time of creation: RFC 3339, as the API writes it, if it does.
    pub created_at: Option<String>,
}

/// The apps of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppList {
    /// In the API's order, each once.
    pub apps: Vec<App>,
    /// Elements of the list that are not apps as the API documents them.
    pub unreadable: Vec<UnreadableItem>,
}

impl Client {
    /// All apps of an account. What answers say about the number of pages is not relied on: the
    /// first page without a further app is the last, even if every page is the same.
    pub async fn apps(&self, account_id: &str) -> Result<AppList, Error> {
        let account_id = segment("account ID", account_id)?;
        let path = format!("/accounts/{account_id}/realtime/kit/apps");
        let deadline = self.default_deadline();
        let mut list = AppList::default();
        let mut seen = HashSet::new();
        for page_no in 1.. {
            let request = Request {
                query: Some(format!("page_no={page_no}&per_page=50")),
                max_body: 4 * 1024 * 1024,
                ..Request::new(Method::GET, path.clone(), deadline)
            };
            let answer = match self.send(request).await {
                Err(error) if error.is_gone() => break, // as for no webhooks
                result => result?,
            };
            let (mut apps, unreadable) = answer.decode(|value| match page_no {
                ..=1_000 => read_apps(value),
                _ => Err("the list of apps goes on after page 1000".to_owned()),
            })?;
            apps.retain(|app| seen.insert(app.id.clone()));
            let is_last = apps.is_empty();
            list.apps.extend(apps);
            if !is_last || page_no == 1 {
                list.unreadable.extend(unreadable);
            }
            if is_last {
                break;
            }
        }
        Ok(list)
    }
}

pub(super) fn read_apps(value: &Value) -> Result<(Vec<App>, Vec<UnreadableItem>), String> {
    let read = |value: &_| decode("the app", value);
    decode_list("the list of apps", value, |_id| true, read)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn app_needs_an_id_and_a_name_and_may_hold_anything_else() {
        let app = json!({"id": "a", "name": "b", "organization_id": 1});

        let (apps, unreadable) = read_apps(&json!([app])).unwrap();

        let [app] = apps.as_slice() else {
            panic!("{apps:?}")
        };
        assert_eq!((app.id.as_str(), app.name.as_str()), ("a", "b"));
        assert_eq!((&app.created_at, unreadable), (&None, vec![]));
    }

    #[test]
    fn element_that_is_no_app_does_not_affect_the_others_and_is_not_shown() {
        let cases = [
            (
                json!("secret"),
                None,
                "the app is a string, expected an object",
            ),
            (json!({"name": "secret"}), None, "id is missing"),
            (
                json!({"id": "a", "name": null}),
                Some("a"),
                "name is null, expected a string",
            ),
            (
                json!({"id": "a", "name": "b", "created_at": 1}),
                Some("a"),
                "created_at is a number, expected a string",
            ),
        ];
        for (odd, id, problem) in cases {
            let list = json!([{"id": "x", "name": "y"}, odd]);

            let (apps, unreadable) = read_apps(&list).unwrap();

            assert_eq!(apps.len(), 1, "{odd}");
            let expected = UnreadableItem {
                id: id.map(str::to_owned),
                problem: problem.to_owned(),
            };
            assert_eq!(unreadable, [expected]);
        }
        assert_eq!(
            read_apps(&json!({})).unwrap_err(),
            "the list of apps is an object, expected a list"
        );
    }
}
