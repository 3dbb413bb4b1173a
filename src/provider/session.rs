//! [`Session`]: the API, and what one run of Terraform has told about its webhooks.
//!
//! Terraform plans each resource by itself, and does not say which one. To warn of two webhooks
//! that want one URL, what was planned is remembered here until the run ends.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::api::Client;

/// What the provider block was made into.
pub struct Session {
    pub(super) api: Client,
    run: Mutex<Run>,
}

#[derive(Default)]
struct Run {
    /// Webhooks that Terraform manages, or managed until now.
    managed: HashSet<String>,
    /// The webhooks that are planned to have a URL in an app.
    planned: HashMap<Place, Planned>,
}

/// A URL in an app.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) account_id: String,
    pub(super) app_id: String,
    pub(super) url: String,
}

#[derive(Default)]
struct Planned {
    existing: HashSet<String>,
    new: usize,
    /// Existing ones of which a new one is to be planned next, in their place.
    replaced: usize,
}

impl Session {
    pub(super) fn new(api: Client) -> Self {
        Self {
            api,
            run: Mutex::default(),
        }
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        // Every change is complete before anything in it could panic.
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers that Terraform manages a webhook.
    pub(super) fn mark_managed(&self, id: &str) {
        self.run().managed.insert(id.to_owned());
    }

    /// Whether Terraform manages a webhook, as far as this run has come.
    pub(super) fn is_managed(&self, id: &str) -> bool {
        self.run().managed.contains(id)
    }

    /// Remembers that a webhook, new or with an identifier, is planned to have a URL; says
    /// whether another one is too. What is to be replaced is planned twice: as it is, then new.
    pub(super) fn plans(&self, place: Place, id: Option<&str>, to_be_replaced: bool) -> bool {
        let mut run = self.run();
        let planned = run.planned.entry(place).or_default();
        match id {
            Some(_) if to_be_replaced => planned.replaced += 1,
            Some(id) => {
                planned.existing.insert(id.to_owned());
            }
            None if planned.replaced > 0 => {
                planned.replaced -= 1;
                planned.new += 1;
            }
            None => planned.new += 1,
        }
        planned.existing.len() + planned.new + planned.replaced > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Config, DEFAULT_BASE_URL, Secret};

    fn session() -> Session {
        let token = Secret::new("token").unwrap();
        Session::new(Client::new(Config::new(
            DEFAULT_BASE_URL.parse().unwrap(),
            token,
            "tests",
        )))
    }

    fn place(url: &str) -> Place {
        let [account_id, app_id, url] = ["account", "app", url].map(str::to_owned);
        Place {
            account_id,
            app_id,
            url,
        }
    }

    #[test]
    fn two_webhooks_with_one_url_are_noticed() {
        for (one, other) in [(None, None), (Some("a"), None), (Some("a"), Some("b"))] {
            let session = session();

            assert!(!session.plans(place("x"), one, false));
            assert!(session.plans(place("x"), other, false), "{one:?} {other:?}");
        }
    }

    #[test]
    fn one_webhook_that_is_planned_again_is_no_second_one() {
        let session = session();

        assert!(!session.plans(place("x"), Some("a"), false));
        assert!(!session.plans(place("x"), Some("a"), false));
        assert!(
            !session.plans(place("y"), Some("b"), true),
            "it will be replaced"
        );
        assert!(
            !session.plans(place("y"), None, false),
            "this takes its place"
        );
    }

    #[test]
    fn another_url_or_app_is_another_place() {
        let session = session();
        let elsewhere = Place {
            app_id: "other".to_owned(),
            ..place("x")
        };

        assert!(!session.plans(place("x"), None, false));
        assert!(!session.plans(place("y"), None, false));
        assert!(!session.plans(elsewhere, None, false));
    }
}
