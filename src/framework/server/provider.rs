//! The provider block, and what the provider offers.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError, atomic::Ordering};

use super::{deferral::offers_deferrals_by_mistake, registry::ProviderServer, wire::to_proto};
use crate::framework::{
    Diagnostics, Model, Provider, plan::apply_defaults, schema::ProviderDefaults,
};
use crate::proto::tfplugin6::{
    self as proto, configure_provider, get_metadata, get_provider_schema, validate_provider_config,
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
        let resources = self.resources.keys();
        let data_sources = self.data_sources.keys();
        let functions = self.functions.keys();
        let actions = self.actions.keys();
        let list_resources = self.list_resources.keys();
        Ok(get_metadata::Response {
            server_capabilities: Some(Self::capabilities()),
            resources: resources
                .map(|name| get_metadata::ResourceMetadata {
                    type_name: (*name).to_owned(),
                })
                .collect(),
            data_sources: data_sources
                .map(|name| get_metadata::DataSourceMetadata {
                    type_name: (*name).to_owned(),
                })
                .collect(),
            functions: functions
                .map(|name| get_metadata::FunctionMetadata {
                    name: (*name).to_owned(),
                })
                .collect(),
            actions: actions
                .map(|name| get_metadata::ActionMetadata {
                    type_name: (*name).to_owned(),
                })
                .collect(),
            list_resources: list_resources
                .map(|name| get_metadata::ListResourceMetadata {
                    type_name: (*name).to_owned(),
                })
                .collect(),
            ..Default::default()
        })
    }

    pub(super) async fn get_provider_schema(
        &self,
        _: get_provider_schema::Request,
    ) -> Result<get_provider_schema::Response, Diagnostics> {
        let resources = self
            .resources
            .iter()
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.codec.schema)));
        let data_sources = self
            .data_sources
            .iter()
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.codec.schema)));
        let actions = self.actions.iter().map(|(name, entry)| {
            (
                (*name).to_owned(),
                to_proto::action_schema(&entry.codec.schema),
            )
        });
        let list_resources = self
            .list_resources
            .iter()
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.codec.schema)));
        Ok(get_provider_schema::Response {
            provider: Some(to_proto::schema(&self.codec.schema)),
            resource_schemas: resources.collect(),
            data_source_schemas: data_sources.collect(),
            functions: self.function_declarations(),
            action_schemas: actions.collect(),
            list_resource_schemas: list_resources.collect(),
            server_capabilities: Some(Self::capabilities()),
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
        let mut hasher = DefaultHasher::new();
        config
            .map(|config| (&config.msgpack, &config.json))
            .hash(&mut hasher);
        let hash = hasher.finish();
        let mut last = self
            .last_config
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.replace(hash).is_some_and(|last| last != hash) {
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
        self.cannot_defer.store(
            offers_deferrals_by_mistake(&request.terraform_version),
            Ordering::Relaxed,
        );
        self.warn_of_other_config(request.config.as_ref());
        let config = self.codec.read_config(request.config.as_ref())?;
        let config = apply_defaults(
            &self.codec.schema.attributes,
            &ProviderDefaults::new(),
            config,
        )?;
        let config = P::Config::from_object(config)?;
        let configured = self
            .provider
            .configure(config, &request.terraform_version)?;
        *self
            .configured
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(configured));
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
