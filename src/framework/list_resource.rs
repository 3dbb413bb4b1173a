//! [`ListResource`]: finds existing objects; and its erased twin for the server.

use async_trait::async_trait;
use futures_util::{StreamExt, stream::BoxStream};

use super::{
    declaration::{Declaration, Role},
    diagnostics::Diagnostics,
    model::Model,
    schema::Schema,
    value::Object,
};

/// Lists the objects of a managed resource that has an identity.
pub trait ListResource: Send + Sync + 'static {
    /// What the provider block was made into.
    type Client: Send + Sync + 'static;
    /// What the configuration says; everything in it is known.
    type Config: Model + Send;
    /// What Terraform stores of the resource.
    type State: Model + Send + 'static;

    /// As in HCL, and as the managed resource: `realtimekit_webhook`.
    fn type_name(&self) -> &'static str;

    /// The attributes of the block `config`. Those that follow the provider block may.
    fn schema(&self) -> Schema;

    /// Checks attributes against each other; each on its own is checked by the schema.
    fn validate(&self, _config: &Object) -> Diagnostics {
        Diagnostics::new()
    }

    /// Finds the objects, in an order that stays the same while they do. The caller may
    /// have enough before the end: then the rest of the stream is never polled.
    /// An error means that they could not be listed; one in the stream ends it.
    fn list(
        &self,
        client: &Self::Client,
        config: Self::Config,
    ) -> impl Future<Output = Result<ListResultStream<Self::State>, Diagnostics>> + Send;
}

/// What was found, one by one.
pub type ListResultStream<S> = BoxStream<'static, Result<ListResult<S>, Diagnostics>>;

/// One object that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListResult<S> {
    /// What people call it.
    pub display_name: String,
    /// As an import would store it; its identity is a part of that.
    pub state: S,
}

/// A [`ListResource`] without its types: what the server keeps a list of.
#[async_trait]
#[expect(missing_docs, reason = "each method is the one of `ListResource`")]
pub trait DynListResource<C>: Send + Sync {
    fn declaration(&self) -> Declaration;
    fn validate(&self, config: &Object) -> Diagnostics;
    async fn list(
        &self,
        client: &C,
        config: Object,
    ) -> Result<ListResultStream<Object>, Diagnostics>;
}

#[async_trait]
impl<L: ListResource> DynListResource<L::Client> for L {
    fn declaration(&self) -> Declaration {
        let declared = Declaration::new(self.type_name(), self.schema().never_stored());
        declared
            .model::<L::Config>(Role::Config)
            .model::<L::State>(Role::ListedState)
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        ListResource::validate(self, config)
    }

    async fn list(
        &self,
        client: &L::Client,
        config: Object,
    ) -> Result<ListResultStream<Object>, Diagnostics> {
        let listed = ListResource::list(self, client, L::Config::from_object(config)?).await?;
        let erase = |ListResult {
                         display_name,
                         state,
                     }: ListResult<L::State>| ListResult {
            display_name,
            state: state.into_object(),
        };
        Ok(listed.map(move |listed| listed.map(erase)).boxed())
    }
}
