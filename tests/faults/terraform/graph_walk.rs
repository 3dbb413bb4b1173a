//! A walk over all resources with one run of the provider, up to ten at once.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::{StreamExt, stream};
use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::Value as Json;
use tokio::sync::watch;

use super::{
    Configuration, Instance, Instances,
    change::{Action, Change, Outcome},
};
use crate::provider::{Provider, has_error};

const PARALLELISM: usize = 10;

/// The moment at which the user interrupts a command: after so many answers of the API.
#[derive(Debug)]
pub(crate) struct Interrupt {
    moment: Option<(watch::Receiver<u64>, u64)>,
    has_come: AtomicBool,
}

impl Interrupt {
    pub(crate) fn never() -> Self {
        Self {
            moment: None,
            has_come: AtomicBool::new(false),
        }
    }

    /// When `answered` has counted this many more.
    pub(crate) fn after(answered: watch::Receiver<u64>, more: u64) -> Self {
        let count = *answered.borrow() + more;
        Self {
            moment: Some((answered, count)),
            has_come: AtomicBool::new(false),
        }
    }

    pub(crate) fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Relaxed)
    }

    async fn comes(&self) {
        let Some((answered, count)) = &self.moment else {
            return std::future::pending().await;
        };
        let mut answered = answered.clone();
        answered
            .wait_for(|answered| answered >= count)
            .await
            .expect("the API runs");
        self.has_come.store(true, Ordering::Relaxed);
    }
}

/// What came of a resource in the walk that plans.
pub(super) struct Node {
    pub(super) refreshed: Option<Instance>,
    pub(super) change: Option<Change>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

pub(super) struct Walk<'a> {
    pub(super) provider: &'a Provider,
    pub(super) interrupt: &'a Interrupt,
}

impl Walk<'_> {
    /// Reads and plans each resource.
    pub(super) async fn plan(
        &self,
        mut instances: Instances,
        mut configuration: Configuration,
    ) -> Vec<(String, Node)> {
        let names: BTreeSet<String> = instances
            .keys()
            .chain(configuration.keys())
            .cloned()
            .collect();
        let nodes = names.into_iter().map(|name| {
            let instance = instances.remove(&name);
            let config = configuration.remove(&name);
            async move {
                let node = self.plan_node(&name, instance, config).await;
                (name, node)
            }
        });
        self.all(nodes).await
    }

    async fn plan_node(&self, name: &str, prior: Option<Instance>, config: Option<Json>) -> Node {
        let mut node = Node {
            refreshed: prior.clone(),
            change: None,
            diagnostics: Vec::new(),
        };
        if self.interrupt.has_come() {
            return node;
        }
        if let Some(config) = &config {
            assert_eq!(self.provider.validate(config).await, [], "{config}");
        }
        if let Some(prior) = prior {
            let outcome = prior.read(self.provider).await;
            (node.refreshed, node.diagnostics) = (outcome.instance, outcome.diagnostics);
        }
        if has_error(&node.diagnostics) || (node.refreshed.is_none() && config.is_none()) {
            return node;
        }
        let prior = node.refreshed.clone();
        let (change, said) = Change::plan(self.provider, name, prior, config).await;
        node.change = change;
        node.diagnostics.extend(said);
        node
    }

    /// Reads each resource.
    pub(super) async fn refresh(&self, instances: Instances) -> Vec<(String, Outcome)> {
        let nodes = instances.into_iter().map(|(name, instance)| async move {
            let outcome = match self.interrupt.has_come() {
                true => Outcome {
                    instance: Some(instance),
                    diagnostics: Vec::new(),
                },
                false => instance.read(self.provider).await,
            };
            (name, outcome)
        });
        self.all(nodes).await
    }

    /// Makes each change; answers the resources that the walk came to.
    pub(super) async fn apply(&self, changes: Vec<Change>) -> Vec<(String, Outcome)> {
        let nodes = changes.into_iter().map(|change| async move {
            let outcome = self.apply_node(&change).await;
            (change.resource, outcome)
        });
        self.all(nodes).await
    }

    async fn apply_node(&self, change: &Change) -> Outcome {
        let unchanged = |instance| Outcome {
            instance,
            diagnostics: Vec::new(),
        };
        if self.interrupt.has_come() {
            return unchanged(change.prior.clone());
        }
        match change.action {
            Action::NoOp => unchanged(change.prior.clone()),
            Action::Delete => change.delete(self.provider).await,
            Action::Create | Action::Update => self.write(change).await,
            Action::Replace => {
                let deleted = change.delete(self.provider).await;
                if deleted.instance.is_some() || self.interrupt.has_come() {
                    return deleted;
                }
                self.write(change).await
            }
        }
    }

    async fn write(&self, change: &Change) -> Outcome {
        match change.plan_again(self.provider).await {
            Ok(()) => change.write(self.provider).await,
            Err(outcome) => outcome,
        }
    }

    /// Visits the nodes; what has not begun when the interrupt comes finds that it has.
    async fn all<T>(&self, nodes: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
        let walk = stream::iter(nodes).buffer_unordered(PARALLELISM).collect();
        let mut walk = pin!(walk);
        tokio::select! {
            biased;
            visited = &mut walk => return visited,
            () = self.interrupt.comes() => self.provider.stop().await,
        }
        walk.await
    }
}
