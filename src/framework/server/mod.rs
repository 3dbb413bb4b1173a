//! [`ProviderServer`]: the one place that knows messages *and* framework types.
//!
//! One method for each call: convert, find, call, convert. Here is the list of them; what they
//! do is beside, by what they are about. Calls that are not here answer `Unimplemented` by their
//! generated stubs; Terraform makes them only to providers that
//! announce what they are for (protocol: tfplugin6.proto).

mod actions;
#[cfg(test)]
pub(super) mod arbitrary;
mod codec_error;
mod config_generation;
mod data_sources;
mod deferral;
mod described;
mod from_proto;
mod functions;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod identity;
mod json;
mod list_resources;
mod moves;
mod msgpack;
mod provider;
mod resources;
mod respond;
mod to_proto;
mod type_constraint;
mod upgrades;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use tonic::{Request, Response, Status};

use self::{
    actions::ActionEntry, described::Described, functions::Declared, identity::Identified,
    respond::respond,
};
use super::{
    data_source::DynDataSource,
    diagnostics::Diagnostics,
    list_resource::DynListResource,
    provider::{Configured, Provider},
    resource::DynResource,
};
use crate::proto::tfplugin6::{
    apply_resource_change, call_function, configure_provider, generate_resource_config,
    get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas,
    import_resource_state, invoke_action, list_resource, move_resource_state, plan_action,
    plan_resource_change, provider_server, read_data_source, read_resource, stop_provider,
    upgrade_resource_identity, upgrade_resource_state, validate_action_config,
    validate_data_resource_config, validate_list_resource_config, validate_provider_config,
    validate_resource_config,
};

/// Serves a [`Provider`] to Terraform.
pub struct ProviderServer<P: Provider> {
    provider: P,
    schema: Described,
    resources: BTreeMap<&'static str, Entry<dyn DynResource<P::Client>>>,
    /// Of those resources that have one.
    identities: BTreeMap<&'static str, Identified>,
    data_sources: BTreeMap<&'static str, Entry<dyn DynDataSource<P::Client>>>,
    functions: BTreeMap<&'static str, Declared>,
    /// Shared with the invocations under way, which may outlive their calls.
    actions: BTreeMap<&'static str, Arc<ActionEntry<P::Client>>>,
    list_resources: BTreeMap<&'static str, Entry<dyn DynListResource<P::Client>>>,
    /// Made anew by each `ConfigureProvider`: in debug mode there are many in one process.
    configured: RwLock<Option<Arc<Configured<P::Client>>>>,
}

/// A resource, data source, list resource or action, with what its schema says.
struct Entry<T: ?Sized> {
    item: Box<T>,
    described: Described,
}

impl<P: Provider> ProviderServer<P> {
    /// A server that is ready to be asked for its schema.
    pub fn new(provider: P) -> Self {
        let identities = provider
            .resources()
            .into_iter()
            .filter_map(|item| Some((item.type_name(), item.identity()?.into())));
        let resources = provider.resources().into_iter().map(|item| {
            let described = item.schema().into();
            (item.type_name(), Entry { item, described })
        });
        let data_sources = provider.data_sources().into_iter().map(|item| {
            let described = item.schema().into();
            (item.type_name(), Entry { item, described })
        });
        let functions = provider.functions().into_iter();
        let functions = functions.map(|function| (function.name(), function.into()));
        let actions = provider.actions().into_iter().map(|item| {
            let described = item.schema().into();
            (item.type_name(), Arc::new(Entry { item, described }))
        });
        let list_resources = provider.list_resources().into_iter().map(|item| {
            let described = item.schema().into();
            (item.type_name(), Entry { item, described })
        });
        Self {
            schema: provider.schema().into(),
            resources: table(resources),
            identities: table(identities),
            data_sources: table(data_sources),
            functions: table(functions),
            actions: table(actions),
            list_resources: table(list_resources),
            configured: RwLock::new(None),
            provider,
        }
    }

    fn resource(&self, name: &str) -> Result<&Entry<dyn DynResource<P::Client>>, Diagnostics> {
        self.resources
            .get(name)
            .ok_or_else(|| unsupported("resource", name))
    }

    fn data_source(&self, name: &str) -> Result<&Entry<dyn DynDataSource<P::Client>>, Diagnostics> {
        self.data_sources
            .get(name)
            .ok_or_else(|| unsupported("data source", name))
    }

    fn list_resource(
        &self,
        name: &str,
    ) -> Result<&Entry<dyn DynListResource<P::Client>>, Diagnostics> {
        self.list_resources
            .get(name)
            .ok_or_else(|| unsupported("list resource", name))
    }

    fn configured(&self) -> Result<Arc<Configured<P::Client>>, Diagnostics> {
        let configured = self
            .configured
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        configured.clone().ok_or_else(|| {
            Diagnostics::error(
                "Provider Not Configured",
                "Terraform asked for an operation before it configured the provider. This is a \
                 bug in Terraform.",
            )
        })
    }
}

/// Collecting would sort first, by code of its own for each type: 4 KB of the program.
fn table<T>(entries: impl IntoIterator<Item = (&'static str, T)>) -> BTreeMap<&'static str, T> {
    let mut table = BTreeMap::new();
    table.extend(entries);
    table
}

fn unsupported(what: &str, name: &str) -> Diagnostics {
    Diagnostics::error(
        format!("Unsupported {what}"),
        format!("This version of the provider has no {what} {name:?}."),
    )
}

#[tonic::async_trait]
impl<P: Provider> provider_server::Provider for ProviderServer<P> {
    async fn get_metadata(
        &self,
        _: Request<get_metadata::Request>,
    ) -> Result<Response<get_metadata::Response>, Status> {
        respond("GetMetadata", "", async { Ok(self.metadata()) }).await
    }

    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        respond("GetProviderSchema", "", async { Ok(self.schemas()) }).await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<get_resource_identity_schemas::Request>,
    ) -> Result<Response<get_resource_identity_schemas::Response>, Status> {
        respond("GetResourceIdentitySchemas", "", async {
            Ok(self.identity_schemas())
        })
        .await
    }

    async fn get_functions(
        &self,
        _: Request<get_functions::Request>,
    ) -> Result<Response<get_functions::Response>, Status> {
        respond("GetFunctions", "", async { Ok(self.declared_functions()) }).await
    }

    async fn call_function(
        &self,
        request: Request<call_function::Request>,
    ) -> Result<Response<call_function::Response>, Status> {
        self.call(request.get_ref())
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Result<Response<validate_provider_config::Response>, Status> {
        respond(
            "ValidateProviderConfig",
            "",
            self.validate_provider(request.into_inner()),
        )
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Result<Response<configure_provider::Response>, Status> {
        respond(
            "ConfigureProvider",
            "",
            self.configure(request.into_inner()),
        )
        .await
    }

    async fn stop_provider(
        &self,
        _: Request<stop_provider::Request>,
    ) -> Result<Response<stop_provider::Response>, Status> {
        self.stop();
        Ok(Response::new(stop_provider::Response::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<validate_resource_config::Request>,
    ) -> Result<Response<validate_resource_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond(
            "ValidateResourceConfig",
            &type_name,
            self.validate_resource(request),
        )
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Result<Response<upgrade_resource_state::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond(
            "UpgradeResourceState",
            &type_name,
            self.upgrade_state(request),
        )
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<upgrade_resource_identity::Request>,
    ) -> Result<Response<upgrade_resource_identity::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond(
            "UpgradeResourceIdentity",
            &type_name,
            self.upgrade_identity(request),
        )
        .await
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Result<Response<read_resource::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond("ReadResource", &type_name, self.read(request)).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Result<Response<plan_resource_change::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond("PlanResourceChange", &type_name, self.plan(request)).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Result<Response<apply_resource_change::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond("ApplyResourceChange", &type_name, self.apply(request)).await
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Result<Response<import_resource_state::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond("ImportResourceState", &type_name, self.import(request)).await
    }

    async fn move_resource_state(
        &self,
        request: Request<move_resource_state::Request>,
    ) -> Result<Response<move_resource_state::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.target_type_name.clone();
        respond("MoveResourceState", &type_name, self.move_state(request)).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<generate_resource_config::Request>,
    ) -> Result<Response<generate_resource_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond(
            "GenerateResourceConfig",
            &type_name,
            self.generate_config(request),
        )
        .await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<validate_list_resource_config::Request>,
    ) -> Result<Response<validate_list_resource_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond(
            "ValidateListResourceConfig",
            &type_name,
            self.validate_list(request),
        )
        .await
    }

    async fn list_resource(
        &self,
        request: Request<list_resource::Request>,
    ) -> Result<Response<list_resources::Events>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await))
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Result<Response<validate_data_resource_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond(
            "ValidateDataResourceConfig",
            &type_name,
            self.validate_data_source(request),
        )
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Result<Response<read_data_source::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond("ReadDataSource", &type_name, self.look_up(request)).await
    }

    async fn validate_action_config(
        &self,
        request: Request<validate_action_config::Request>,
    ) -> Result<Response<validate_action_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        respond(
            "ValidateActionConfig",
            &type_name,
            self.validate_action(request),
        )
        .await
    }

    async fn plan_action(
        &self,
        request: Request<plan_action::Request>,
    ) -> Result<Response<plan_action::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.action_type.clone();
        respond("PlanAction", &type_name, self.plan_action(request)).await
    }

    async fn invoke_action(
        &self,
        request: Request<invoke_action::Request>,
    ) -> Result<Response<actions::Events>, Status> {
        Ok(Response::new(self.invoke(request.into_inner())))
    }
}
