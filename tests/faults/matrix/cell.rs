//! One cell of the matrix: an operation meets a fault.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use realtimekit::{
    api::Timing,
    mock_api::{Matcher, MockApi, Quirks, Webhook},
    proto::tfplugin6::Diagnostic,
};
use serde_json::{Value as Json, json};
use tokio::{
    io::copy_bidirectional,
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use super::{
    expectations::{Ending, Expected},
    fault::{Fault, LIMIT, Reach},
    operation::Operation,
};
use crate::{
    api::{ACCOUNT, APP, configured, on_paused_clock, settle, start, stored},
    provider::{Provider, TIMING},
    terraform::{Change, Configuration, Instance, Said, Terraform},
};

/// Faults, and what is expected for each reach.
pub(super) type Table<const COLUMNS: usize> = &'static [(&'static [Fault], [Expected; COLUMNS])];

/// The provider's `max_retries`.
const RETRIES: u32 = 2;
/// The timeout of an operation that waits for the rate limit until then.
const SHORT_TIMEOUT: Duration = Duration::from_secs(6);
pub(super) const RESOURCE: &str = "bell";
pub(super) const BEFORE: &str = "https://hooks.example/before";
pub(super) const AFTER: &str = "https://hooks.example/after";

/// An operation and its fault, and what the API and Terraform hold.
pub(super) struct Cell {
    pub(super) operation: Operation,
    pub(super) fault: Fault,
    pub(super) reach: Reach,
    pub(super) api: MockApi,
    pub(super) terraform: Terraform,
    pub(super) before: Option<Webhook>,
}

/// Runs an operation of the documented API and of the live one under each fault of a table.
pub(super) fn check<const COLUMNS: usize>(
    operation: Operation,
    reaches: [Reach; COLUMNS],
    table: Table<COLUMNS>,
) {
    let mut all = 0;
    let mut wrong = Vec::new();
    for (faults, row) in table {
        for (fault, (reach, expected)) in faults
            .iter()
            .flat_map(|fault| reaches.into_iter().zip(row).map(move |cell| (*fault, cell)))
        {
            for quirks in [Quirks::documented(), Quirks::live()] {
                let name = format!("{operation:?} {fault:?} {reach:?}, {:?}", quirks.put_omits);
                let cell = || on_paused_clock(run(operation, fault, reach, quirks, expected));
                if catch_unwind(AssertUnwindSafe(cell)).is_err() {
                    wrong.push(name);
                }
                all += 1;
            }
        }
    }
    println!("{operation:?}: {all} cells");
    assert!(
        wrong.is_empty(),
        "{} of {all} cells: {wrong:#?}",
        wrong.len()
    );
}

async fn run(
    operation: Operation,
    fault: Fault,
    reach: Reach,
    quirks: Quirks,
    (requests, ending): &Expected,
) {
    let answers_in_part = !quirks.put_omits.is_empty();
    let api = start(quirks);
    let before = (operation != Operation::Create)
        .then(|| api.add_webhook(ACCOUNT, APP, "before", BEFORE, &["meeting.started"]));
    let mut cell = Cell {
        operation,
        fault,
        reach,
        terraform: Terraform::new(api.base_url()),
        api,
        before,
    };
    if operation.is_change() || operation == Operation::Read {
        let instance = cell
            .before
            .as_ref()
            .map(|before| Instance::new(cell.stored(before)));
        let instance = instance.map(|instance| (RESOURCE.to_owned(), instance));
        cell.terraform.state.extend(instance);
    }
    let (found, said) = cell.operate().await;
    settle(&cell.api).await;
    let requests = match operation {
        Operation::LookUpByUrl | Operation::List => requests.replace('G', "L"),
        Operation::Import if *ending == Ending::Done => format!("{requests}L"),
        Operation::Update
            if answers_in_part && *ending == Ending::Done && requests.ends_with('U') =>
        {
            format!("{requests}G")
        }
        _ => (*requests).to_owned(),
    };
    cell.check(&requests, *ending, &found, &said).await;
}

impl Cell {
    /// Runs the operation under its fault. Returns what Terraform stores, or what a data source
    /// found, and the messages.
    async fn operate(&mut self) -> (Json, Vec<Diagnostic>) {
        let change = match self.operation.is_change() {
            true => Some(self.planned().await),
            false => None,
        };
        let closed = (self.fault == Fault::Refused).then(ClosedPort::new);
        let (base_url, retries) = match &closed {
            Some(port) => (port.base_url(), 20), // until the port is open
            None => (self.api.base_url(), RETRIES),
        };
        let timing = Timing {
            operation_timeout: self.timeout(),
            ..TIMING
        };
        let provider = Provider::start(&base_url, Some(retries), timing).await;
        if let Some(change) = change
            .as_ref()
            .filter(|_| self.operation != Operation::Delete)
        {
            assert!(change.plan_again(&provider).await.is_ok());
        }
        self.api.clear_calls();
        let Some(port) = closed else {
            let (matcher, times) = match self.reach {
                Reach::Once => (Matcher::method(self.operation.method()), 1),
                Reach::Always => (Matcher::method(self.operation.method()), usize::MAX),
                Reach::Everywhere => (Matcher::any(), usize::MAX),
            };
            self.api.fail(
                matcher,
                times,
                self.fault.injected(self.reach, self.operation),
            );
            return self.call(&provider, change).await;
        };
        let (server, is_opened) = (self.api.address(), self.reach == Reach::Once);
        let opened = async {
            if is_opened {
                sleep(Duration::from_millis(15)).await;
                port.open(server);
            }
        };
        tokio::join!(self.call(&provider, change), opened).0
    }

    async fn planned(&self) -> Change {
        let mut plan = self.terraform.plan(&self.configuration()).await;
        assert_eq!((plan.said.len(), plan.changes.len()), (0, 1), "{plan:?}");
        plan.changes.remove(0)
    }

    async fn call(
        &mut self,
        provider: &Provider,
        change: Option<Change>,
    ) -> (Json, Vec<Diagnostic>) {
        let id = self.before.as_ref().map_or("", |webhook| &webhook.id);
        let outcome = match (self.operation, change) {
            (Operation::Delete, Some(change)) => change.delete(provider).await,
            (_, Some(change)) => change.write(provider).await,
            (Operation::Read, _) => self.terraform.state[RESOURCE].clone().read(provider).await,
            (operation, _) => {
                let answer = match operation {
                    Operation::LookUpById => provider.look_up_webhook("id", id).await,
                    Operation::LookUpByUrl => provider.look_up_webhook("url", BEFORE).await,
                    Operation::List => provider.look_up_webhooks().await,
                    _ => match provider.import(id).await {
                        imported if imported.failed() => imported,
                        imported => provider.read(&imported.value, &imported.private).await,
                    },
                };
                return (answer.value, answer.diagnostics);
            }
        };
        let mut said: Vec<Said> = Vec::new();
        outcome.store(RESOURCE, &mut self.terraform.state, &mut said);
        let instance = self.terraform.state.get(RESOURCE);
        let state = instance.map_or(Json::Null, |instance| instance.state.clone());
        (
            state,
            said.into_iter().map(|said| said.diagnostic).collect(),
        )
    }

    /// How long the operation may take.
    fn timeout(&self) -> Duration {
        match self.fault == LIMIT && self.reach != Reach::Once {
            true => SHORT_TIMEOUT,
            false => TIMING.operation_timeout,
        }
    }

    fn timeouts(&self) -> Json {
        let timeout = format!("{}s", self.timeout().as_secs());
        json!({ "create": timeout, "read": timeout, "update": timeout, "delete": timeout })
    }

    pub(super) fn configuration(&self) -> Configuration {
        let mut webhook = configured("after", AFTER);
        webhook["timeouts"] = self.timeouts();
        let webhook =
            (self.operation != Operation::Delete).then_some((RESOURCE.to_owned(), webhook));
        webhook.into_iter().collect()
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

/// A port that refuses connections until it is opened.
struct ClosedPort(TcpSocket);

impl ClosedPort {
    fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    fn base_url(&self) -> String {
        format!("http://{}/client/v4", self.0.local_addr().unwrap())
    }

    /// Lets connections through to a server.
    fn open(self, server: SocketAddr) {
        let listener = self.0.listen(128).unwrap();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
    }
}
