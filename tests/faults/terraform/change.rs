//! One change: how it is planned, made and checked (protocol.md §4.10 and §4.11).

use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::Value as Json;

use super::{Instance, Interrupt, Outcome};
use crate::{
    provider::{Answer, Provider, has_error},
    wire::UNKNOWN,
};

const COMPUTED: [&str; 3] = ["id", "created_at", "updated_at"];
/// Computed unless they are configured.
const OPTIONAL_COMPUTED: [&str; 3] = ["account_id", "app_id", "enabled"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    NoOp,
    Create,
    Update,
    /// Delete, then create.
    Replace,
    Delete,
}

/// What is planned for a resource.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(super) resource: String,
    pub(super) action: Action,
    prior: Option<Instance>,
    config: Json,
    planned: Json,
    private: Vec<u8>,
}

impl Change {
    /// Validates, refreshes and plans a resource; returns the change unless that fails.
    pub(super) async fn refresh_and_plan(
        provider: &Provider,
        resource: &str,
        prior: Option<Instance>,
        config: Option<&Json>,
    ) -> (Option<Self>, Outcome) {
        if let Some(config) = config {
            assert_eq!(provider.validate(config).await, [], "{config}");
        }
        let mut outcome = match prior {
            Some(prior) => prior.read(provider).await,
            None => Outcome::default(),
        };
        let prior = outcome.instance.clone();
        if has_error(&outcome.diagnostics) || (prior.is_none() && config.is_none()) {
            return (None, outcome);
        }
        let config = config.cloned().unwrap_or_default();
        let (change, diagnostics) = Self::plan(provider, resource, prior, config).await;
        outcome.diagnostics.extend(diagnostics);
        (change, outcome)
    }

    /// Plans; no configuration means deletion.
    async fn plan(
        provider: &Provider,
        resource: &str,
        prior: Option<Instance>,
        config: Json,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let kept = |prior: &&Instance| config.is_null() || !prior.tainted;
        let kept = prior.as_ref().filter(kept);
        let (mut planned, must_replace) = plan_once(provider, kept, &config).await;
        let action = match (&prior, kept) {
            (None, _) => Action::Create,
            _ if config.is_null() => Action::Delete,
            (_, Some(kept)) if planned.value == kept.state => Action::NoOp,
            (_, Some(_)) if !must_replace => Action::Update,
            _ => Action::Replace,
        };
        if must_replace {
            let (creation, _) = plan_once(provider, None, &config).await;
            let diagnostics = match creation.failed() {
                true => creation.diagnostics,
                false => planned.diagnostics, // those of the second call are not shown
            };
            planned = Answer {
                diagnostics,
                ..creation
            };
        }
        let change = (!planned.failed()).then(|| Self {
            resource: resource.to_owned(),
            action,
            prior,
            config,
            planned: planned.value,
            private: planned.private,
        });
        (change, planned.diagnostics)
    }

    /// Makes the change.
    pub(super) async fn apply(&self, provider: &Provider, interrupt: &Interrupt) -> Outcome {
        let prior = Outcome::unchanged(self.prior.clone());
        if interrupt.is_cancelled() || self.action == Action::NoOp {
            return prior;
        }
        if matches!(self.action, Action::Delete | Action::Replace) {
            let deleted = self.delete(provider).await;
            let is_over = deleted.instance.is_some() || interrupt.is_cancelled();
            if is_over || self.action == Action::Delete {
                return deleted;
            }
        }
        match self.plan_again(provider).await {
            Ok(()) => self.write(provider).await,
            Err(outcome) => outcome,
        }
    }

    /// Plans again in the run that applies: the result must be the same.
    pub(crate) async fn plan_again(&self, provider: &Provider) -> Result<(), Outcome> {
        let (again, _) = plan_once(provider, self.updated(), &self.config).await;
        if again.failed() {
            return Err(Outcome {
                instance: self.updated().cloned(),
                diagnostics: again.diagnostics,
            });
        }
        assert_eq!(
            again.value, self.planned,
            "Terraform: inconsistent final plan"
        );
        Ok(())
    }

    pub(crate) async fn delete(&self, provider: &Provider) -> Outcome {
        let (prior, null) = (self.prior.as_ref(), Json::Null);
        self.call(provider, prior, &null, &null).await
    }

    /// Creates or updates the object.
    pub(crate) async fn write(&self, provider: &Provider) -> Outcome {
        let prior = self.updated();
        self.call(provider, prior, &self.planned, &self.config)
            .await
    }

    async fn call(
        &self,
        provider: &Provider,
        prior: Option<&Instance>,
        planned: &Json,
        config: &Json,
    ) -> Outcome {
        let state = prior.map_or(&Json::Null, |prior| &prior.state);
        let answer = provider.apply(state, planned, config, &self.private).await;
        let failed = answer.failed();
        if !failed {
            assert_consistent(planned, &answer.value);
        }
        let instance = match answer.value {
            Json::Null if failed => prior.cloned(),
            Json::Null => None,
            state => Some(Instance {
                state,
                private: answer.private,
                tainted: failed && prior.is_none_or(|prior| prior.tainted),
            }),
        };
        Outcome {
            instance,
            diagnostics: answer.diagnostics,
        }
    }

    /// The object that is updated, if one is.
    fn updated(&self) -> Option<&Instance> {
        self.prior
            .as_ref()
            .filter(|_| self.action == Action::Update)
    }
}

/// One call; also returns whether it asks for a replacement.
async fn plan_once(provider: &Provider, prior: Option<&Instance>, config: &Json) -> (Answer, bool) {
    let state = prior.map_or(&Json::Null, |prior| &prior.state);
    let private = prior.map_or(&[][..], |prior| &prior.private);
    let proposed = proposed_new(state, config);
    let answer = provider.plan(state, &proposed, config, private).await;
    if answer.failed() {
        return (answer, false);
    }
    assert_valid(state, config, &answer.value);
    let differs = |name: &String| answer.value[name] != state[name];
    let must_replace = prior.is_some() && answer.requires_replace.iter().any(differs);
    (answer, must_replace)
}

/// The configured values; where there is none, the prior value of what is computed.
fn proposed_new(prior: &Json, config: &Json) -> Json {
    let mut proposed = config.clone();
    if config.is_object() && prior.is_object() {
        for name in COMPUTED.iter().chain(&OPTIONAL_COMPUTED) {
            if config[name].is_null() {
                proposed[name] = prior[name].clone();
            }
        }
    }
    proposed
}

/// What is configured must be planned, or stay as it was.
#[track_caller]
fn assert_valid(prior: &Json, config: &Json, planned: &Json) {
    let Some(attributes) = config.as_object() else {
        return assert_eq!(planned, config, "a deletion that leaves something");
    };
    for (name, config) in attributes {
        let (planned, prior) = (&planned[name], &prior[name]);
        let is_computed = COMPUTED
            .iter()
            .chain(&OPTIONAL_COMPUTED)
            .any(|it| it == name);
        let is_valid = match config {
            Json::Null => is_computed || planned.is_null(),
            _ => planned == config || (planned == prior && !prior.is_null()),
        };
        assert!(
            is_valid,
            "Terraform: invalid plan: {name}: {config} as {planned}"
        );
    }
}

/// What was planned must be stored, and nothing may be unknown.
#[track_caller]
fn assert_consistent(planned: &Json, stored: &Json) {
    let Some(attributes) = planned.as_object() else {
        return assert_eq!(stored, planned, "deleted, but still stored");
    };
    for (name, planned) in attributes {
        let stored = &stored[name];
        let is_consistent = stored != UNKNOWN && (planned == UNKNOWN || planned == stored);
        assert!(
            is_consistent,
            "Terraform: inconsistent result: {name}: {planned}, {stored}"
        );
    }
}
