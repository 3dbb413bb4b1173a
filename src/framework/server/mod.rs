//! The provider's gRPC service: the one place that knows messages *and* framework types.
//!
//! The table below lists the RPCs. The handler of an RPC is the method of [`ProviderServer`] with
//! the same name, in the file of what it is about. RPCs that are not listed are answered
//! `Unimplemented` by their generated stubs; Terraform calls them only if the provider announces
//! the feature (protocol: tfplugin6.proto).

mod actions;
mod config_generation;
mod data_sources;
mod deferral;
mod functions;
mod handler;
mod identity;
mod list_resources;
mod provider;
mod registry;
mod resource_identity;
mod resources;
mod schema_codec;
mod state_move;
mod state_upgrade;
mod wire;

use tonic::{Request, Response, Status};

use self::handler::{HasDiagnostics, Subject, run_handler};
use super::provider::Provider;
use crate::proto::tfplugin6::{
    Diagnostic, apply_resource_change, call_function, configure_provider, generate_resource_config,
    get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas,
    import_resource_state, invoke_action, list_resource, move_resource_state, plan_action,
    plan_resource_change, provider_server, read_data_source, read_resource, stop_provider,
    upgrade_resource_identity, upgrade_resource_state, validate_action_config,
    validate_data_resource_config, validate_list_resource_config, validate_provider_config,
    validate_resource_config,
};

pub use self::registry::ProviderServer;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub use self::wire::fuzzing;

/// Implements the generated service: the RPCs of a table, and the four without diagnostics or with a
/// stream.
///
/// A row is the RPC's method and name, and what the call is about: the provider, or an item whose
/// type name is a field of the request.
macro_rules! service {
    (
        $($rpc:ident: $name:literal, $subject:ident $(($field:ident))?;)+
    ) => {
        $(impl HasDiagnostics for $rpc::Response {
            fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
                &mut self.diagnostics
            }
        })+

        #[tonic::async_trait]
        impl<P: Provider> provider_server::Provider for ProviderServer<P> {
            $(async fn $rpc(
                &self,
                request: Request<$rpc::Request>,
            ) -> Result<Response<$rpc::Response>, Status> {
                let request = request.into_inner();
                let span = handler::span($name, Subject::$subject $((&request.$field))?);
                Ok(Response::new(run_handler($name, span, ProviderServer::$rpc(self, request)).await))
            })+

            async fn stop_provider(
                &self,
                _: Request<stop_provider::Request>,
            ) -> Result<Response<stop_provider::Response>, Status> {
                self.stop();
                Ok(Response::new(stop_provider::Response::default()))
            }

            async fn call_function(
                &self,
                request: Request<call_function::Request>,
            ) -> Result<Response<call_function::Response>, Status> {
                Ok(Response::new(ProviderServer::call_function(self, request.get_ref())))
            }

            async fn list_resource(
                &self,
                request: Request<list_resource::Request>,
            ) -> Result<Response<list_resources::Events>, Status> {
                Ok(Response::new(ProviderServer::list_resource(self, request.into_inner()).await))
            }

            async fn invoke_action(
                &self,
                request: Request<invoke_action::Request>,
            ) -> Result<Response<actions::Events>, Status> {
                Ok(Response::new(ProviderServer::invoke_action(self, request.into_inner())))
            }
        }
    };
}

service! {
    get_metadata: "GetMetadata", Provider;
    get_provider_schema: "GetProviderSchema", Provider;
    get_resource_identity_schemas: "GetResourceIdentitySchemas", Provider;
    get_functions: "GetFunctions", Provider;
    validate_provider_config: "ValidateProviderConfig", Provider;
    configure_provider: "ConfigureProvider", Provider;
    validate_resource_config: "ValidateResourceConfig", Resource(type_name);
    upgrade_resource_state: "UpgradeResourceState", Resource(type_name);
    upgrade_resource_identity: "UpgradeResourceIdentity", Resource(type_name);
    read_resource: "ReadResource", Resource(type_name);
    plan_resource_change: "PlanResourceChange", Resource(type_name);
    apply_resource_change: "ApplyResourceChange", Resource(type_name);
    import_resource_state: "ImportResourceState", Resource(type_name);
    move_resource_state: "MoveResourceState", Resource(target_type_name);
    generate_resource_config: "GenerateResourceConfig", Resource(type_name);
    validate_data_resource_config: "ValidateDataResourceConfig", DataSource(type_name);
    read_data_source: "ReadDataSource", DataSource(type_name);
    validate_list_resource_config: "ValidateListResourceConfig", ListResource(type_name);
    validate_action_config: "ValidateActionConfig", Action(type_name);
    plan_action: "PlanAction", Action(action_type);
}
