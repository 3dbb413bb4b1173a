//! A small Terraform: holds a state, and plans and applies configurations of webhooks.
//!
//! Each walk starts the provider anew, as Terraform does, and makes up to ten calls at once.

mod change;
mod graph_walk;

use std::{collections::BTreeMap, time::Duration};

use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::Value as Json;

pub(crate) use change::{Action, Change, Outcome};
pub(crate) use graph_walk::Interrupt;
use graph_walk::Walk;

use crate::provider::{PATIENCE, Provider, has_error, timing};

/// What Terraform stores of one resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instance {
    pub(crate) state: Json,
    pub(crate) private: Vec<u8>,
    /// Its creation did not end well, so it is to be replaced.
    pub(crate) tainted: bool,
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

    /// Reads the object; answers what is stored then (protocol.md §4.9).
    pub(crate) async fn read(self, provider: &Provider) -> Outcome {
        let answer = provider.read(&self.state, &self.private).await;
        let instance = match answer.value.clone() {
            _ if answer.failed() => Some(self),
            Json::Null => None,
            state => Some(Instance {
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

/// By the name of the resource.
pub(crate) type Instances = BTreeMap<String, Instance>;
/// The configured attributes of each resource, null where there are none.
pub(crate) type Configuration = BTreeMap<String, Json>;

/// A message, and the resource that it is about.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) resource: String,
    pub(crate) diagnostic: Diagnostic,
}

/// A plan, and the state that it starts from.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) refreshed: Instances,
    pub(crate) changes: Vec<Change>,
    pub(crate) said: Vec<Said>,
}

impl Plan {
    pub(crate) fn failed(&self) -> bool {
        has_errors(&self.said)
    }

    /// The changes that are any.
    pub(crate) fn actions(&self) -> Vec<(&str, Action)> {
        let changes = self.changes.iter();
        let changes = changes.filter(|change| change.action != Action::NoOp);
        changes
            .map(|change| (change.resource.as_str(), change.action))
            .collect()
    }
}

/// Terraform, with one state.
#[derive(Debug, Clone)]
pub(crate) struct Terraform {
    base_url: String,
    /// How long the provider waits for one answer.
    pub(crate) patience: Duration,
    /// How often it sends a request again, if that is configured.
    pub(crate) retries: Option<u32>,
    pub(crate) state: Instances,
}

impl Terraform {
    pub(crate) fn new(base_url: String) -> Self {
        Self {
            base_url,
            patience: PATIENCE,
            retries: None,
            state: Instances::new(),
        }
    }

    /// `terraform plan`
    pub(crate) async fn plan(&self, configuration: &Configuration) -> Plan {
        self.planned(configuration, &Interrupt::never()).await
    }

    /// `terraform apply`; answers everything that was said.
    pub(crate) async fn apply(
        &mut self,
        configuration: &Configuration,
        interrupt: &Interrupt,
    ) -> Vec<Said> {
        let plan = self.planned(configuration, interrupt).await;
        if plan.failed() || interrupt.has_come() {
            return plan.said;
        }
        let mut said = plan.said;
        said.extend(
            self.apply_plan(plan.refreshed, plan.changes, interrupt)
                .await,
        );
        said
    }

    /// The second half of `terraform apply`, in a new run of the provider.
    pub(crate) async fn apply_plan(
        &mut self,
        refreshed: Instances,
        changes: Vec<Change>,
        interrupt: &Interrupt,
    ) -> Vec<Said> {
        let provider = self.start().await;
        let walk = Walk {
            provider: &provider,
            interrupt,
        };
        self.state = refreshed;
        let mut said = Vec::new();
        for (resource, outcome) in walk.apply(changes).await {
            let (_, diagnostics) = self.store(&resource, outcome);
            said.extend(about(&resource, diagnostics));
        }
        said
    }

    /// Stores what came of a resource; answers its state, and what was said.
    pub(crate) fn store(&mut self, resource: &str, outcome: Outcome) -> (Json, Vec<Diagnostic>) {
        let Outcome {
            instance,
            diagnostics,
        } = outcome;
        let state = instance
            .as_ref()
            .map_or(Json::Null, |instance| instance.state.clone());
        match instance {
            Some(instance) => self.state.insert(resource.to_owned(), instance),
            None => self.state.remove(resource),
        };
        (state, diagnostics)
    }

    /// `terraform apply -refresh-only`
    pub(crate) async fn refresh(&mut self, interrupt: &Interrupt) -> Vec<Said> {
        let provider = self.start().await;
        let walk = Walk {
            provider: &provider,
            interrupt,
        };
        let mut refreshed = Instances::new();
        let mut said = Vec::new();
        for (resource, outcome) in walk.refresh(self.state.clone()).await {
            let Outcome {
                instance,
                diagnostics,
            } = outcome;
            refreshed.extend(instance.map(|instance| (resource.clone(), instance)));
            said.extend(about(&resource, diagnostics));
        }
        if !has_errors(&said) && !interrupt.has_come() {
            self.state = refreshed;
        }
        said
    }

    async fn start(&self) -> Provider {
        Provider::start_with(&self.base_url, self.retries, timing(self.patience)).await
    }

    async fn planned(&self, configuration: &Configuration, interrupt: &Interrupt) -> Plan {
        let provider = self.start().await;
        let walk = Walk {
            provider: &provider,
            interrupt,
        };
        let mut plan = Plan::default();
        for (resource, node) in walk.plan(self.state.clone(), configuration.clone()).await {
            plan.said.extend(about(&resource, node.diagnostics));
            plan.refreshed
                .extend(node.refreshed.map(|instance| (resource, instance)));
            plan.changes.extend(node.change);
        }
        plan
    }
}

pub(crate) fn has_errors(said: &[Said]) -> bool {
    said.iter()
        .any(|said| has_error(std::slice::from_ref(&said.diagnostic)))
}

fn about(resource: &str, diagnostics: Vec<Diagnostic>) -> impl Iterator<Item = Said> {
    diagnostics.into_iter().map(move |diagnostic| Said {
        resource: resource.to_owned(),
        diagnostic,
    })
}
