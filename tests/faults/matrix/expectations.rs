//! What is expected of a cell.

use realtimekit::{mock_api::Webhook, proto::tfplugin6::Diagnostic};
use serde_json::Value as Json;

use super::{
    cell::{AFTER, BEFORE, Cell, RESOURCE},
    fault::{Fault, Reach},
    operation::Operation,
};
use crate::{
    api::{ACCOUNT, APP, letters, stored},
    support::calls::{failed, text},
    terraform::{Instance, Interrupt},
};

/// Requests, by letter (`*`: any number more of the one before), and how the operation ends.
pub(super) type Expected = (&'static str, Ending);

/// How an operation ends, for the state and for the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// As it should.
    Done,
    /// With an error, and all as before.
    Failed,
    /// With an error and the state before; the API made the change, and the error says it may.
    FailedAfter,
    /// With an error and the state before, and nothing changed; the error says it may have.
    FailedUnsure,
    /// With an error that says what was sent and received; the state has what the API has.
    Contradicted,
    /// With an error that says that the change was made; so has the state.
    Unread,
    /// With an error that another webhook has the URL, although none has.
    Taken,
    /// With an error that names the webhook that has the URL.
    TakenAfter,
}

impl Cell {
    /// Checks the requests, what the API has, what Terraform stores, the messages, and that all is
    /// well after the next apply.
    pub(super) async fn check(
        mut self,
        requests: &str,
        ending: Ending,
        found: &Json,
        said: &[Diagnostic],
    ) {
        let seen = letters(&self.api);
        let is_expected = match requests.strip_suffix('*') {
            Some(requests) => {
                let rest = seen.strip_prefix(requests);
                rest.is_some_and(|rest| rest.chars().all(|it| requests.ends_with(it)))
            }
            None => seen == requests,
        };
        assert!(is_expected, "expected {requests}, saw {seen}");
        self.check_api(ending);
        if self.operation == Operation::List && self.spoils_elements() {
            assert_eq!(said[0].summary, "Unreadable Element Left Out");
            assert!(!failed(said), "{said:?}");
            assert_eq!(found["webhooks"], Json::Array(Vec::new()));
        } else {
            self.check_found(ending, found);
            self.check_messages(ending, said);
        }
        if self.operation.is_change() {
            self.check_recovery(ending).await;
        }
    }

    /// Whether only elements of a list are wrong: they are left out.
    fn spoils_elements(&self) -> bool {
        matches!(self.fault, Fault::WrongTypes | Fault::MissingFields)
    }

    fn check_api(&self, ending: Ending) {
        let before = self.before.as_ref();
        let found = self.api.webhooks(ACCOUNT, APP);
        let changed = match ending {
            Ending::Unread => return, // what a success without data means is not defined
            Ending::Done | Ending::FailedAfter | Ending::TakenAfter => self.operation,
            _ => Operation::Read,
        };
        let is_expected = match (changed, found.as_slice()) {
            (Operation::Create | Operation::Update, [webhook]) => {
                let is_same = before.is_none_or(|before| before.id == webhook.id);
                is_same && (webhook.name.as_str(), webhook.url.as_str()) == ("after", AFTER)
            }
            (Operation::Create | Operation::Update, _) => false,
            (Operation::Delete, found) => found.is_empty(),
            (_, found) => found.iter().eq(before),
        };
        assert!(is_expected, "the API has {found:?}");
    }

    fn check_found(&self, ending: Ending, found: &Json) {
        let state = |webhook: Option<&Webhook>| webhook.map_or(Json::Null, |it| stored(APP, it));
        let prior = state(self.before.as_ref());
        let mut now = state(self.api.webhooks(ACCOUNT, APP).first());
        if self.fault == Fault::ActedLate && now.is_object() {
            now["updated_at"] = found["updated_at"].clone(); // written again, since
        }
        let shown = match self.operation {
            Operation::List => &found["webhooks"][0],
            _ => found,
        };
        let is_shown = |url: &str| shown["id"] == prior["id"] && shown["url"] == url;
        let is_expected = match (self.operation.is_change(), ending) {
            (_, Ending::Unread) => is_shown(AFTER),
            (true, Ending::Done | Ending::Contradicted) => *found == now,
            (false, Ending::Done) => is_shown(BEFORE),
            _ if self.operation.is_change() || self.operation == Operation::Read => *found == prior,
            _ => found.is_null(),
        };
        assert!(is_expected, "Terraform stores {found}");
    }

    fn check_messages(&self, ending: Ending, said: &[Diagnostic]) {
        let text = text(said);
        if ending == Ending::Done {
            return assert_eq!(text, "");
        }
        let method = self.operation.method();
        let call = format!("{method} /accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks");
        let mut words = vec![call.as_str()];
        words.extend(self.fault.words());
        let webhooks = self.api.webhooks(ACCOUNT, APP);
        let mut summary = self.operation.summary();
        match ending {
            Ending::Done => {}
            // Elements of a list that cannot be read are left out.
            Ending::Failed
                if self.operation == Operation::LookUpByUrl && self.spoils_elements() =>
            {
                words.remove(0);
                summary = "No Such Webhook";
            }
            Ending::Failed => assert!(!text.contains("may have"), "nothing was done: {text}"),
            Ending::FailedAfter | Ending::FailedUnsure => words.extend(match self.operation {
                Operation::Create => [AFTER, "may have created the webhook", "import {"].as_slice(),
                _ => &["may have made the change"],
            }),
            Ending::Contradicted => {
                words = vec!["Sent: \"after\"\nReceived: \"before\""];
                summary = "The API Stored Another Value";
            }
            Ending::Unread => {
                words = vec![
                    &call,
                    "could not be read afterwards",
                    "reported that the change was made",
                ];
            }
            Ending::Taken | Ending::TakenAfter => {
                summary = "URL Already in Use";
                if self.reach == Reach::Everywhere {
                    words.extend([AFTER, "The provider cannot determine which one"]);
                } else if ending == Ending::Taken {
                    words.push("It is not in the list of the app's webhooks");
                } else {
                    words.extend([webhooks[0].id.as_str(), "import {"]);
                }
            }
        }
        let is_summarized = said.iter().all(|it| it.summary == summary);
        assert!(failed(said) && is_summarized, "{text}");
        for words in words {
            assert!(text.contains(words), "{words:?} is not in {text}");
        }
    }

    /// Without the fault, and with an import of the webhook that an error named, the next apply
    /// leads to what is configured: one webhook, or none.
    async fn check_recovery(&mut self, ending: Ending) {
        let is_named = matches!(ending, Ending::FailedAfter | Ending::TakenAfter);
        if self.operation == Operation::Create && is_named {
            let instance = Instance::new(stored(APP, &self.api.webhooks(ACCOUNT, APP)[0]));
            self.terraform.state.insert(RESOURCE.to_owned(), instance);
        }
        let configuration = self.configuration();

        let terraform = &mut self.terraform;
        let said = terraform.apply(&configuration, &Interrupt::new()).await;

        assert!(said.is_empty(), "{said:?}");
        let webhooks = self.api.webhooks(ACCOUNT, APP);
        assert_eq!(webhooks.len(), configuration.len(), "{webhooks:?}");
        let states = terraform.state.values().map(|it| it.state.clone());
        let expected = webhooks.iter().map(|webhook| stored(APP, webhook));
        assert!(states.eq(expected), "{webhooks:?}, {:?}", terraform.state);
    }
}
