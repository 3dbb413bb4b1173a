//! [`ProviderServer`]: the one place that knows messages *and* framework types.
//!
//! One method for each call: convert, find, call, convert. Calls that are not here answer
//! `Unimplemented` by their generated stubs; Terraform makes them only to providers that
//! announce what they are for (protocol: tfplugin6.proto).

#[cfg(test)]
pub(super) mod arbitrary;
mod codec_error;
mod described;
mod from_proto;
mod json;
mod msgpack;
mod respond;
mod to_proto;
mod type_constraint;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use tonic::{Request, Response, Status};

use self::{described::Described, respond::respond};
use super::{
    conform::contradictions,
    data_source::DynDataSource,
    diagnostics::Diagnostics,
    model::Model,
    plan::{plan, settle},
    provider::{Configured, Provider},
    resource::{DynResource, Failure, PlannedChange},
};
use crate::proto::tfplugin6::{
    self as proto, apply_resource_change, configure_provider, get_functions, get_metadata,
    get_provider_schema, get_resource_identity_schemas, import_resource_state,
    plan_resource_change, provider_server, read_data_source, read_resource, stop_provider,
    upgrade_resource_state, validate_data_resource_config, validate_provider_config,
    validate_resource_config,
};

/// Serves a [`Provider`] to Terraform.
pub struct ProviderServer<P: Provider> {
    provider: P,
    schema: Described,
    resources: BTreeMap<&'static str, Entry<dyn DynResource<P::Client>>>,
    data_sources: BTreeMap<&'static str, Entry<dyn DynDataSource<P::Client>>>,
    /// Made anew by each `ConfigureProvider`: in debug mode there are many in one process.
    configured: RwLock<Option<Arc<Configured<P::Client>>>>,
}

/// A resource or data source, with what its schema says.
struct Entry<T: ?Sized> {
    item: Box<T>,
    described: Described,
}

impl<P: Provider> ProviderServer<P> {
    /// A server that is ready to be asked for its schema.
    pub fn new(provider: P) -> Self {
        let resources = provider.resources().into_iter().map(|item| {
            let described = item.schema().into();
            (item.type_name(), Entry { item, described })
        });
        let data_sources = provider.data_sources().into_iter().map(|item| {
            let described = item.schema().into();
            (item.type_name(), Entry { item, described })
        });
        Self {
            schema: provider.schema().into(),
            resources: resources.collect(),
            data_sources: data_sources.collect(),
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

    async fn apply(
        &self,
        request: apply_resource_change::Request,
    ) -> Result<apply_resource_change::Response, Diagnostics> {
        let Entry { item, described } = self.resource(&request.type_name)?;
        let configured = self.configured()?;
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let prior = described.read(request.prior_state.as_ref())?;
        let planned = described.read(request.planned_state.as_ref())?;
        let outcome = match (prior.clone(), planned.clone()) {
            (None, Some(planned)) => item.create(client, planned).await.map(Some),
            (Some(prior), Some(planned)) => item.update(client, prior, planned).await.map(Some),
            (Some(prior), None) => item
                .delete(client, prior)
                .await
                .map(|()| None)
                .map_err(Failure::from),
            (None, None) => Ok(None),
        };
        let (state, diagnostics) = match outcome {
            Ok(state) => {
                let attributes = &described.schema.attributes;
                let both = planned.as_ref().zip(state.as_ref());
                let found = both.map(|(planned, state)| contradictions(attributes, planned, state));
                (state, found.unwrap_or_default())
            }
            // Without a new state, all is as before: null says that there is nothing.
            Err(failure) => (failure.state.or(prior), failure.diagnostics),
        };
        Ok(apply_resource_change::Response {
            new_state: Some(described.write(state)?),
            private: request.planned_private,
            diagnostics: to_proto::diagnostics(diagnostics),
            ..Default::default()
        })
    }

    async fn plan(
        &self,
        request: plan_resource_change::Request,
    ) -> Result<plan_resource_change::Response, Diagnostics> {
        let Entry { item, described } = self.resource(&request.type_name)?;
        let mut response = plan_resource_change::Response {
            planned_private: request.prior_private,
            ..Default::default()
        };
        let Some(proposed) = described.read(request.proposed_new_state.as_ref())? else {
            response.planned_state = Some(described.write(None)?);
            return Ok(response);
        };
        let config = described.read_config(request.config.as_ref())?;
        let prior = described.read(request.prior_state.as_ref())?;
        let attributes = &described.schema.attributes;
        let configured = self.configured()?;
        let plan = plan(
            attributes,
            &configured.defaults,
            prior.as_ref(),
            proposed,
            &config,
        )?;
        if let Ok(client) = &configured.client {
            let change = PlannedChange {
                prior: prior.as_ref(),
                planned: &plan.planned,
                to_be_replaced: !plan.requires_replace.is_empty(),
            };
            response.diagnostics = to_proto::diagnostics(item.review(client, change).await);
        }
        response.planned_state = Some(described.write(Some(plan.planned))?);
        let paths = plan
            .requires_replace
            .into_iter()
            .map(to_proto::attribute_path);
        response.requires_replace = paths.collect();
        Ok(response)
    }

    fn capabilities() -> proto::ServerCapabilities {
        proto::ServerCapabilities {
            plan_destroy: true,
            get_provider_schema_optional: true,
            move_resource_state: false,
            generate_resource_config: false,
        }
    }
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
        let resources = self.resources.keys();
        let data_sources = self.data_sources.keys();
        let metadata = get_metadata::Response {
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
            ..Default::default()
        };
        respond("GetMetadata", "", async { Ok(metadata) }).await
    }

    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        respond("GetProviderSchema", "", async {
            let resources = self.resources.iter().map(|(name, entry)| {
                (
                    (*name).to_owned(),
                    to_proto::schema(&entry.described.schema),
                )
            });
            let data_sources = self.data_sources.iter().map(|(name, entry)| {
                (
                    (*name).to_owned(),
                    to_proto::schema(&entry.described.schema),
                )
            });
            Ok(get_provider_schema::Response {
                provider: Some(to_proto::schema(&self.schema.schema)),
                resource_schemas: resources.collect(),
                data_source_schemas: data_sources.collect(),
                server_capabilities: Some(Self::capabilities()),
                ..Default::default()
            })
        })
        .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<get_resource_identity_schemas::Request>,
    ) -> Result<Response<get_resource_identity_schemas::Response>, Status> {
        respond("GetResourceIdentitySchemas", "", async {
            Ok(Default::default())
        })
        .await
    }

    async fn get_functions(
        &self,
        _: Request<get_functions::Request>,
    ) -> Result<Response<get_functions::Response>, Status> {
        Ok(Response::new(get_functions::Response::default()))
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Result<Response<validate_provider_config::Response>, Status> {
        let request = request.into_inner();
        respond("ValidateProviderConfig", "", async {
            let config = self.schema.read_config(request.config.as_ref())?;
            let diagnostics = to_proto::diagnostics(self.schema.validate(&config));
            Ok(validate_provider_config::Response { diagnostics })
        })
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Result<Response<configure_provider::Response>, Status> {
        let request = request.into_inner();
        respond("ConfigureProvider", "", async {
            let config = self.schema.read_config(request.config.as_ref())?;
            let config = P::Config::from_object(config)?;
            let configured = self
                .provider
                .configure(config, &request.terraform_version)?;
            *self
                .configured
                .write()
                .unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(configured));
            Ok(configure_provider::Response::default())
        })
        .await
    }

    async fn stop_provider(
        &self,
        _: Request<stop_provider::Request>,
    ) -> Result<Response<stop_provider::Response>, Status> {
        tracing::info!("Terraform was interrupted; waiting for the calls under way");
        if let Ok(configured) = self.configured()
            && let Ok(client) = &configured.client
        {
            self.provider.stop(client);
        }
        Ok(Response::new(stop_provider::Response::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<validate_resource_config::Request>,
    ) -> Result<Response<validate_resource_config::Response>, Status> {
        let request = request.into_inner();
        respond("ValidateResourceConfig", &request.type_name, async {
            let described = &self.resource(&request.type_name)?.described;
            let config = described.read_config(request.config.as_ref())?;
            let diagnostics = to_proto::diagnostics(described.validate(&config));
            Ok(validate_resource_config::Response { diagnostics })
        })
        .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Result<Response<validate_data_resource_config::Response>, Status> {
        let request = request.into_inner();
        respond("ValidateDataResourceConfig", &request.type_name, async {
            let Entry { item, described } = self.data_source(&request.type_name)?;
            let config = described.read_config(request.config.as_ref())?;
            let mut found = described.validate(&config);
            found.extend(item.validate(&config));
            let diagnostics = to_proto::diagnostics(found);
            Ok(validate_data_resource_config::Response { diagnostics })
        })
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Result<Response<upgrade_resource_state::Response>, Status> {
        let request = request.into_inner();
        respond("UpgradeResourceState", &request.type_name, async {
            let described = &self.resource(&request.type_name)?.described;
            let state = described.read_stored(request.raw_state.as_ref())?;
            let upgraded_state = Some(described.write(state)?);
            Ok(upgrade_resource_state::Response {
                upgraded_state,
                ..Default::default()
            })
        })
        .await
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Result<Response<read_resource::Response>, Status> {
        let request = request.into_inner();
        respond("ReadResource", &request.type_name, async {
            let Entry { item, described } = self.resource(&request.type_name)?;
            let state = match described.read(request.current_state.as_ref())? {
                Some(state) => {
                    let configured = self.configured()?;
                    let client = configured.client.as_ref().map_err(Clone::clone)?;
                    item.read(client, state).await?
                }
                None => None,
            };
            Ok(read_resource::Response {
                new_state: Some(described.write(state)?),
                private: request.private,
                ..Default::default()
            })
        })
        .await
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
        respond("ImportResourceState", &request.type_name, async {
            let Entry { item, described } = self.resource(&request.type_name)?;
            let configured = self.configured()?;
            let client = configured.client.as_ref().map_err(Clone::clone)?;
            let state = item
                .import(client, &configured.defaults, &request.id)
                .await?;
            let imported = import_resource_state::ImportedResource {
                type_name: request.type_name.clone(),
                state: Some(described.write(Some(state))?),
                ..Default::default()
            };
            Ok(import_resource_state::Response {
                imported_resources: vec![imported],
                ..Default::default()
            })
        })
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Result<Response<read_data_source::Response>, Status> {
        let request = request.into_inner();
        respond("ReadDataSource", &request.type_name, async {
            let Entry { item, described } = self.data_source(&request.type_name)?;
            let config = described.read_config(request.config.as_ref())?;
            let configured = self.configured()?;
            let client = configured.client.as_ref().map_err(Clone::clone)?;
            let config = settle(&described.schema.attributes, &configured.defaults, config)?;
            let state = Some(described.write(Some(item.read(client, config).await?))?);
            Ok(read_data_source::Response {
                state,
                ..Default::default()
            })
        })
        .await
    }
}
