//! One change: how it is planned, and what is stored after it (protocol.md §4.10 and §4.11).

use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::Value as Json;

use super::Instance;
use crate::{
    provider::{Answer, Planned, Provider},
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
    pub(crate) resource: String,
    pub(crate) action: Action,
    pub(crate) prior: Option<Instance>,
    pub(crate) config: Json,
    pub(crate) planned: Json,
    pub(crate) private: Vec<u8>,
}

/// What Terraform stores after a change, and what was said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) instance: Option<Instance>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Change {
    /// Plans; answers the change unless planning failed.
    pub(crate) async fn plan(
        provider: &Provider,
        resource: &str,
        prior: Option<Instance>,
        config: Option<Json>,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        match config {
            Some(config) => Self::plan_object(provider, resource, prior, config).await,
            None => Self::plan_deletion(provider, resource, prior.expect("a prior state")).await,
        }
    }

    async fn plan_deletion(
        provider: &Provider,
        resource: &str,
        prior: Instance,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let null = Json::Null;
        let Planned { answer, .. } = provider
            .plan(&prior.state, &null, &null, &prior.private)
            .await;
        assert_eq!(answer.value, null, "a deletion that leaves something");
        let change = Self {
            resource: resource.to_owned(),
            action: Action::Delete,
            prior: Some(prior),
            config: Json::Null,
            planned: Json::Null,
            private: answer.private.clone(),
        };
        ((!answer.failed()).then_some(change), answer.diagnostics)
    }

    async fn plan_object(
        provider: &Provider,
        resource: &str,
        prior: Option<Instance>,
        config: Json,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let sound = prior.as_ref().filter(|prior| !prior.tainted);
        let (planned, must_replace) = plan_once(provider, sound, &config).await;
        if planned.failed() {
            return (None, planned.diagnostics);
        }
        let (planned, action) = match (&prior, sound) {
            (None, _) => (planned, Action::Create),
            (Some(_), None) => (planned, Action::Replace),
            (Some(_), Some(_)) if must_replace => {
                let (mut anew, _) = plan_once(provider, None, &config).await;
                if anew.failed() {
                    return (None, anew.diagnostics);
                }
                anew.diagnostics = planned.diagnostics; // those of the second call are not shown
                (anew, Action::Replace)
            }
            (Some(_), Some(sound)) if planned.value == sound.state => (planned, Action::NoOp),
            (Some(_), Some(_)) => (planned, Action::Update),
        };
        let change = Self {
            resource: resource.to_owned(),
            action,
            prior,
            config,
            planned: planned.value,
            private: planned.private,
        };
        (Some(change), planned.diagnostics)
    }

    /// Deletes the prior object; answers what is stored then.
    pub(crate) async fn delete(&self, provider: &Provider) -> Outcome {
        let prior = self.prior.clone().expect("something to delete");
        let null = Json::Null;
        let answer = provider
            .apply(&prior.state, &null, &null, &self.private)
            .await;
        if !answer.failed() {
            assert_eq!(answer.value, null, "deleted, and still there");
        }
        let instance = match answer.value.clone() {
            Json::Null if answer.failed() => Some(prior),
            Json::Null => None,
            state => Some(Instance {
                state,
                private: answer.private,
                ..prior
            }),
        };
        Outcome {
            instance,
            diagnostics: answer.diagnostics,
        }
    }

    /// Plans again in the run that applies: that must come to the same.
    pub(crate) async fn plan_again(&self, provider: &Provider) -> Result<(), Outcome> {
        let prior = self.updated();
        let (replanned, _) = plan_once(provider, prior, &self.config).await;
        if replanned.failed() {
            return Err(Outcome {
                instance: prior.cloned(),
                diagnostics: replanned.diagnostics,
            });
        }
        assert_eq!(
            replanned.value, self.planned,
            "Terraform calls it an inconsistent final plan"
        );
        Ok(())
    }

    /// Creates or updates the object; answers what is stored then.
    pub(crate) async fn write(&self, provider: &Provider) -> Outcome {
        let prior = self.updated().cloned();
        let prior_state = prior
            .as_ref()
            .map_or(Json::Null, |prior| prior.state.clone());
        let Self {
            planned,
            config,
            private,
            ..
        } = self;
        let answer = provider.apply(&prior_state, planned, config, private).await;
        if !answer.failed() {
            assert_consistent(planned, &answer.value);
        }
        let tainted = prior.is_none() && answer.failed();
        let instance = match answer.value.clone() {
            Json::Null => prior,
            state => Some(Instance {
                state,
                private: answer.private,
                tainted,
            }),
        };
        Outcome {
            instance,
            diagnostics: answer.diagnostics,
        }
    }

    /// What is to be updated, if anything is.
    fn updated(&self) -> Option<&Instance> {
        self.prior
            .as_ref()
            .filter(|_| self.action == Action::Update)
    }
}

/// One call; answers also whether it asks for a new object.
async fn plan_once(provider: &Provider, prior: Option<&Instance>, config: &Json) -> (Answer, bool) {
    let state = prior.map_or(Json::Null, |prior| prior.state.clone());
    let private = prior.map_or(&[][..], |prior| &prior.private);
    let proposed = proposed_new(&state, config);
    let Planned {
        answer,
        requires_replace,
    } = provider.plan(&state, &proposed, config, private).await;
    if answer.failed() {
        return (answer, false);
    }
    assert_valid(&state, config, &answer.value);
    let differs = |name: &String| answer.value[name] != state[name];
    let must_replace = prior.is_some() && requires_replace.iter().any(differs);
    (answer, must_replace)
}

/// What is configured; and where that is nothing, what was there and may stay.
fn proposed_new(prior: &Json, config: &Json) -> Json {
    let mut proposed = config.clone();
    for name in COMPUTED.iter().chain(&OPTIONAL_COMPUTED) {
        if config[*name].is_null() && !prior.is_null() {
            proposed[*name] = prior[*name].clone();
        }
    }
    proposed
}

/// What is configured must be planned, or be as it was.
#[track_caller]
fn assert_valid(prior: &Json, config: &Json, planned: &Json) {
    for (name, configured) in config.as_object().expect("an object") {
        let free = COMPUTED.contains(&name.as_str()) || OPTIONAL_COMPUTED.contains(&name.as_str());
        let as_configured = planned[name] == *configured;
        let as_before = !prior.is_null() && !configured.is_null() && planned[name] == prior[name];
        assert!(
            as_configured || as_before || (free && configured.is_null()),
            "Terraform calls it an invalid plan: {name} is {configured}, planned as {}",
            planned[name]
        );
    }
}

/// What was planned must have come, and nothing may be left open.
#[track_caller]
fn assert_consistent(planned: &Json, stored: &Json) {
    for (name, planned) in planned.as_object().expect("an object") {
        assert_ne!(stored[name], UNKNOWN, "{name} is still unknown");
        assert!(
            planned == UNKNOWN || *planned == stored[name],
            "Terraform calls it an inconsistent result: {name} is planned as {planned}, stored as {}",
            stored[name]
        );
    }
}
