//! A small Terraform: holds a state, and plans and applies configurations of webhooks.
//!
//! Each walk starts the provider anew, as Terraform does, and visits up to ten resources at once.
//! An interrupt stops the provider, and resources that were not visited yet stay as they are.

mod change;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    slice,
};

use futures_util::{StreamExt, stream};
use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use self::change::{Action, Change};
use crate::{
    provider,
    support::{
        calls::{Answer, Calls, failed},
        identity_of,
    },
};

const PARALLELISM: usize = 10;

/// By the name of the resource.
pub(crate) type Instances = BTreeMap<String, Instance>;
/// The configured attributes of each resource, null where there are none.
pub(crate) type Configuration = BTreeMap<String, Json>;

/// What Terraform stores of one resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instance {
    pub(crate) stored: Answer,
    /// Its creation failed after it was stored, so it will be replaced.
    pub(crate) tainted: bool,
}

/// What Terraform stores of a resource after a call, and the messages.
type Outcome = (Option<Instance>, Vec<Diagnostic>);

/// A message, and the resource that it is about.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) resource: String,
    pub(crate) diagnostic: Diagnostic,
}

/// A plan: a change for each resource of the state or the configuration.
#[derive(Debug)]
pub(crate) struct Plan {
    changes: BTreeMap<String, Change>,
    pub(crate) said: Vec<Said>,
}

/// Terraform, with one state.
#[derive(Debug)]
pub(crate) struct Terraform {
    pub(crate) base_url: String,
    /// The provider's `max_retries`.
    pub(crate) retries: Option<u32>,
    pub(crate) state: Instances,
    /// Cancelled when the user interrupts a command.
    pub(crate) interrupt: CancellationToken,
}

impl Terraform {
    pub(crate) fn new(base_url: String) -> Self {
        Self {
            base_url,
            retries: None,
            state: Instances::new(),
            interrupt: CancellationToken::new(),
        }
    }

    /// `terraform plan`
    pub(crate) async fn plan(&self, configuration: &Configuration) -> Plan {
        let names: BTreeSet<_> = self.state.keys().chain(configuration.keys()).collect();
        let resources = names.into_iter().map(|name| (name, self.state.get(name)));
        let changes = RefCell::new(BTreeMap::new());
        let visit = async |provider: &Calls, name: &str, prior: Option<&Instance>| {
            let (change, outcome) = Change::plan(provider, prior, configuration.get(name)).await;
            let change = change.map(|change| (name.to_owned(), change));
            changes.borrow_mut().extend(change);
            outcome
        };
        let (_, said) = self.walk(resources, visit).await;
        let changes = changes.into_inner();
        Plan { changes, said }
    }

    /// `terraform apply`; returns all messages.
    pub(crate) async fn apply(&mut self, configuration: &Configuration) -> Vec<Said> {
        let mut plan = self.plan(configuration).await;
        let mut said = std::mem::take(&mut plan.said);
        if !has_errors(&said) && !self.interrupt.is_cancelled() {
            said.extend(self.apply_plan(plan).await);
        }
        said
    }

    /// The second half of `terraform apply`, in a new run of the provider.
    pub(crate) async fn apply_plan(&mut self, plan: Plan) -> Vec<Said> {
        let changes = plan.changes.iter();
        let resources = changes.map(|(name, change)| (name, change.prior.as_ref()));
        let visit = async |provider: &Calls, name: &str, _prior: Option<&Instance>| {
            plan.changes[name].apply(provider, &self.interrupt).await
        };
        let (state, said) = self.walk(resources, visit).await;
        self.state = state;
        said
    }

    /// `terraform apply -refresh-only`
    pub(crate) async fn refresh(&mut self) -> Vec<Said> {
        let resources = self.state.iter().map(|(name, prior)| (name, Some(prior)));
        let visit = async |provider: &Calls, _name: &str, prior: Option<&Instance>| {
            read(provider, prior).await
        };
        let (refreshed, said) = self.walk(resources, visit).await;
        if !has_errors(&said) && !self.interrupt.is_cancelled() {
            self.state = refreshed;
        }
        said
    }

    /// Starts a run of the provider.
    pub(crate) async fn start(&self) -> Calls {
        provider::start(&self.base_url, self.retries).await
    }

    /// Visits all resources with one run of the provider. Once it is interrupted, they stay as
    /// they were before.
    async fn walk<'a>(
        &self,
        resources: impl Iterator<Item = (&'a String, Option<&'a Instance>)>,
        visit: impl AsyncFn(&Calls, &str, Option<&Instance>) -> Outcome,
    ) -> (Instances, Vec<Said>) {
        let provider = self.start().await;
        let visits = stream::iter(resources).map(async |(name, prior)| {
            let outcome = match self.interrupt.is_cancelled() {
                true => (prior.cloned(), Vec::new()),
                false => visit(&provider, name, prior).await,
            };
            (name.clone(), outcome)
        });
        let mut all = pin!(visits.buffer_unordered(PARALLELISM).collect::<Vec<_>>());
        let visited = tokio::select! {
            biased;
            visited = &mut all => visited,
            () = self.interrupt.cancelled() => {
                provider.stop().await;
                all.await
            }
        };
        let (mut instances, mut said) = (Instances::new(), Vec::new());
        for (resource, (instance, diagnostics)) in visited {
            said.extend(diagnostics.into_iter().map(|diagnostic| Said {
                resource: resource.clone(),
                diagnostic,
            }));
            instances.extend(instance.map(|instance| (resource, instance)));
        }
        (instances, said)
    }
}

impl Plan {
    /// The changes, but for those that change nothing.
    pub(crate) fn actions(&self) -> Vec<(&str, Action)> {
        let changes = self.changes.iter();
        let changes = changes.map(|(name, change)| (name.as_str(), change.action));
        changes.filter(|it| it.1 != Action::NoOp).collect()
    }
}

impl Instance {
    pub(crate) fn new(state: Json) -> Self {
        Self {
            stored: Answer {
                identity: identity_of(state["id"].as_str().expect("an id")),
                state,
                ..Answer::default()
            },
            tainted: false,
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.stored.state["id"].as_str().expect("an id")
    }
}

/// Reads an object, if there is one.
async fn read(provider: &Calls, prior: Option<&Instance>) -> Outcome {
    let Some(prior) = prior else {
        return (None, Vec::new());
    };
    let mut stored = provider.read(&prior.stored).await;
    let diagnostics = std::mem::take(&mut stored.diagnostics);
    let tainted = prior.tainted;
    let instance = match stored.state {
        _ if failed(&diagnostics) => Some(prior.clone()),
        Json::Null => None,
        _ => Some(Instance { stored, tainted }),
    };
    (instance, diagnostics)
}

impl Said {
    pub(crate) fn is_error(&self) -> bool {
        failed(slice::from_ref(&self.diagnostic))
    }
}

pub(crate) fn has_errors(said: &[Said]) -> bool {
    said.iter().any(Said::is_error)
}
