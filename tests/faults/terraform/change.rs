//! One change: how it is planned, made and checked (protocol.md §4.10 and §4.11).

use serde_json::Value as Json;

use super::{Instance, Interrupt, Outcome};
use crate::support::{
    Answer,
    calls::{Calls, failed, wire::UNKNOWN},
};

/// Computed, the last three unless they are configured.
const COMPUTED: [&str; 6] = [
    "id",
    "created_at",
    "updated_at",
    "account_id",
    "app_id",
    "enabled",
];

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
pub(super) struct Change {
    pub(super) resource: String,
    pub(super) action: Action,
    prior: Option<Instance>,
    config: Json,
    planned: Answer,
}

impl Change {
    /// Refreshes and plans a resource; no configuration means deletion. Returns the
    /// change unless that fails.
    pub(super) async fn plan(
        provider: &Calls,
        resource: &str,
        prior: Option<&Instance>,
        config: Option<&Json>,
        interrupt: &Interrupt,
    ) -> (Option<Self>, Outcome) {
        let mut outcome = Outcome::new(prior.cloned(), Vec::new());
        if interrupt.is_cancelled() {
            return (None, outcome);
        }
        if let Some(prior) = prior {
            outcome = prior.clone().read(provider).await;
        }
        let prior = outcome.instance.clone();
        if failed(&outcome.diagnostics) || (prior.is_none() && config.is_none()) {
            return (None, outcome);
        }
        let config = config.cloned().unwrap_or_default();
        let kept = |prior: &&Instance| config.is_null() || !prior.tainted;
        let kept = prior.as_ref().filter(kept);
        let (mut planned, must_replace) = plan_once(provider, kept, &config).await;
        let action = match (&prior, kept) {
            (None, _) => Action::Create,
            _ if config.is_null() => Action::Delete,
            (_, Some(kept)) if planned.state == kept.state => Action::NoOp,
            (_, Some(_)) if !must_replace => Action::Update,
            _ => Action::Replace,
        };
        outcome.diagnostics.append(&mut planned.diagnostics);
        if must_replace {
            (planned, _) = plan_once(provider, None, &config).await;
            if planned.failed() {
                outcome.diagnostics.append(&mut planned.diagnostics); // others are not shown
            }
        }
        let change = (!failed(&outcome.diagnostics)).then(|| Self {
            resource: resource.to_owned(),
            action,
            prior,
            config,
            planned,
        });
        (change, outcome)
    }

    /// Makes the change.
    pub(super) async fn apply(&self, provider: &Calls, interrupt: &Interrupt) -> Outcome {
        let prior = Outcome::new(self.prior.clone(), Vec::new());
        if interrupt.is_cancelled() || self.action == Action::NoOp {
            return prior;
        }
        if matches!(self.action, Action::Delete | Action::Replace) {
            let nothing = Answer {
                private: self.planned.private.clone(),
                ..Answer::default()
            };
            let prior = self.prior.as_ref();
            let deleted = self.call(provider, prior, &nothing, &Json::Null).await;
            let is_over = deleted.instance.is_some() || interrupt.is_cancelled();
            if is_over || self.action == Action::Delete {
                return deleted;
            }
        }
        let updated = self.prior.as_ref();
        let updated = updated.filter(|_| self.action == Action::Update);
        let (again, _) = plan_once(provider, updated, &self.config).await;
        if again.failed() {
            return Outcome::new(updated.cloned(), again.diagnostics);
        }
        assert_eq!(again.state, self.planned.state, "inconsistent final plan");
        self.call(provider, updated, &self.planned, &self.config)
            .await
    }

    async fn call(
        &self,
        provider: &Calls,
        prior: Option<&Instance>,
        planned: &Answer,
        config: &Json,
    ) -> Outcome {
        let stored = prior.map(Instance::stored).unwrap_or_default();
        let answer = provider.apply(&stored, planned, config).await;
        let failed = answer.failed();
        if !failed {
            assert_consistent(&planned.state, &answer.state);
        }
        let instance = match answer.state {
            Json::Null if failed => prior.cloned(),
            Json::Null => None,
            state => Some(Instance {
                state,
                private: answer.private,
                tainted: failed && prior.is_none_or(|prior| prior.tainted),
            }),
        };
        Outcome::new(instance, answer.diagnostics)
    }
}

/// One call; also returns whether it asks for a replacement.
async fn plan_once(provider: &Calls, prior: Option<&Instance>, config: &Json) -> (Answer, bool) {
    let stored = prior.map(Instance::stored).unwrap_or_default();
    let answer = provider.plan(&stored, config).await;
    if answer.failed() {
        return (answer, false);
    }
    assert_valid(&stored.state, config, &answer.state);
    let differs = |name: &String| answer.state[name] != stored.state[name];
    let must_replace = prior.is_some() && answer.requires_replace.iter().any(differs);
    (answer, must_replace)
}

/// What is configured must be planned, or stay as it was.
#[track_caller]
fn assert_valid(prior: &Json, config: &Json, planned: &Json) {
    let Some(attributes) = config.as_object() else {
        return assert_eq!(planned, config, "a deletion that leaves something");
    };
    for (name, config) in attributes {
        let (planned, prior) = (&planned[name], &prior[name]);
        let is_computed = COMPUTED.contains(&name.as_str());
        let is_valid = match config {
            Json::Null => is_computed || planned.is_null(),
            _ => planned == config || (planned == prior && !prior.is_null()),
        };
        assert!(is_valid, "invalid plan: {name}: {config} as {planned}");
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
            "inconsistent result: {name}: {planned}, {stored}"
        );
    }
}
