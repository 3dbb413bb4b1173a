//! [`DataSource`]: something that Terraform looks up; and its erased twin for the server.

use async_trait::async_trait;

use super::{
    declaration::{Declaration, Role},
    diagnostics::{Diagnostics, WithWarnings},
    model::Model,
    schema::Schema,
    value::Object,
};

/// A data source.
pub trait DataSource: Send + Sync + 'static {
    /// What the provider block was made into.
    type Client: Send + Sync + 'static;
    /// What the configuration says; everything in it is known.
    type Config: Model + Send;
    /// What was found.
    type State: Model + Send;

    /// As in HCL: `realtimekit_webhook`.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// Checks attributes against each other; each on its own is checked by the schema.
    fn validate(&self, _config: &Object) -> Diagnostics {
        Diagnostics::new()
    }

    /// Looks it up; an error if it was not found, or could not be looked up.
    fn read(
        &self,
        client: &Self::Client,
        config: Self::Config,
    ) -> impl Future<Output = Result<WithWarnings<Self::State>, Diagnostics>> + Send;
}

/// A [`DataSource`] without its types: what the server keeps a list of.
#[async_trait]
#[expect(missing_docs, reason = "each method is the one of `DataSource`")]
pub trait DynDataSource<C>: Send + Sync {
    fn declaration(&self) -> Declaration;
    fn validate(&self, config: &Object) -> Diagnostics;
    async fn read(&self, client: &C, config: Object) -> Result<WithWarnings<Object>, Diagnostics>;
}

#[async_trait]
impl<D: DataSource> DynDataSource<D::Client> for D {
    fn declaration(&self) -> Declaration {
        let declared = Declaration::new(self.type_name(), self.schema());
        declared
            .model::<D::Config>(Role::Config)
            .model::<D::State>(Role::State)
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        DataSource::validate(self, config)
    }

    async fn read(
        &self,
        client: &D::Client,
        config: Object,
    ) -> Result<WithWarnings<Object>, Diagnostics> {
        let found = DataSource::read(self, client, D::Config::from_object(config)?).await?;
        Ok(found.map(Model::into_object))
    }
}
