//! One cell of the matrix: an operation meets a fault.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use realtimekit::{
    api::Timing,
    mock_api::{Matcher, MockApi, Quirks, Webhook},
    proto::tfplugin6::Diagnostic,
};
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use super::{
    expectations::{Expected, matches},
    fault::{Fault, Reach},
    operation::Operation,
    tcp_proxy::TcpProxy,
};
use crate::{
    api::{ACCOUNT, APP, letters, settled, start, stored},
    provider::{PATIENCE, Provider, text, timing},
    terraform::{Change, Configuration, Instance, Terraform},
};

/// How often a request is sent again.
const RETRIES: u32 = 2;
pub(super) const RESOURCE: &str = "bell";
pub(super) const BEFORE: &str = "https://hooks.example/before";
pub(super) const AFTER: &str = "https://hooks.example/after";

/// What an operation met and left.
pub(super) struct Cell {
    pub(super) operation: Operation,
    pub(super) fault: Fault,
    pub(super) reach: Reach,
    answers_in_part: bool,
    pub(super) api: MockApi,
    pub(super) proxy: TcpProxy,
    pub(super) terraform: Terraform,
    pub(super) before: Option<Webhook>,
}

/// Runs an operation of the documented API and of the live one under each fault of a table; each
/// column has the same reach.
pub(super) async fn check<const COLUMNS: usize>(
    operation: Operation,
    reaches: [Reach; COLUMNS],
    table: &[(Fault, [Expected; COLUMNS])],
) {
    let columns = |(fault, row): &(Fault, [Expected; COLUMNS])| {
        let (fault, cells) = (*fault, reaches.into_iter().zip(*row));
        cells.map(move |(reach, expected)| (fault, reach, expected))
    };
    let mut cells: Vec<_> = [Quirks::documented(), Quirks::live()]
        .into_iter()
        .flat_map(|quirks| {
            let cells = table.iter().flat_map(columns);
            cells.map(move |cell| (quirks.clone(), cell))
        })
        .collect();
    cells.sort_by_key(|(_, (fault, ..))| !fault.is_late()); // others run while these wait
    let all = cells.len();
    let wrong: Vec<String> = stream::iter(cells)
        .map(|(quirks, (fault, reach, expected))| async move {
            let cell = Cell::new(operation, fault, reach, quirks).await;
            cell.check(expected).await
        })
        .buffer_unordered(24)
        .filter_map(|result| async { result.err() })
        .collect()
        .await;

    println!("{operation:?}: {all} cells");
    assert!(
        wrong.is_empty(),
        "{} of {all} cells:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

impl Cell {
    async fn new(operation: Operation, fault: Fault, reach: Reach, quirks: Quirks) -> Self {
        let answers_in_part = !quirks.put_omits.is_empty();
        let api = start(quirks);
        let proxy = TcpProxy::new(api.address()).await;
        let mut terraform = Terraform::new(proxy.base_url());
        let before = (operation != Operation::Create)
            .then(|| api.add_webhook(ACCOUNT, APP, "before", BEFORE, &["meeting.started"]));
        let cell = Self {
            operation,
            fault,
            reach,
            answers_in_part,
            api,
            proxy,
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
        let requests = self
            .operation
            .requests(requests, ending, self.answers_in_part);
        if !matches(&seen, &requests) {
            wrong.push(format!("expected the requests {requests:?}, saw {seen:?}"));
        }
        wrong.extend(self.check_api(ending));
        let spoils_elements = matches!(self.fault, Fault::WrongTypes | Fault::MissingFields);
        if self.operation == Operation::List && spoils_elements {
            let warned = text(&said).starts_with("Warning: Unreadable Element Left Out");
            if !warned || found["webhooks"] != serde_json::json!([]) {
                wrong.push("the element should be left out with a warning".to_owned());
            }
        } else {
            wrong.extend(self.check_found(ending, &found));
            wrong.extend(self.check_text(ending, &said));
        }
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
        let retries = if refused { 20 } else { RETRIES }; // until the proxy is open again
        let request_timeout = match self.fault.is_late() {
            true => self.reach.hurry(self.operation),
            false => PATIENCE,
        };
        let mut timing = Timing {
            operation_timeout: self.limit(),
            ..timing(request_timeout)
        };
        if self.is_endless() {
            timing.first_backoff = Duration::from_millis(600);
            timing.longest_backoff = Duration::from_secs(60);
        }
        let provider = Provider::start_with(&self.proxy.base_url(), Some(retries), timing).await;
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
        let proxy = &mut self.proxy;
        let reopened = async {
            if refused && self.reach == Reach::Once {
                sleep(Duration::from_millis(15)).await;
                proxy.open();
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
        let Some(fault) = self.fault.injected(self.reach, self.operation) else {
            return self.proxy.close().await;
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

    /// How long the operation may take. An endless fault is waited for; that a request is under way
    /// when the time is over, which takes another ending, is the less likely the longer the waits.
    fn limit(&self) -> Duration {
        Duration::from_secs(if self.is_endless() { 6 } else { 60 })
    }

    fn timeouts(&self) -> Json {
        let limit = format!("{}s", self.limit().as_secs());
        json!({ "create": limit, "read": limit, "update": limit, "delete": limit })
    }

    pub(super) fn configuration(&self) -> Configuration {
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

    pub(super) fn stored(&self, webhook: &Webhook) -> Json {
        let mut state = stored(APP, webhook);
        state["timeouts"] = self.timeouts();
        state
    }

    pub(super) fn webhooks(&self) -> Vec<Webhook> {
        self.api.webhooks(ACCOUNT, APP)
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
