//! [`DataSource`]: something that Terraform looks up; and its erased twin for the server.

use async_trait::async_trait;

use super::{
    declarations::{Role, mismatches, require_whole_numbers},
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
    fn validate(&self, config: &Object) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Looks it up.
    ///
    /// # Errors
    /// It was not found, or could not be looked up.
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
    fn type_name(&self) -> &'static str;
    fn schema(&self) -> Schema;
    fn mismatches(&self) -> Vec<String>;
    fn validate(&self, config: &Object) -> Diagnostics;
    async fn read(&self, client: &C, config: Object) -> Result<WithWarnings<Object>, Diagnostics>;
}

#[async_trait]
impl<D: DataSource> DynDataSource<D::Client> for D {
    fn type_name(&self) -> &'static str {
        DataSource::type_name(self)
    }

    fn schema(&self) -> Schema {
        let mut schema = DataSource::schema(self);
        require_whole_numbers::<D::Config>(&mut schema.attributes);
        schema
    }

    fn mismatches(&self) -> Vec<String> {
        let attributes = DataSource::schema(self).attributes;
        let mut found = mismatches::<D::Config>(Role::Query, &attributes);
        found.extend(mismatches::<D::State>(Role::State, &attributes));
        found
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        DataSource::validate(self, config)
    }

    async fn read(
        &self,
        client: &D::Client,
        config: Object,
    ) -> Result<WithWarnings<Object>, Diagnostics> {
        let config = D::Config::from_object(config)?;
        let found = DataSource::read(self, client, config).await?;
        Ok(found.map(Model::into_object))
    }
}
