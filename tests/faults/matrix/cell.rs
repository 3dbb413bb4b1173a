//! One cell of the matrix: an operation meets a fault.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use realtimekit::{
    mock_api::{Matcher, MockApi, Quirks, Webhook},
    proto::tfplugin6::Diagnostic,
};
use serde_json::Value as Json;
use tokio::{
    io::copy_bidirectional,
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use super::{
    expectations::{Ending, Expected},
    fault::{Fault, Reach},
    operation::Operation,
};
use crate::{
    api::{ACCOUNT, APP, configured, on_paused_clock, settle, start, stored},
    provider::find,
    terraform::{Configuration, Instance, Plan, Terraform},
};

/// Faults, and what is expected for each reach.
pub(super) type Table<const COLUMNS: usize> = &'static [(&'static [Fault], [Expected; COLUMNS])];

pub(super) const RESOURCE: &str = "bell";
pub(super) const BEFORE: &str = "https://hooks.example/before";
pub(super) const AFTER: &str = "https://hooks.example/after";

/// An operation and its fault, and what the API and Terraform hold.
pub(super) struct Cell {
    pub(super) operation: Operation,
    pub(super) fault: Fault,
    pub(super) reach: Reach,
    /// Whether the API answers a PUT with a part of the webhook.
    reads_back: bool,
    pub(super) api: MockApi,
    pub(super) terraform: Terraform,
    pub(super) before: Option<Webhook>,
}

/// Runs an operation of the documented API and of the live one under each fault of a table.
pub(super) fn check<const COLUMNS: usize>(operation: Operation, table: Table<COLUMNS>) {
    let (mut all, mut wrong) = (0, Vec::new());
    let rows = table
        .iter()
        .flat_map(|(faults, row)| faults.iter().map(move |it| (*it, row)));
    for (fault, row) in rows {
        for (reach, expected) in Reach::ALL.into_iter().zip(*row) {
            for quirks in [Quirks::documented(), Quirks::live()] {
                let name = format!("{fault:?} {reach:?}, partial PUT {}", quirks.partial_put);
                let cell = async {
                    Cell::new(operation, fault, reach, quirks)
                        .run(expected)
                        .await
                };
                if catch_unwind(AssertUnwindSafe(|| on_paused_clock(cell))).is_err() {
                    wrong.push(name);
                }
                all += 1;
            }
        }
    }
    println!("{operation:?}: {all} cells");
    assert!(
        wrong.is_empty(),
        "{operation:?}: of {all} cells: {wrong:#?}"
    );
}

impl Cell {
    fn new(operation: Operation, fault: Fault, reach: Reach, quirks: Quirks) -> Self {
        let reads_back = quirks.partial_put;
        let api = start(quirks);
        let mut terraform = Terraform::new(api.base_url());
        let add = || api.add_webhook(ACCOUNT, APP, "before", BEFORE, &["meeting.started"]);
        let before = (operation != Operation::Create).then(add);
        if let Some(before) = &before {
            let instance = Instance::new(stored(APP, before));
            terraform.state.insert(RESOURCE.to_owned(), instance);
        }
        Self {
            operation,
            fault,
            reach,
            reads_back,
            api,
            terraform,
            before,
        }
    }

    async fn run(mut self, (requests, ending): Expected) {
        let (found, said) = self.operate().await;
        settle(&self.api).await;
        let is_done = ending == Ending::Done;
        let also = match self.operation {
            Operation::Update if self.reads_back && is_done && requests.ends_with('U') => "G",
            Operation::Import if is_done => "G",
            _ => "",
        };
        let requests = match self.operation.is_list() {
            true => requests.replace('G', "L"),
            false => format!("{requests}{also}"),
        };
        self.check(&requests, ending, &found, &said).await;
    }

    /// Runs the operation under its fault. Returns what Terraform stores, or what a data source
    /// found, and the messages.
    async fn operate(&mut self) -> (Json, Vec<Diagnostic>) {
        let plan = self.terraform.plan(&self.configuration()).await;
        self.api.clear_calls();
        if self.fault == Fault::Refused {
            return self.call_on_closed_port(plan).await;
        }
        let method = Matcher::method(self.operation.method());
        let (matcher, times) = match self.reach {
            Reach::Once => (method, 1),
            Reach::Always => (method, usize::MAX),
            Reach::Everywhere => (Matcher::any(), usize::MAX),
        };
        let fault = self.fault.injected(self.reach, self.operation);
        self.api.fail(matcher, times, fault);
        self.terraform.retries = Some(2);
        self.call(plan).await
    }

    /// Calls on a port that refuses connections, unless it lets them through a moment later.
    async fn call_on_closed_port(&mut self, plan: Plan) -> (Json, Vec<Diagnostic>) {
        let port = TcpSocket::new_v4().unwrap();
        port.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let closed = port.local_addr().unwrap();
        let (server, opens) = (self.api.address(), self.reach == Reach::Once);
        let opened = async move {
            sleep(Duration::from_millis(15)).await;
            let listener = port.listen(128).unwrap();
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        };
        self.terraform.base_url = format!("http://{closed}/client/v4");
        self.terraform.retries = Some(20); // until the port is open
        let result = tokio::select! {
            result = self.call(plan) => result,
            never = opened, if opens => never,
        };
        self.terraform.base_url = self.api.base_url();
        result
    }

    async fn call(&mut self, plan: Plan) -> (Json, Vec<Diagnostic>) {
        let id = self.before.as_ref().map_or("", |webhook| &webhook.id);
        let said = match self.operation {
            Operation::Create | Operation::Update | Operation::Delete => {
                self.terraform.apply_plan(plan).await
            }
            Operation::Read => self.terraform.refresh().await,
            operation => {
                let provider = self.terraform.start().await;
                let answer = match operation {
                    Operation::LookUpById => find(&provider, Some(("id", id))).await,
                    Operation::LookUpByUrl => find(&provider, Some(("url", BEFORE))).await,
                    Operation::List => find(&provider, None).await,
                    _ => match provider.import(&id.into()).await {
                        imported if imported.failed() => imported,
                        imported => provider.read(&imported).await,
                    },
                };
                return (answer.state, answer.diagnostics);
            }
        };
        let instance = self.terraform.state.get(RESOURCE);
        let state = instance.map_or(Json::Null, |instance| instance.stored.state.clone());
        let said = said.into_iter().map(|said| said.diagnostic);
        (state, said.collect())
    }

    pub(super) fn configuration(&self) -> Configuration {
        let webhook = (RESOURCE.to_owned(), configured("after", AFTER));
        let webhook = (self.operation != Operation::Delete).then_some(webhook);
        webhook.into_iter().collect()
    }
}
