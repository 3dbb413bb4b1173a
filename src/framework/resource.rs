//! [`Resource`]: an object that Terraform manages; and its erased twin for the server.

use async_trait::async_trait;

use super::{
    declarations::{Role, mismatches, require_whole_numbers},
    diagnostics::{Diagnostics, WithWarnings},
    identity::IdentitySchema,
    model::{Model, ModelError},
    schema::{ProviderDefaults, Schema},
    state_move::{self, MoveSource, StateMover},
    state_upgrade::{StateUpgrader, unreadable_state},
    value::Object,
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
    fn validate(&self, config: &Object) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Warns of what a plan will run into. Makes no difference to the plan itself.
    fn plan_warnings(
        &self,
        client: &Self::Client,
        change: PlannedChange<'_>,
    ) -> impl Future<Output = Diagnostics> + Send {
        let _ = (client, change);
        async { Diagnostics::new() }
    }

    /// Makes the object.
    ///
    /// # Errors
    /// With a state, the object exists but is not as planned: Terraform will replace it.
    /// Without one, nothing was made.
    fn create(
        &self,
        client: &Self::Client,
        plan: Self::Plan,
    ) -> impl Future<Output = Result<WithWarnings<Self::State>, ApplyError<Self::State>>> + Send;

    /// Looks how the object is; `None` if it does not exist any more.
    ///
    /// # Errors
    /// It could not be found out. Terraform keeps what it knew.
    fn read(
        &self,
        client: &Self::Client,
        state: Self::State,
    ) -> impl Future<Output = Result<WithWarnings<Option<Self::State>>, Diagnostics>> + Send;

    /// Changes the object.
    ///
    /// # Errors
    /// With a state, that is how the object is now. Without one, it is as before.
    fn update(
        &self,
        client: &Self::Client,
        state: Self::State,
        plan: Self::Plan,
    ) -> impl Future<Output = Result<WithWarnings<Self::State>, ApplyError<Self::State>>> + Send;

    /// Removes the object. One that does not exist any more is a success.
    ///
    /// # Errors
    /// It may still exist. Terraform keeps it.
    fn delete(
        &self,
        client: &Self::Client,
        state: Self::State,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send;

    /// Finds the object that a practitioner names in an import.
    /// `defaults` is what the provider block says for attributes that follow it.
    ///
    /// # Errors
    /// The target has none of the forms that the resource knows, or no such object exists.
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

impl<S> ApplyError<S> {
    fn map<T>(self, state: impl FnOnce(S) -> T) -> ApplyError<T> {
        ApplyError {
            diagnostics: self.diagnostics,
            state: self.state.map(state),
        }
    }
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

impl From<ModelError> for Diagnostics {
    fn from(error: ModelError) -> Self {
        Self::bug(error)
    }
}

impl<S> From<ModelError> for ApplyError<S> {
    fn from(error: ModelError) -> Self {
        Diagnostics::from(error).into()
    }
}

/// A state that was stored may have been changed by others, so what does not fit is no bug.
fn stored<S: Model>(state: Object) -> Result<S, Diagnostics> {
    S::from_object(state).map_err(unreadable_state)
}

/// A [`Resource`] without its types: what the server keeps a list of.
#[async_trait]
#[expect(
    missing_docs,
    reason = "each method is the one of `Resource`, or uses it"
)]
pub trait DynResource<C>: Send + Sync {
    fn type_name(&self) -> &'static str;
    fn schema(&self) -> Schema;
    fn mismatches(&self) -> Vec<String>;
    fn validate(&self, config: &Object) -> Diagnostics;
    fn state_upgraders(&self) -> Vec<StateUpgrader<Object>>;
    fn move_state(&self, source: &MoveSource) -> Result<Object, Diagnostics>;
    fn identity(&self) -> Option<IdentitySchema>;
    async fn plan_warnings(&self, client: &C, change: PlannedChange<'_>) -> Diagnostics;
    async fn create(
        &self,
        client: &C,
        planned: Object,
    ) -> Result<WithWarnings<Object>, ApplyError<Object>>;
    async fn read(
        &self,
        client: &C,
        state: Object,
    ) -> Result<WithWarnings<Option<Object>>, Diagnostics>;
    async fn update(
        &self,
        client: &C,
        state: Object,
        planned: Object,
    ) -> Result<WithWarnings<Object>, ApplyError<Object>>;
    async fn delete(&self, client: &C, state: Object) -> Result<(), Diagnostics>;
    async fn import(
        &self,
        client: &C,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> Result<WithWarnings<Object>, Diagnostics>;
}

#[async_trait]
impl<R: Resource> DynResource<R::Client> for R {
    fn type_name(&self) -> &'static str {
        Resource::type_name(self)
    }

    fn schema(&self) -> Schema {
        let mut schema = Resource::schema(self);
        require_whole_numbers::<R::Plan>(&mut schema.attributes);
        schema
    }

    fn mismatches(&self) -> Vec<String> {
        let attributes = Resource::schema(self).attributes;
        let mut found = mismatches::<R::Plan>(Role::Plan, &attributes);
        found.extend(mismatches::<R::State>(Role::State, &attributes));
        found
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        Resource::validate(self, config)
    }

    fn state_upgraders(&self) -> Vec<StateUpgrader<Object>> {
        let upgrades = Resource::state_upgraders(self).into_iter();
        upgrades.map(StateUpgrader::erased).collect()
    }

    fn move_state(&self, source: &MoveSource) -> Result<Object, Diagnostics> {
        let movers = Resource::state_movers(self);
        state_move::move_state(Resource::type_name(self), &movers, source).map(Model::into_object)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Resource::identity(self)
    }

    async fn plan_warnings(&self, client: &R::Client, change: PlannedChange<'_>) -> Diagnostics {
        Resource::plan_warnings(self, client, change).await
    }

    async fn create(
        &self,
        client: &R::Client,
        planned: Object,
    ) -> Result<WithWarnings<Object>, ApplyError<Object>> {
        let plan = R::Plan::from_object(planned)?;
        let created = Resource::create(self, client, plan).await;
        created
            .map(|created| created.map(Model::into_object))
            .map_err(|failure| failure.map(Model::into_object))
    }

    async fn read(
        &self,
        client: &R::Client,
        state: Object,
    ) -> Result<WithWarnings<Option<Object>>, Diagnostics> {
        let state = stored::<R::State>(state)?;
        let read = Resource::read(self, client, state).await?;
        Ok(read.map(|state| state.map(Model::into_object)))
    }

    async fn update(
        &self,
        client: &R::Client,
        state: Object,
        planned: Object,
    ) -> Result<WithWarnings<Object>, ApplyError<Object>> {
        let state = stored::<R::State>(state)?;
        let plan = R::Plan::from_object(planned)?;
        let updated = Resource::update(self, client, state, plan).await;
        updated
            .map(|updated| updated.map(Model::into_object))
            .map_err(|failure| failure.map(Model::into_object))
    }

    async fn delete(&self, client: &R::Client, state: Object) -> Result<(), Diagnostics> {
        Resource::delete(self, client, stored::<R::State>(state)?).await
    }

    async fn import(
        &self,
        client: &R::Client,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> Result<WithWarnings<Object>, Diagnostics> {
        Resource::import(self, client, defaults, target)
            .await
            .map(|imported| imported.map(Model::into_object))
    }
}
