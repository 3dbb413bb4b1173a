//! What is expected of a cell, and whether it came so.

use realtimekit::{mock_api::Webhook, proto::tfplugin6::Diagnostic};
use serde_json::Value as Json;

use super::{
    cell::{AFTER, BEFORE, Cell, RESOURCE},
    fault::{Fault, Reach},
    operation::Operation,
};
use crate::{
    api::{ACCOUNT, APP},
    provider::{has_error, text},
    terraform::{Instance, Interrupt},
};

/// Requests, by letter (`*`: the one before, any number of times more), and how it ends.
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
    /// With an error that says what was sent and received; the state has what there is.
    Contradicted,
    /// With an error that says that the change was made; so has the state.
    Unread,
    /// With an error that another webhook has the URL, although none has.
    Taken,
    /// With an error that names the webhook that has the URL.
    TakenAfter,
}

/// Each check answers what is wrong, if anything is.
impl Cell {
    pub(super) fn check_api(&self, ending: Ending) -> Option<String> {
        let changed = match ending {
            Ending::Unread => return None, // what a success that says nothing means, nobody knows
            Ending::Done | Ending::FailedAfter | Ending::TakenAfter => true,
            Ending::Failed | Ending::FailedUnsure | Ending::Contradicted | Ending::Taken => false,
        };
        let before: Vec<Webhook> = self.before.clone().into_iter().collect();
        let found = self.webhooks();
        let as_expected = match self.operation {
            Operation::Create | Operation::Update if changed => {
                let ids = before.first().is_none_or(|before| before.id == found[0].id);
                found.len() == 1 && found[0].url == AFTER && found[0].name == "after" && ids
            }
            Operation::Delete if changed => found.is_empty(),
            _ => found == before,
        };
        (!as_expected).then(|| format!("the API holds {found:?}"))
    }

    pub(super) fn check_found(&self, ending: Ending, found: &Json) -> Option<String> {
        let webhooks = self.webhooks();
        let prior = self
            .before
            .as_ref()
            .map_or(Json::Null, |before| self.stored(before));
        let mut now = webhooks
            .first()
            .map_or(Json::Null, |webhook| self.stored(webhook));
        if self.fault == Fault::ActedLate && now.is_object() {
            now["updated_at"] = found["updated_at"].clone(); // written again, since
        }
        let as_expected = match (self.operation, ending) {
            (Operation::LookUpById | Operation::LookUpByUrl, Ending::Done) => {
                found["id"] == prior["id"]
            }
            (Operation::List, Ending::Done) => found["webhooks"][0]["id"] == prior["id"],
            (Operation::Import, Ending::Done) => {
                found["id"] == prior["id"] && found["url"] == BEFORE
            }
            (_, Ending::Done | Ending::Contradicted) => *found == now,
            (_, Ending::Unread) => found["id"] == prior["id"] && found["url"] == AFTER,
            (Operation::Create | Operation::Read | Operation::Update | Operation::Delete, _) => {
                *found == prior
            }
            _ => found.is_null(),
        };
        (!as_expected).then(|| "that is not what Terraform should store".to_owned())
    }

    pub(super) fn check_text(&self, ending: Ending, said: &[Diagnostic]) -> Option<String> {
        let text = text(said);
        let call = format!(
            "{} /accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks",
            self.operation.method()
        );
        let mut words = vec![call.as_str()];
        words.extend(self.fault.words());
        let may_have = match self.operation {
            Operation::Create => [AFTER, "may have created the webhook", "import {"].as_slice(),
            _ => &["may have made the change"],
        };
        let ids: Vec<String> = self
            .webhooks()
            .into_iter()
            .map(|webhook| webhook.id)
            .collect();
        let summary = match ending {
            Ending::Done => return (!said.is_empty()).then(|| "nothing should be said".to_owned()),
            Ending::Contradicted => {
                words = vec!["Sent: \"after\"\nReceived: \"before\""];
                "The API Stored Another Value"
            }
            Ending::Unread => {
                words = vec![
                    &call,
                    "could not be read afterwards",
                    "reported that the change was made",
                ];
                self.operation.summary()
            }
            Ending::Taken | Ending::TakenAfter if self.reach == Reach::Everywhere => {
                words.extend([AFTER, "The provider cannot determine which one"]);
                "URL Already in Use"
            }
            Ending::Taken => {
                words.push("It is not in the list of the app's webhooks");
                "URL Already in Use"
            }
            Ending::TakenAfter => {
                words.extend(ids.iter().map(String::as_str).chain(["import {"]));
                "URL Already in Use"
            }
            // Elements of a list that cannot be read are left out.
            Ending::Failed
                if self.operation == Operation::LookUpByUrl
                    && matches!(self.fault, Fault::WrongTypes | Fault::MissingFields) =>
            {
                words.retain(|words| !words.starts_with("GET "));
                "No Such Webhook"
            }
            Ending::Failed => self.operation.summary(),
            Ending::FailedAfter | Ending::FailedUnsure => {
                words.extend(may_have);
                self.operation.summary()
            }
        };
        if !has_error(said) || !said.iter().all(|said| said.summary == summary) {
            return Some(format!("expected the error {summary:?}"));
        }
        if ending == Ending::Failed && text.contains("may have") {
            return Some("nothing was done, and the error says that it may have been".to_owned());
        }
        let missing: Vec<_> = words
            .iter()
            .filter(|words| !text.contains(**words))
            .collect();
        (!missing.is_empty()).then(|| format!("{missing:?} is not said"))
    }

    /// Without the fault, and with an import of what an error told of, all comes to what is
    /// configured: one webhook, or none.
    pub(super) async fn check_recovery(&mut self, ending: Ending) -> Option<String> {
        if self.fault == Fault::Refused && self.reach != Reach::Once {
            self.proxy.open();
        }
        match (self.operation, ending) {
            (Operation::Create, Ending::FailedAfter | Ending::TakenAfter) => {
                let webhook = self.webhooks().remove(0);
                let instance = Instance::new(self.stored(&webhook));
                self.terraform.state.insert(RESOURCE.to_owned(), instance);
            }
            (Operation::Create | Operation::Update | Operation::Delete, _) => {}
            _ => return None,
        }
        let configuration = self.configuration();
        let said = self
            .terraform
            .apply(&configuration, &Interrupt::never())
            .await;
        let webhooks = self.webhooks();
        let instances = self.terraform.state.values();
        let states: Vec<Json> = instances.map(|instance| instance.state.clone()).collect();
        let expected: Vec<Json> = webhooks
            .iter()
            .map(|webhook| self.stored(webhook))
            .collect();
        let right = said.is_empty() && webhooks.len() == configuration.len() && states == expected;
        (!right).then(|| format!("applied again, that is {webhooks:?}, {states:?}, {said:?}"))
    }
}
/// Whether requests are as a pattern says, where `*` is any number more of the one before.
pub(super) fn matches(seen: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return seen == pattern;
    };
    let Some(rest) = seen.strip_prefix(head) else {
        return false;
    };
    let repeated = head.chars().last().expect("a request before the asterisk");
    rest.trim_start_matches(repeated) == tail
}
