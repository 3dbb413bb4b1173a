//! [`Resource`]: an object that Terraform manages; and its erased twin for the server.

use async_trait::async_trait;

use super::{
    declaration::{Declaration, Role},
    diagnostics::{Diagnostics, WithWarnings},
    identity::IdentitySchema,
    model::Model,
    schema::{ProviderDefaults, Schema},
    stored_state::{MoveSource, StateMover, StateUpgrader, move_state, unreadable_state},
    value::{Object, Type},
};

/// A managed resource. Plans are made by the framework, from the schema.
pub trait Resource: Send + Sync + 'static {
    /// What the provider block was made into.
    type Client: Send + Sync + 'static;
    /// What the configuration decides, with what it leaves to the provider as
    /// [`MaybeUnknown`](super::MaybeUnknown).
    type Plan: Model + Send;
    /// What Terraform stores.
    type State: Model + Send;

    /// As in HCL: `realtimekit_webhook`.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// How states of earlier schema versions become states of this one: one for each version.
    fn state_upgraders(&self) -> Vec<StateUpgrader<Self::State>> {
        Vec::new()
    }

    /// The other resource types whose objects a `moved` block may hand over to this one.
    fn state_movers(&self) -> Vec<StateMover<Self::State>> {
        Vec::new()
    }

    /// What names an object for all of its life, by attributes of the state; `None` if nothing
    /// but the id of an import does.
    fn identity(&self) -> Option<IdentitySchema> {
        None
    }

    /// Checks attributes against each other; each on its own is checked by the schema. Values may
    /// be unknown.
    fn validate(&self, _config: &Object) -> Diagnostics {
        Diagnostics::new()
    }

    /// Warns of what a plan will run into. Makes no difference to the plan itself.
    fn plan_warnings(
        &self,
        _client: &Self::Client,
        _change: PlannedChange<'_>,
    ) -> impl Future<Output = Diagnostics> + Send {
        async { Diagnostics::new() }
    }

    /// Makes the object. An error with a state means that the object exists but is not as planned:
    /// Terraform will replace it. An error without one means that nothing was made.
    fn create(
        &self,
        client: &Self::Client,
        plan: Self::Plan,
    ) -> impl Future<Output = Result<WithWarnings<Self::State>, ApplyError<Self::State>>> + Send;

    /// Looks how the object is; `None` if it does not exist any more. An error means that this could
    /// not be found out: Terraform keeps what it knew.
    fn read(
        &self,
        client: &Self::Client,
        state: Self::State,
    ) -> impl Future<Output = Result<WithWarnings<Option<Self::State>>, Diagnostics>> + Send;

    /// Changes the object. An error with a state says how the object is now; without one, it is as
    /// before.
    fn update(
        &self,
        client: &Self::Client,
        state: Self::State,
        plan: Self::Plan,
    ) -> impl Future<Output = Result<WithWarnings<Self::State>, ApplyError<Self::State>>> + Send;

    /// Removes the object. One that does not exist any more is a success. An error means that it may
    /// still exist: Terraform keeps it.
    fn delete(
        &self,
        client: &Self::Client,
        state: Self::State,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send;

    /// Finds the object that a practitioner names in an import; an error if there is none, or if
    /// the resource knows no such form. `defaults` is what the provider block says for attributes
    /// that follow it.
    fn import(
        &self,
        client: &Self::Client,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> impl Future<Output = Result<WithWarnings<Self::State>, Diagnostics>> + Send;
}

/// How a practitioner names an object that exists already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportTarget {
    /// By a text whose form the resource decides.
    Id(String),
    /// By its identity, of which all that is required is set, and the rest may be null.
    Identity(Object),
}

/// A planned creation or update. What is not known yet is unknown here too.
#[derive(Debug, Clone, Copy)]
pub struct PlannedChange<'a> {
    /// The state before; `None` for a creation.
    pub prior: Option<&'a Object>,
    /// The state after.
    pub planned: &'a Object,
    /// Whether the object will be replaced: then its creation is planned next.
    pub to_be_replaced: bool,
}

/// Why a change was not completed, and what exists all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyError<S> {
    /// What went wrong.
    pub diagnostics: Diagnostics,
    /// How the object is now, if that differs from before and is known.
    pub state: Option<S>,
}

impl<S> From<Diagnostics> for ApplyError<S> {
    /// Nothing has changed.
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics,
            state: None,
        }
    }
}

/// A state that was stored may have been changed by others, so what does not fit is no bug.
fn stored<S: Model>(state: Object) -> Result<S, Diagnostics> {
    S::from_object(state).map_err(|error| unreadable_state("State", error))
}

/// A [`Resource`] without its types: what the server keeps a list of.
#[async_trait]
#[expect(
    missing_docs,
    reason = "each method is the one of `Resource`, or uses it"
)]
pub trait DynResource<C>: Send + Sync {
    fn declaration(&self) -> Declaration;
    fn validate(&self, config: &Object) -> Diagnostics;
    fn upgrade_state(
        &self,
        version: i64,
        read: &dyn Fn(&Type) -> Result<Option<Object>, Diagnostics>,
    ) -> Option<Result<Option<Object>, Diagnostics>>;
    fn move_state(&self, source: &MoveSource) -> Result<Object, Diagnostics>;
    async fn plan_warnings(&self, client: &C, change: PlannedChange<'_>) -> Diagnostics;
    async fn apply(
        &self,
        client: &C,
        prior: Option<Object>,
        planned: Option<Object>,
    ) -> Result<WithWarnings<Option<Object>>, ApplyError<Object>>;
    async fn read(
        &self,
        client: &C,
        state: Object,
    ) -> Result<WithWarnings<Option<Object>>, Diagnostics>;
    async fn import(
        &self,
        client: &C,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> Result<WithWarnings<Object>, Diagnostics>;
}

#[async_trait]
impl<R: Resource> DynResource<R::Client> for R {
    fn declaration(&self) -> Declaration {
        let mut declared = Declaration::new(self.type_name(), self.schema());
        declared.identity = self.identity().unwrap_or_default();
        declared
            .model::<R::Plan>(Role::Plan)
            .model::<R::State>(Role::State)
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        Resource::validate(self, config)
    }

    /// `None` if no upgrader knows the version.
    fn upgrade_state(
        &self,
        version: i64,
        read: &dyn Fn(&Type) -> Result<Option<Object>, Diagnostics>,
    ) -> Option<Result<Option<Object>, Diagnostics>> {
        let mut upgraders = self.state_upgraders().into_iter();
        let upgrader = upgraders.find(|upgrader| upgrader.version == version)?;
        let upgrade = |state| (upgrader.upgrade)(state).map(Model::into_object);
        Some(read(&upgrader.kind).and_then(|state| state.map(upgrade).transpose()))
    }

    fn move_state(&self, source: &MoveSource) -> Result<Object, Diagnostics> {
        move_state(self.type_name(), &self.state_movers(), source).map(Model::into_object)
    }

    async fn plan_warnings(&self, client: &R::Client, change: PlannedChange<'_>) -> Diagnostics {
        Resource::plan_warnings(self, client, change).await
    }

    async fn apply(
        &self,
        client: &R::Client,
        prior: Option<Object>,
        planned: Option<Object>,
    ) -> Result<WithWarnings<Option<Object>>, ApplyError<Object>> {
        let prior = prior.map(stored::<R::State>).transpose()?;
        let plan = planned.map(R::Plan::from_object).transpose();
        let applied = match (prior, plan.map_err(Diagnostics::from)?) {
            (None, Some(plan)) => self.create(client, plan).await,
            (Some(state), Some(plan)) => self.update(client, state, plan).await,
            (Some(state), None) => {
                self.delete(client, state).await?;
                return Ok(None.into());
            }
            (None, None) => return Ok(None.into()),
        };
        match applied {
            Ok(applied) => Ok(applied.map(|state| Some(state.into_object()))),
            Err(ApplyError { diagnostics, state }) => Err(ApplyError {
                diagnostics,
                state: state.map(Model::into_object),
            }),
        }
    }

    async fn read(
        &self,
        client: &R::Client,
        state: Object,
    ) -> Result<WithWarnings<Option<Object>>, Diagnostics> {
        let read = Resource::read(self, client, stored(state)?).await?;
        Ok(read.map(|state| state.map(Model::into_object)))
    }

    async fn import(
        &self,
        client: &R::Client,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> Result<WithWarnings<Object>, Diagnostics> {
        let imported = Resource::import(self, client, defaults, target).await?;
        Ok(imported.map(Model::into_object))
    }
}
