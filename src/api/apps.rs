//! The apps of an account, page by page.

use std::collections::HashSet;

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::decode::{self, Fields};
use super::webhooks::segment;
use super::{Client, Error, Request, Success, deadline};

/// Apps asked for at once. The documentation names no limit; a service may as well give fewer.
const PER_PAGE: usize = 50;
/// Pages after which a list has no end.
const MOST_PAGES: usize = 1_000;
/// Largest page, in bytes.
const LARGEST_PAGE: usize = 4 * 1024 * 1024;

/// A RealtimeKit app, as the list of its account's apps has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Identifier.
    pub id: String,
    /// Name, not necessarily unique.
    pub name: String,
    /// When it was created: RFC 3339, as the API writes it, if it does.
    pub created_at: Option<String>,
}

impl Client {
    /// All apps of an account, in the API's order, each once.
    ///
    /// What answers tell of the number of pages is not relied on: the first page that holds no
    /// further app is the end. So it also is if the service answers the same for every page.
    ///
    /// # Errors
    ///
    /// When the API refuses, cannot be reached, or answers something else than apps.
    pub async fn apps(&self, account_id: &str) -> Result<Vec<App>, Error> {
        let path = format!(
            "/accounts/{}/realtime/kit/apps",
            segment("account ID", account_id)?
        );
        let deadline = deadline::after(self.timing().operation_timeout);
        let mut apps = Vec::new();
        let mut seen = HashSet::new();
        let mut page_no = 1;
        loop {
            let answered = self.send(page(&path, page_no, deadline)).await;
            let mut answer = match answered {
                Err(error) if error.is_gone() => return Ok(apps), // as the list of no webhooks is
                answered => answered?,
            };
            let page = answer.decode(read_apps)?;
            let known = apps.len();
            apps.extend(page.into_iter().filter(|app| seen.insert(app.id.clone())));
            if apps.len() == known {
                return Ok(apps);
            }
            page_no += 1;
            if page_no > MOST_PAGES {
                return Err(endless(&answer));
            }
        }
    }
}

fn page(path: &str, page_no: usize, deadline: Instant) -> Request {
    Request {
        query: Some(format!("page_no={page_no}&per_page={PER_PAGE}")),
        largest_answer: LARGEST_PAGE,
        deadline: Some(deadline),
        ..Request::new(Method::GET, path.to_owned())
    }
}

fn endless(answer: &Success) -> Error {
    answer.unreadable(format!("the list of apps goes on after page {MOST_PAGES}"))
}

pub(super) fn read_apps(value: Value) -> Result<Vec<App>, String> {
    let numbered = decode::list("the list of apps", value)?
        .into_iter()
        .enumerate();
    numbered
        .map(|(index, value)| {
            let at = format!("[{index}]");
            let mut app = Fields::new(&at, value)?;
            Ok(App {
                id: app.required_string("id")?,
                name: app.required_string("name")?,
                created_at: app.string("created_at")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_app_needs_an_id_and_a_name_and_may_hold_anything_else() {
        let app = json!({"id": "a", "name": "b", "organization_id": 1});

        let apps = read_apps(json!([app])).unwrap();

        let [app] = apps.as_slice() else {
            panic!("{apps:?}")
        };
        assert_eq!((app.id.as_str(), app.name.as_str()), ("a", "b"));
        assert_eq!(app.created_at, None);
    }

    #[test]
    fn what_is_no_app_is_told_by_its_place_and_not_shown() {
        let cases = [
            (json!({}), "the list of apps is an object, expected a list"),
            (json!(["secret"]), "[0] is a string, expected an object"),
            (json!([{"name": "secret"}]), "[0].id is missing"),
            (json!([{"id": "a", "name": null}]), "[0].name is missing"),
            (
                json!([{"id": "a", "name": "b", "created_at": 1}]),
                "[0].created_at is a number, expected a string",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(read_apps(value).unwrap_err(), expected);
        }
    }
}
