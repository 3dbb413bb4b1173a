//! [`Provider`]: the provider block, and what the provider offers.

use super::{
    action::DynAction,
    data_source::DynDataSource,
    diagnostics::Diagnostics,
    function::Function,
    list_resource::DynListResource,
    model::Model,
    resource::DynResource,
    schema::{ProviderDefaults, Schema},
};

/// A provider.
pub trait Provider: Send + Sync + 'static {
    /// What resources and data sources work with once the provider is configured.
    type Client: Send + Sync + 'static;
    /// The provider block.
    type Config: Model;

    /// The attributes of the provider block.
    fn schema(&self) -> Schema;

    /// Makes a client of the provider block. Does no I/O: a plan may not need any.
    /// An error means that block and environment do not suffice, whatever Terraform is going to ask.
    fn configure(
        &self,
        config: Self::Config,
        terraform_version: &str,
    ) -> Result<Configured<Self::Client>, Diagnostics>;

    /// Ends what the client waits for: Terraform was interrupted. Calls under way go on to
    /// their end, so that what they changed is known.
    fn stop(&self, client: &Self::Client);

    /// The resources.
    fn resources(&self) -> Vec<Box<dyn DynResource<Self::Client>>>;

    /// The data sources.
    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Self::Client>>>;

    /// The functions.
    fn functions(&self) -> Vec<Box<dyn Function>> {
        Vec::new()
    }

    /// The actions.
    fn actions(&self) -> Vec<Box<dyn DynAction<Self::Client>>> {
        Vec::new()
    }

    /// The list resources. Each has the type name of a resource with an identity.
    fn list_resources(&self) -> Vec<Box<dyn DynListResource<Self::Client>>> {
        Vec::new()
    }
}

/// A configured provider.
pub struct Configured<C> {
    /// The client, or why there is none yet: the provider block is not known. Reported to whatever
    /// needs the client and cannot be deferred.
    pub client: Result<C, Diagnostics>,
    /// What attributes that follow the provider block are planned as.
    pub defaults: ProviderDefaults,
}
