//! What is expected of a cell.

use realtimekit::{mock_api::Webhook, proto::tfplugin6::Diagnostic};
use serde_json::Value as Json;

use super::{
    cell::{AFTER, BEFORE, Cell, RESOURCE},
    fault::{Fault, Reach},
    operation::Operation,
};
use crate::{
    api::{ACCOUNT, APP, assert_stored, letters, stored},
    support::calls::{failed, text},
    terraform::Instance,
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
        if self.operation == Operation::List && self.leaves_out() {
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
    fn leaves_out(&self) -> bool {
        let is_of_elements = matches!(self.fault, Fault::WrongTypes | Fault::MissingFields);
        is_of_elements && self.operation.is_list()
    }

    fn check_api(&self, ending: Ending) {
        let before = self.before.as_ref();
        let found = self.api.webhooks(ACCOUNT, APP);
        let is_changed = match ending {
            Ending::Unread => return, // what a success without data means is not defined
            Ending::Done | Ending::FailedAfter | Ending::TakenAfter => self.operation.is_change(),
            _ => false,
        };
        let is_expected = match found.as_slice() {
            found if !is_changed => found.iter().eq(before),
            found if self.operation == Operation::Delete => found.is_empty(),
            [webhook] => {
                let is_same = before.is_none_or(|before| before.id == webhook.id);
                is_same && (webhook.name.as_str(), webhook.url.as_str()) == ("after", AFTER)
            }
            _ => false,
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
        use Ending::*;

        const CREATED: &[&str] = &[AFTER, "may have created the webhook", "import {"];
        const UNREAD: &[&str] = &[
            "could not be read afterwards",
            "reported that the change was made",
        ];
        let text = text(said);
        let found = self.api.webhooks(ACCOUNT, APP);
        let is_unknown = self.reach == Reach::Everywhere; // which webhook has the URL
        let (is_create, leaves_out) = (self.operation == Operation::Create, self.leaves_out());
        let summary = match ending {
            Failed if leaves_out => "No Such Webhook",
            Contradicted => "The API Stored Another Value",
            Taken | TakenAfter => "URL Already in Use",
            _ => self.operation.summary(),
        };
        // Besides the call and the fault.
        let words: &[&str] = match ending {
            Done => return assert_eq!(text, ""),
            Failed => &[],
            FailedAfter | FailedUnsure if is_create => CREATED,
            FailedAfter | FailedUnsure => &["may have made the change"],
            Contradicted => &["Sent: \"after\"\nReceived: \"before\""],
            Unread => UNREAD,
            Taken | TakenAfter if is_unknown => &[AFTER, "cannot determine which one"],
            Taken => &["It is not in the list of the app's webhooks"],
            TakenAfter => &[&found[0].id, "import {"],
        };
        let method = self.operation.method();
        let call = format!("{method} /accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks");
        let call = (ending != Contradicted && !leaves_out).then_some(&*call);
        let fault = match ending {
            Contradicted | Unread => &[],
            _ => self.fault.words(),
        };
        let is_summarized = said.iter().all(|it| it.summary == summary);
        assert!(failed(said) && is_summarized, "{text}");
        for words in words.iter().chain(fault).copied().chain(call) {
            assert!(text.contains(words), "{words:?} is not in {text}");
        }
        let is_unsure = text.contains("may have");
        assert!(ending != Failed || !is_unsure, "nothing was done: {text}");
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

        let said = self.terraform.apply(&configuration).await;

        assert!(said.is_empty(), "{said:?}");
        assert_eq!(self.terraform.state.len(), configuration.len());
        assert_stored(&self.api, &self.terraform);
    }
}
