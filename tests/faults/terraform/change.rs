//! One change: how it is planned, made and checked (protocol.md §4.10 and §4.11).

use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::{Instance, Outcome, read};
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
    pub(super) action: Action,
    pub(super) prior: Option<Instance>,
    config: Json,
    planned: Answer,
}

impl Change {
    /// Refreshes and plans a resource; no configuration means deletion. Returns the
    /// change unless that fails.
    pub(super) async fn plan(
        provider: &Calls,
        prior: Option<&Instance>,
        config: Option<&Json>,
    ) -> (Option<Self>, Outcome) {
        let (prior, mut said) = read(provider, prior).await;
        if failed(&said) || (prior.is_none() && config.is_none()) {
            return (None, (prior, said));
        }
        let config = config.cloned().unwrap_or_default();
        let kept = |prior: &&Instance| config.is_null() || !prior.tainted;
        let kept = prior.as_ref().filter(kept);
        let (mut planned, must_replace) = plan_once(provider, kept, &config).await;
        let action = match (&prior, kept) {
            (None, _) => Action::Create,
            _ if config.is_null() => Action::Delete,
            (_, Some(kept)) if planned.state == kept.stored.state => Action::NoOp,
            (_, Some(_)) if !must_replace => Action::Update,
            _ => Action::Replace,
        };
        said.append(&mut planned.diagnostics);
        if must_replace {
            (planned, _) = plan_once(provider, None, &config).await;
            if planned.failed() {
                said.append(&mut planned.diagnostics); // others are not shown
            }
        }
        let change = (!failed(&said)).then(|| Self {
            action,
            prior: prior.clone(),
            config,
            planned,
        });
        (change, (prior, said))
    }

    /// Makes the change.
    pub(super) async fn apply(&self, provider: &Calls, interrupt: &CancellationToken) -> Outcome {
        let prior = self.prior.as_ref();
        if self.action == Action::NoOp {
            return (prior.cloned(), Vec::new());
        }
        if matches!(self.action, Action::Delete | Action::Replace) {
            let nothing = Answer {
                private: self.planned.private.clone(),
                ..Answer::default()
            };
            let deleted = call(provider, prior, &nothing, &Json::Null).await;
            let is_over = deleted.0.is_some() || interrupt.is_cancelled();
            if is_over || self.action == Action::Delete {
                return deleted;
            }
        }
        let updated = prior.filter(|_| self.action == Action::Update);
        let (again, _) = plan_once(provider, updated, &self.config).await;
        if again.failed() {
            return (updated.cloned(), again.diagnostics);
        }
        assert_eq!(again.state, self.planned.state, "inconsistent final plan");
        call(provider, updated, &self.planned, &self.config).await
    }
}

/// Applies a change, or a part of one.
async fn call(
    provider: &Calls,
    prior: Option<&Instance>,
    planned: &Answer,
    config: &Json,
) -> Outcome {
    let mut stored = provider.apply(&stored(prior), planned, config).await;
    let diagnostics = std::mem::take(&mut stored.diagnostics);
    let failed = failed(&diagnostics);
    if !failed {
        assert_consistent(&planned.state, &stored.state);
    }
    let tainted = failed && prior.is_none_or(|prior| prior.tainted);
    let instance = match stored.state {
        Json::Null if failed => prior.cloned(),
        Json::Null => None,
        _ => Some(Instance { stored, tainted }),
    };
    (instance, diagnostics)
}

/// One call; also returns whether it asks for a replacement.
async fn plan_once(provider: &Calls, prior: Option<&Instance>, config: &Json) -> (Answer, bool) {
    let stored = stored(prior);
    let answer = provider.plan(&stored, config).await;
    if answer.failed() {
        return (answer, false);
    }
    assert_valid(&stored.state, config, &answer.state);
    let differs = |name: &String| answer.state[name] != stored.state[name];
    let must_replace = prior.is_some() && answer.requires_replace.iter().any(differs);
    (answer, must_replace)
}

fn stored(instance: Option<&Instance>) -> Answer {
    instance.map_or(Answer::default(), |instance| instance.stored.clone())
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
