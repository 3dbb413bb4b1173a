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
    support::calls::{Answer, Calls, failed},
};

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
#[derive(Debug)]
struct Outcome {
    instance: Option<Instance>,
    diagnostics: Vec<Diagnostic>,
}

/// A message, and the resource that it is about.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) resource: String,
    pub(crate) diagnostic: Diagnostic,
}

/// A plan: a change for each resource of the state or the configuration.
#[derive(Debug)]
pub(crate) struct Plan {
    changes: Vec<Change>,
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
        let changes = RefCell::new(Vec::new());
        let visit = async |provider: &Calls, name: &String| {
            let (prior, config) = (self.state.get(name), configuration.get(name));
            let (change, outcome) = Change::plan(provider, name, prior, config, interrupt).await;
            changes.borrow_mut().extend(change);
            outcome
        };
        let names = names.into_iter().map(|name| (name, name));
        let (_, said) = self.walk(interrupt, names, visit).await;
        let changes = changes.into_inner();
        Plan { changes, said }
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
        let changes = plan.changes.iter().map(|it| (&it.resource, it));
        let visit =
            async |provider: &Calls, change: &Change| change.apply(provider, interrupt).await;
        let (state, said) = self.walk(interrupt, changes, visit).await;
        self.state = state;
        said
    }

    /// `terraform apply -refresh-only`
    pub(crate) async fn refresh(&mut self, interrupt: &Interrupt) -> Vec<Said> {
        let visit = async |provider: &Calls, prior: &Instance| match interrupt.is_cancelled() {
            true => Outcome::new(Some(prior.clone()), Vec::new()),
            false => prior.clone().read(provider).await,
        };
        let instances = self.state.iter();
        let (refreshed, said) = self.walk(interrupt, instances, visit).await;
        if !has_errors(&said) && !interrupt.is_cancelled() {
            self.state = refreshed;
        }
        said
    }

    /// Starts a run of the provider.
    pub(crate) async fn start(&self) -> Calls {
        provider::start(&self.base_url, self.retries).await
    }

    /// Visits all resources with one run of the provider.
    async fn walk<'a, T>(
        &self,
        interrupt: &Interrupt,
        resources: impl Iterator<Item = (&'a String, T)>,
        visit: impl AsyncFn(&Calls, T) -> Outcome,
    ) -> (Instances, Vec<Said>) {
        let provider = self.start().await;
        let visits = stream::iter(resources).map(async |(name, item)| {
            let outcome = visit(&provider, item).await;
            (name.clone(), outcome)
        });
        let mut all = pin!(visits.buffer_unordered(PARALLELISM).collect::<Vec<_>>());
        let visited = tokio::select! {
            biased;
            visited = &mut all => visited,
            () = interrupt.cancelled() => {
                provider.stop().await;
                all.await
            }
        };
        let (mut instances, mut said) = (Instances::new(), Vec::new());
        for (resource, outcome) in visited {
            said.extend(outcome.diagnostics.into_iter().map(|diagnostic| Said {
                resource: resource.clone(),
                diagnostic,
            }));
            instances.extend(outcome.instance.map(|instance| (resource, instance)));
        }
        (instances, said)
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

    fn stored(&self) -> Answer {
        Answer {
            state: self.state.clone(),
            private: self.private.clone(),
            ..Answer::default()
        }
    }

    /// Reads the object.
    async fn read(self, provider: &Calls) -> Outcome {
        let answer = provider.read(&self.stored()).await;
        let instance = match answer.state {
            _ if failed(&answer.diagnostics) => Some(self),
            Json::Null => None,
            state => Some(Self {
                state,
                private: answer.private,
                ..self
            }),
        };
        Outcome::new(instance, answer.diagnostics)
    }
}

impl Outcome {
    fn new(instance: Option<Instance>, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            instance,
            diagnostics,
        }
    }
}

pub(crate) fn has_errors(said: &[Said]) -> bool {
    said.iter()
        .any(|said| failed(slice::from_ref(&said.diagnostic)))
}
