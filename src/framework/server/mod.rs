//! The provider's gRPC service: the one place that knows messages *and* framework types.
//!
//! The table below lists the RPCs. The handler of an RPC is the method of [`ProviderServer`] with
//! the same name, in the file of what it is about. RPCs that are not listed are answered
//! `Unimplemented` by their generated stubs; Terraform calls them only if the provider announces
//! the feature (protocol: tfplugin6.proto).

mod actions;
mod data_sources;
mod deferral;
mod functions;
mod handler;
mod identity;
mod list_resources;
mod provider;
mod registry;
mod resources;
mod schema_codec;
mod stored_states;
mod wire;

use tonic::{Request, Response, Status};

use self::{
    handler::{HasDiagnostics, run_handler},
    wire::to_proto,
};
use super::{diagnostics::Diagnostics, provider::Provider};
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
/// A row is the RPC's method and name, and, if the call is not about the provider, the field of log
/// records and the one of the request with the name of what it is about.
macro_rules! service {
    (
        $($rpc:ident: $name:literal $(, $subject:ident = $field:ident)?;)+
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
                let subject = [$((stringify!($subject), request.$field.as_str()))?];
                let span = handler::span($name, subject.first().copied());
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
    get_metadata: "GetMetadata";
    get_provider_schema: "GetProviderSchema";
    get_resource_identity_schemas: "GetResourceIdentitySchemas";
    get_functions: "GetFunctions";
    validate_provider_config: "ValidateProviderConfig";
    configure_provider: "ConfigureProvider";
    validate_resource_config: "ValidateResourceConfig", tf_resource_type = type_name;
    upgrade_resource_state: "UpgradeResourceState", tf_resource_type = type_name;
    upgrade_resource_identity: "UpgradeResourceIdentity", tf_resource_type = type_name;
    read_resource: "ReadResource", tf_resource_type = type_name;
    plan_resource_change: "PlanResourceChange", tf_resource_type = type_name;
    apply_resource_change: "ApplyResourceChange", tf_resource_type = type_name;
    import_resource_state: "ImportResourceState", tf_resource_type = type_name;
    move_resource_state: "MoveResourceState", tf_resource_type = target_type_name;
    generate_resource_config: "GenerateResourceConfig", tf_resource_type = type_name;
    validate_data_resource_config: "ValidateDataResourceConfig", tf_data_source_type = type_name;
    read_data_source: "ReadDataSource", tf_data_source_type = type_name;
    validate_list_resource_config: "ValidateListResourceConfig", tf_list_resource_type = type_name;
    validate_action_config: "ValidateActionConfig", tf_action_type = type_name;
    plan_action: "PlanAction", tf_action_type = action_type;
}

/// Implements the RPCs that validate a configuration, each by the items of its kind.
macro_rules! validation {
    ($($rpc:ident: $items:ident;)+) => {
        impl<P: Provider> ProviderServer<P> {
            $(async fn $rpc(
                &self,
                request: $rpc::Request,
            ) -> Result<$rpc::Response, Diagnostics> {
                let entry = self.$items.find(&request.type_name)?;
                let config = entry.codec.read_config(request.config.as_ref())?;
                let mut found = entry.codec.validate(&config);
                found.extend(entry.item.validate(&config));
                let diagnostics = to_proto::diagnostics(found);
                Ok($rpc::Response { diagnostics })
            })+
        }
    };
}

validation! {
    validate_resource_config: resources;
    validate_data_resource_config: data_sources;
    validate_list_resource_config: list_resources;
    validate_action_config: actions;
}
