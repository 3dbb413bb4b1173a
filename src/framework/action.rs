//! [`Action`]: something that Terraform does on request and keeps no state of; and its erased
//! twin for the server.

use async_trait::async_trait;

use super::{
    declaration::{Declaration, Role},
    diagnostics::Diagnostics,
    model::Model,
    schema::Schema,
    value::Object,
};

/// An action. Terraform does not record what it changes: if a resource manages
/// it, the next plan of that resource finds out.
pub trait Action: Send + Sync + 'static {
    /// What the provider block was made into.
    type Client: Send + Sync + 'static;
    /// What the configuration says; everything in it is known.
    type Config: Model + Send;

    /// As in HCL: `realtimekit_webhook_disable`.
    fn type_name(&self) -> &'static str;

    /// The attributes of its `config` block. An action has no results, so none is computed.
    fn schema(&self) -> Schema;

    /// Checks attributes against each other; each on its own is checked by the schema.
    fn validate(&self, _config: &Object) -> Diagnostics {
        Diagnostics::new()
    }

    /// Does it, and tells on the way how it goes on.
    /// An error means that it was not done, or that it is not known whether it was.
    fn invoke(
        &self,
        client: &Self::Client,
        config: Self::Config,
        progress: &Progress,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send;
}

/// Where an action tells the practitioner how it goes on.
pub struct Progress(Box<dyn Fn(String) + Send + Sync>);

impl Progress {
    /// Progress that `tell` passes on.
    pub fn new(tell: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Box::new(tell))
    }

    /// Tells a message, at once.
    pub fn tell(&self, message: impl Into<String>) {
        (self.0)(message.into());
    }
}

/// An [`Action`] without its types: what the server keeps a list of.
#[async_trait]
#[expect(missing_docs, reason = "each method is the one of `Action`")]
pub trait DynAction<C>: Send + Sync {
    fn declaration(&self) -> Declaration;
    fn validate(&self, config: &Object) -> Diagnostics;
    async fn invoke(
        &self,
        client: &C,
        config: Object,
        progress: &Progress,
    ) -> Result<(), Diagnostics>;
}

#[async_trait]
impl<A: Action> DynAction<A::Client> for A {
    fn declaration(&self) -> Declaration {
        let declared = Declaration::new(self.type_name(), self.schema().never_stored());
        declared.model::<A::Config>(Role::Config)
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        Action::validate(self, config)
    }

    async fn invoke(
        &self,
        client: &A::Client,
        config: Object,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        Action::invoke(self, client, A::Config::from_object(config)?, progress).await
    }
}
