//! A small Terraform: holds a state, and plans and applies configurations of webhooks.
//!
//! Each walk starts the provider anew, as Terraform does, and visits up to ten resources at once.
//! An interrupt stops the provider, and resources that were not visited yet stay as they are.

mod change;

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    slice,
};

use futures_util::{StreamExt, stream};
use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

pub(crate) use self::change::{Action, Change};
use crate::provider::{Provider, has_error};

const PARALLELISM: usize = 10;

/// Cancelled when the user interrupts the command.
pub(crate) type Interrupt = CancellationToken;
/// By the name of the resource.
pub(crate) type Instances = BTreeMap<String, Instance>;
/// The configured attributes of each resource, null where there are none.
pub(crate) type Configuration = BTreeMap<String, Json>;

/// What Terraform stores of one resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instance {
    pub(crate) state: Json,
    private: Vec<u8>,
    /// Its creation failed after it was stored, so it will be replaced.
    pub(crate) tainted: bool,
}

/// What Terraform stores of a resource after a call, and the messages.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) instance: Option<Instance>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A message, and the resource that it is about.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) resource: String,
    pub(crate) diagnostic: Diagnostic,
}

/// A plan, and the state that it starts from.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    refreshed: Instances,
    pub(crate) changes: Vec<Change>,
    pub(crate) said: Vec<Said>,
}

/// Terraform, with one state.
#[derive(Debug, Clone)]
pub(crate) struct Terraform {
    pub(crate) base_url: String,
    /// The provider's `max_retries`.
    pub(crate) retries: Option<u32>,
    pub(crate) state: Instances,
}

impl Terraform {
    pub(crate) fn new(base_url: String) -> Self {
        Self {
            base_url,
            retries: None,
            state: Instances::new(),
        }
    }

    /// `terraform plan`
    pub(crate) async fn plan(&self, configuration: &Configuration) -> Plan {
        self.plan_until(configuration, &Interrupt::new()).await
    }

    async fn plan_until(&self, configuration: &Configuration, interrupt: &Interrupt) -> Plan {
        let names: BTreeSet<_> = self.state.keys().chain(configuration.keys()).collect();
        let visit = async |provider: &Provider, name: &String| {
            let (prior, config) = (self.state.get(name).cloned(), configuration.get(name));
            let (change, outcome) = match interrupt.is_cancelled() {
                true => (None, Outcome::unchanged(prior)),
                false => Change::refresh_and_plan(provider, name, prior, config).await,
            };
            (name.clone(), change, outcome)
        };
        let mut plan = Plan::default();
        for (name, change, outcome) in self.walk(interrupt, names, visit).await {
            plan.changes.extend(change);
            outcome.store(&name, &mut plan.refreshed, &mut plan.said);
        }
        plan
    }

    /// `terraform apply`; returns all messages.
    pub(crate) async fn apply(
        &mut self,
        configuration: &Configuration,
        interrupt: &Interrupt,
    ) -> Vec<Said> {
        let mut plan = self.plan_until(configuration, interrupt).await;
        let mut said = std::mem::take(&mut plan.said);
        if !has_errors(&said) && !interrupt.is_cancelled() {
            said.extend(self.apply_plan(plan, interrupt).await);
        }
        said
    }

    /// The second half of `terraform apply`, in a new run of the provider.
    pub(crate) async fn apply_plan(&mut self, plan: Plan, interrupt: &Interrupt) -> Vec<Said> {
        let visit = async |provider: &Provider, change: Change| {
            let outcome = change.apply(provider, interrupt).await;
            (change.resource, outcome)
        };
        let outcomes = self.walk(interrupt, plan.changes, visit).await;
        self.state = plan.refreshed;
        let mut said = Vec::new();
        for (resource, outcome) in outcomes {
            outcome.store(&resource, &mut self.state, &mut said);
        }
        said
    }

    /// `terraform apply -refresh-only`
    pub(crate) async fn refresh(&mut self, interrupt: &Interrupt) -> Vec<Said> {
        let visit = async |provider: &Provider, (name, prior): (&String, &Instance)| {
            let outcome = match interrupt.is_cancelled() {
                true => Outcome::unchanged(Some(prior.clone())),
                false => prior.clone().read(provider).await,
            };
            (name.clone(), outcome)
        };
        let outcomes = self.walk(interrupt, &self.state, visit).await;
        let (mut refreshed, mut said) = (Instances::new(), Vec::new());
        for (resource, outcome) in outcomes {
            outcome.store(&resource, &mut refreshed, &mut said);
        }
        if !has_errors(&said) && !interrupt.is_cancelled() {
            self.state = refreshed;
        }
        said
    }

    /// Starts a run of the provider.
    pub(crate) async fn start(&self) -> Provider {
        Provider::start(&self.base_url, self.retries).await
    }

    /// Visits all items with one run of the provider.
    async fn walk<T, R>(
        &self,
        interrupt: &Interrupt,
        items: impl IntoIterator<Item = T>,
        visit: impl AsyncFn(&Provider, T) -> R,
    ) -> Vec<R> {
        let provider = self.start().await;
        let visits = stream::iter(items).map(|item| visit(&provider, item));
        let mut all = pin!(visits.buffer_unordered(PARALLELISM).collect());
        tokio::select! {
            biased;
            visited = &mut all => return visited,
            () = interrupt.cancelled() => provider.stop().await,
        }
        all.await
    }
}

impl Plan {
    /// The changes, but for those that change nothing.
    pub(crate) fn actions(&self) -> Vec<(&str, Action)> {
        let changes = self
            .changes
            .iter()
            .map(|it| (it.resource.as_str(), it.action));
        changes
            .filter(|(_, action)| *action != Action::NoOp)
            .collect()
    }
}

impl Instance {
    pub(crate) fn new(state: Json) -> Self {
        Self {
            state,
            private: Vec::new(),
            tainted: false,
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.state["id"].as_str().expect("an id")
    }

    /// Reads the object.
    pub(crate) async fn read(self, provider: &Provider) -> Outcome {
        let answer = provider.read(&self.state, &self.private).await;
        let instance = match answer.value {
            _ if has_error(&answer.diagnostics) => Some(self),
            Json::Null => None,
            state => Some(Self {
                state,
                private: answer.private,
                ..self
            }),
        };
        Outcome {
            instance,
            diagnostics: answer.diagnostics,
        }
    }
}

impl Outcome {
    fn unchanged(instance: Option<Instance>) -> Self {
        Self {
            instance,
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn store(self, resource: &str, state: &mut Instances, said: &mut Vec<Said>) {
        match self.instance {
            Some(instance) => state.insert(resource.to_owned(), instance),
            None => state.remove(resource),
        };
        said.extend(self.diagnostics.into_iter().map(|diagnostic| Said {
            resource: resource.to_owned(),
            diagnostic,
        }));
    }
}

pub(crate) fn has_errors(said: &[Said]) -> bool {
    said.iter()
        .any(|said| has_error(slice::from_ref(&said.diagnostic)))
}
