//! The provider block, and what the provider offers.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::{Arc, PoisonError, atomic::Ordering},
};

use super::{deferral::offers_deferrals_by_mistake, registry::ProviderServer, wire::to_proto};
use crate::framework::{
    Diagnostics, Model, Provider, plan::apply_defaults, schema::ProviderDefaults,
};
use crate::proto::tfplugin6::{
    self as proto, configure_provider,
    get_metadata::{
        self, ActionMetadata, DataSourceMetadata, FunctionMetadata, ListResourceMetadata,
        ResourceMetadata,
    },
    get_provider_schema, get_resource_identity_schemas, validate_provider_config,
};

impl<P: Provider> ProviderServer<P> {
    fn capabilities() -> proto::ServerCapabilities {
        proto::ServerCapabilities {
            plan_destroy: true,
            get_provider_schema_optional: true,
            move_resource_state: true,
            generate_resource_config: true,
        }
    }

    pub(super) async fn get_metadata(
        &self,
        _: get_metadata::Request,
    ) -> Result<get_metadata::Response, Diagnostics> {
        let functions = self.functions.keys().map(|name| (*name).to_owned());
        Ok(get_metadata::Response {
            server_capabilities: Some(Self::capabilities()),
            resources: self
                .resources
                .named(|type_name| ResourceMetadata { type_name }),
            data_sources: self
                .data_sources
                .named(|type_name| DataSourceMetadata { type_name }),
            functions: functions.map(|name| FunctionMetadata { name }).collect(),
            actions: self.actions.named(|type_name| ActionMetadata { type_name }),
            list_resources: self
                .list_resources
                .named(|type_name| ListResourceMetadata { type_name }),
            ..Default::default()
        })
    }

    pub(super) async fn get_provider_schema(
        &self,
        _: get_provider_schema::Request,
    ) -> Result<get_provider_schema::Response, Diagnostics> {
        Ok(get_provider_schema::Response {
            provider: Some(to_proto::schema(&self.codec.schema)),
            resource_schemas: self.resources.schemas(to_proto::schema),
            data_source_schemas: self.data_sources.schemas(to_proto::schema),
            functions: self.function_declarations(),
            action_schemas: self.actions.schemas(|config| proto::ActionSchema {
                schema: Some(to_proto::schema(config)),
            }),
            list_resource_schemas: self.list_resources.schemas(to_proto::schema),
            server_capabilities: Some(Self::capabilities()),
            ..Default::default()
        })
    }

    pub(super) async fn get_resource_identity_schemas(
        &self,
        _: get_resource_identity_schemas::Request,
    ) -> Result<get_resource_identity_schemas::Response, Diagnostics> {
        let resources = self.resources.iter();
        let identified = resources.filter(|(_, entry)| entry.identity.exists());
        let schemas = identified
            .map(|(name, entry)| (name, to_proto::identity_schema(&entry.identity.schema)));
        Ok(get_resource_identity_schemas::Response {
            identity_schemas: schemas.collect(),
            ..Default::default()
        })
    }

    pub(super) async fn validate_provider_config(
        &self,
        request: validate_provider_config::Request,
    ) -> Result<validate_provider_config::Response, Diagnostics> {
        let config = self.codec.read_config(request.config.as_ref())?;
        let diagnostics = to_proto::diagnostics(self.codec.validate(&config));
        Ok(validate_provider_config::Response { diagnostics })
    }

    /// A process started by hand serves every configuration of the provider, such as two aliases,
    /// and knows only the last one.
    fn warn_of_other_config(&self, config: Option<&proto::DynamicValue>) {
        let config = config.map(|config| (&config.msgpack, &config.json));
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(config);
        let last = self.last_config.swap(hash, Ordering::Relaxed);
        if last != 0 && last != hash {
            tracing::warn!(
                "the provider was configured again with other settings, which apply to all resources \
                 from now on: with --debug one process serves one configuration, so do not use it \
                 with provider aliases that differ"
            );
        }
    }

    pub(super) async fn configure_provider(
        &self,
        request: configure_provider::Request,
    ) -> Result<configure_provider::Response, Diagnostics> {
        let version = request.terraform_version.as_str();
        let cannot_defer = offers_deferrals_by_mistake(version);
        self.cannot_defer.store(cannot_defer, Ordering::Relaxed);
        self.warn_of_other_config(request.config.as_ref());
        let config = self.codec.read_config(request.config.as_ref())?;
        let attributes = &self.codec.schema.attributes;
        let config = apply_defaults(attributes, &ProviderDefaults::new(), config)?;
        let configured = self
            .provider
            .configure(P::Config::from_object(config)?, version)?;
        let mut current = self
            .configured
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::new(configured));
        Ok(configure_provider::Response::default())
    }

    pub(super) fn stop(&self) {
        tracing::info!("Terraform was interrupted; waiting for the calls under way");
        if let Ok(configured) = self.configured()
            && let Ok(client) = &configured.client
        {
            self.provider.stop(client);
        }
    }
}
