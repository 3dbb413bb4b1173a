//! The provider block, and what the provider offers.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, PoisonError, atomic::Ordering},
};

use super::{
    deferral::offers_deferrals_by_mistake,
    registry::{Entries, ProviderServer},
    wire::to_proto,
};
use crate::framework::{
    Diagnostics, Model, Provider,
    plan::apply_defaults,
    schema::{ProviderDefaults, Schema},
};
use crate::proto::tfplugin6::{
    self as proto, configure_provider,
    get_metadata::{
        self, ActionMetadata, DataSourceMetadata, FunctionMetadata, ListResourceMetadata,
        ResourceMetadata,
    },
    get_provider_schema, validate_provider_config,
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
        Ok(get_metadata::Response {
            server_capabilities: Some(Self::capabilities()),
            resources: named(&self.resources, |type_name| ResourceMetadata { type_name }),
            data_sources: named(&self.data_sources, |type_name| DataSourceMetadata {
                type_name,
            }),
            functions: named(&self.functions, |name| FunctionMetadata { name }),
            actions: named(&self.actions, |type_name| ActionMetadata { type_name }),
            list_resources: named(&self.list_resources, |type_name| ListResourceMetadata {
                type_name,
            }),
            ..Default::default()
        })
    }

    pub(super) async fn get_provider_schema(
        &self,
        _: get_provider_schema::Request,
    ) -> Result<get_provider_schema::Response, Diagnostics> {
        Ok(get_provider_schema::Response {
            provider: Some(to_proto::schema(&self.codec.schema)),
            resource_schemas: schemas(&self.resources, to_proto::schema),
            data_source_schemas: schemas(&self.data_sources, to_proto::schema),
            functions: self.function_declarations(),
            action_schemas: schemas(&self.actions, to_proto::action_schema),
            list_resource_schemas: schemas(&self.list_resources, to_proto::schema),
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

/// A message for each item, made from its name.
fn named<T, M>(table: &BTreeMap<&'static str, T>, message: fn(String) -> M) -> Vec<M> {
    let names = table.keys().map(|name| (*name).to_owned());
    names.map(message).collect()
}

/// The schema of each item, by its name.
fn schemas<T: ?Sized, M>(entries: &Entries<T>, message: fn(&Schema) -> M) -> HashMap<String, M> {
    let schemas = entries.iter();
    schemas
        .map(|(name, entry)| ((*name).to_owned(), message(&entry.codec.schema)))
        .collect()
}
