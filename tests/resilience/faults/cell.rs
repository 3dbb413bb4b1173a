//! One cell of the matrix: an operation meets a fault.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use http::Method;
use realtimekit::{
    api::Timing,
    mock_api::{Matcher, MockApi, Quirks, Webhook},
    proto::tfplugin6::Diagnostic,
};
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use super::{
    fault::{Fault, Reach},
    gate::Gate,
};
use crate::{
    api::{ACCOUNT, APP, letters, settled, start, stored},
    provider::{HURRY, PATIENCE, Provider, has_error, text, timing},
    terraform::{Change, Configuration, Instance, Interrupt, Terraform},
};

/// How often a request is sent again.
const RETRIES: u32 = 2;
const RESOURCE: &str = "bell";
const BEFORE: &str = "https://hooks.example/before";
const AFTER: &str = "https://hooks.example/after";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Import,
    LookUpById,
    LookUpByUrl,
    List,
}

impl Operation {
    fn method(self) -> Method {
        match self {
            Self::Create => Method::POST,
            Self::Update => Method::PUT,
            Self::Delete => Method::DELETE,
            _ => Method::GET,
        }
    }

    fn is_list(self) -> bool {
        matches!(self, Self::LookUpByUrl | Self::List)
    }

    /// The requests of a table, in those of this operation.
    fn requests(self, requests: &str, ending: Ending) -> String {
        match self {
            Self::LookUpByUrl | Self::List => requests.replace('G', "L"),
            Self::Import if ending == Ending::Done => format!("{requests}L"),
            _ => requests.to_owned(),
        }
    }

    /// What could not be done, as it is said.
    fn summary(self) -> &'static str {
        match self {
            Self::Create => "Could Not Create the Webhook",
            Self::Read | Self::LookUpById => "Could Not Read the Webhook",
            Self::Update => "Could Not Update the Webhook",
            Self::Delete => "Could Not Delete the Webhook",
            Self::Import => "Could Not Import the Webhook",
            Self::LookUpByUrl | Self::List => "Could Not List the Webhooks",
        }
    }
}

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

/// What an operation met and left.
struct Cell {
    operation: Operation,
    fault: Fault,
    reach: Reach,
    api: MockApi,
    gate: Gate,
    terraform: Terraform,
    before: Option<Webhook>,
}

/// Runs an operation under each fault of a table; each column has the same reach.
pub(super) async fn check<const COLUMNS: usize>(
    operation: Operation,
    quirks: Quirks,
    reaches: [Reach; COLUMNS],
    table: &[(Fault, [Expected; COLUMNS])],
) {
    let cells = table.iter().flat_map(|(fault, row)| {
        let columns = reaches.iter().zip(row);
        columns.map(move |(reach, expected)| (*fault, *reach, *expected))
    });
    let wrong: Vec<String> = stream::iter(cells)
        .map(|(fault, reach, expected)| {
            let quirks = quirks.clone();
            async move {
                Cell::new(operation, fault, reach, quirks)
                    .await
                    .check(expected)
                    .await
            }
        })
        .buffer_unordered(16)
        .filter_map(|result| async { result.err() })
        .collect()
        .await;

    assert!(
        wrong.is_empty(),
        "{} cells:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

impl Cell {
    async fn new(operation: Operation, fault: Fault, reach: Reach, quirks: Quirks) -> Self {
        let api = start(quirks);
        let gate = Gate::new(api.address()).await;
        let mut terraform = Terraform::new(gate.base_url());
        let before = (operation != Operation::Create)
            .then(|| api.add_webhook(ACCOUNT, APP, "before", BEFORE, &["meeting.started"]));
        let cell = Self {
            operation,
            fault,
            reach,
            api,
            gate,
            before,
            terraform: terraform.clone(),
        };
        if matches!(
            operation,
            Operation::Read | Operation::Update | Operation::Delete
        ) {
            let state = cell.stored(cell.before.as_ref().unwrap());
            terraform
                .state
                .insert(RESOURCE.to_owned(), Instance::new(state));
        }
        Self { terraform, ..cell }
    }

    async fn check(mut self, (requests, ending): Expected) -> Result<(), String> {
        let name = format!("{:?} {:?} {:?}", self.operation, self.fault, self.reach);
        let (found, said) = self.run().await;
        settled(&self.api).await;
        let seen = letters(&self.api.calls());
        let mut wrong = Vec::new();
        let requests = self.operation.requests(requests, ending);
        if !matches(&seen, &requests) {
            wrong.push(format!("expected the requests {requests:?}, saw {seen:?}"));
        }
        wrong.extend(self.check_api(ending));
        wrong.extend(self.check_found(ending, &found));
        wrong.extend(self.check_text(ending, &said));
        wrong.extend(self.check_recovery(ending).await);
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{name}: {}\n{found}\n{}",
            wrong.join("; "),
            text(&said)
        ))
    }

    /// The operation, under its fault. Answers what Terraform stores of it.
    async fn run(&mut self) -> (Json, Vec<Diagnostic>) {
        let refused = self.fault == Fault::Refused;
        let retries = if refused { 20 } else { RETRIES }; // until the gate is open again
        let is_late = matches!(self.fault, Fault::Late | Fault::ActedLate);
        let mut timing = Timing {
            operation_timeout: self.limit(),
            ..timing(if is_late { HURRY } else { PATIENCE })
        };
        if self.is_endless() {
            timing.first_backoff = Duration::from_millis(100);
            timing.longest_backoff = Duration::from_secs(10);
        }
        let provider = Provider::start_with(&self.gate.base_url(), Some(retries), timing).await;
        let change = match self.operation {
            Operation::Create | Operation::Update => {
                let change = self.planned().await;
                assert!(change.plan_again(&provider).await.is_ok());
                Some(change)
            }
            Operation::Delete => Some(self.planned().await),
            _ => None,
        };
        self.arm().await;
        let gate = &mut self.gate;
        let reopened = async {
            if refused && self.reach == Reach::Once {
                sleep(Duration::from_millis(15)).await;
                gate.open().await;
            }
        };
        let webhook = self.before.as_ref();
        let terraform = &mut self.terraform;
        let operation = operate(self.operation, &provider, change, terraform, webhook);
        tokio::join!(operation, reopened).0
    }

    async fn planned(&self) -> Change {
        let mut plan = self.terraform.plan(&self.configuration()).await;
        assert_eq!((plan.said.len(), plan.changes.len()), (0, 1), "{plan:?}");
        plan.changes.remove(0)
    }

    async fn arm(&mut self) {
        self.api.clear_calls();
        let Some(fault) = self.fault.injected(self.reach, self.operation.is_list()) else {
            return self.gate.close().await;
        };
        let method = Matcher::method(self.operation.method());
        match self.reach {
            Reach::Once => self.api.fail(method, 1, fault),
            Reach::Always => self.api.fail(method, usize::MAX, fault),
            Reach::Everywhere => self.api.fail(Matcher::any(), usize::MAX, fault),
        }
    }

    /// Whether the fault lasts until the time of the operation is over.
    fn is_endless(&self) -> bool {
        self.fault == Fault::Limit && self.reach != Reach::Once
    }

    /// How long the operation may take. Five waits of at least 100 ms, each twice as long as the
    /// one before, are more than a second.
    fn limit(&self) -> Duration {
        Duration::from_millis(if self.is_endless() { 1_000 } else { 60_000 })
    }

    fn timeouts(&self) -> Json {
        let limit = format!("{}ms", self.limit().as_millis());
        json!({ "create": limit, "read": limit, "update": limit, "delete": limit })
    }

    fn configuration(&self) -> Configuration {
        let webhook = json!({
            "id": null, "account_id": null, "app_id": null, "name": "after", "url": AFTER,
            "events": ["meeting.started"], "enabled": null, "created_at": null,
            "updated_at": null, "timeouts": self.timeouts(),
        });
        let exists = self.operation != Operation::Delete;
        exists
            .then(|| (RESOURCE.to_owned(), webhook))
            .into_iter()
            .collect()
    }

    fn stored(&self, webhook: &Webhook) -> Json {
        let mut state = stored(APP, webhook);
        state["timeouts"] = self.timeouts();
        state
    }

    fn webhooks(&self) -> Vec<Webhook> {
        self.api.webhooks(ACCOUNT, APP)
    }

    fn check_api(&self, ending: Ending) -> Option<String> {
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

    fn check_found(&self, ending: Ending, found: &Json) -> Option<String> {
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

    fn check_text(&self, ending: Ending, said: &[Diagnostic]) -> Option<String> {
        let text = text(said);
        let call = format!(
            "{} /accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks",
            self.operation.method()
        );
        let mut words = vec![call.as_str()];
        words.extend(self.fault.words());
        let may_have = match self.operation {
            Operation::Create => [AFTER, "may have created it", "import {"].as_slice(),
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
                    "said that the change was made",
                ];
                self.operation.summary()
            }
            Ending::Taken | Ending::TakenAfter if self.reach == Reach::Everywhere => {
                words.extend([AFTER, "Which one could not be found out"]);
                "URL Already in Use"
            }
            Ending::Taken => {
                words.push("It was not among the webhooks of the app");
                "URL Already in Use"
            }
            Ending::TakenAfter => {
                words.extend(ids.iter().map(String::as_str).chain(["import {"]));
                "URL Already in Use"
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
    async fn check_recovery(&mut self, ending: Ending) -> Option<String> {
        if self.fault == Fault::Refused && self.reach != Reach::Once {
            self.gate.open().await;
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

/// The calls of an operation; answers what Terraform stores, or what a data source found.
async fn operate(
    operation: Operation,
    provider: &Provider,
    change: Option<Change>,
    terraform: &mut Terraform,
    webhook: Option<&Webhook>,
) -> (Json, Vec<Diagnostic>) {
    let id = webhook.map_or("", |webhook| &webhook.id);
    let answer = match operation {
        Operation::Create | Operation::Update | Operation::Delete => {
            let change = change.expect("a planned change");
            let outcome = match operation {
                Operation::Delete => change.delete(provider).await,
                _ => change.write(provider).await,
            };
            return terraform.store(RESOURCE, outcome);
        }
        Operation::Read => {
            let outcome = terraform.state[RESOURCE].clone().read(provider).await;
            return terraform.store(RESOURCE, outcome);
        }
        Operation::Import => match provider.import(id).await {
            imported if imported.failed() => imported,
            imported => provider.read(&imported.value, &imported.private).await,
        },
        Operation::LookUpById => provider.look_up_webhook("id", id).await,
        Operation::LookUpByUrl => provider.look_up_webhook("url", BEFORE).await,
        Operation::List => provider.look_up_webhooks().await,
    };
    (answer.value, answer.diagnostics)
}

/// Whether requests are as a pattern says, where `*` is any number more of the one before.
fn matches(seen: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return seen == pattern;
    };
    let Some(rest) = seen.strip_prefix(head) else {
        return false;
    };
    let repeated = head.chars().last().expect("a request before the asterisk");
    rest.trim_start_matches(repeated) == tail
}
