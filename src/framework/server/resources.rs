//! Managed resources: read, plan, apply, import, generate.

use super::{
    deferral::{access, deferral},
    registry::{Entry, ProviderServer},
    wire::to_proto,
};
use crate::framework::{
    Diagnostics, PlannedChange, Provider, config_generation::configuration,
    consistency::inconsistencies, plan::plan, schema::ProviderDefaults,
};
use crate::proto::tfplugin6::{
    apply_resource_change, generate_resource_config, import_resource_state, plan_resource_change,
    read_resource,
};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn read_resource(
        &self,
        request: read_resource::Request,
    ) -> Result<read_resource::Response, Diagnostics> {
        let entry = self.resources.find(&request.type_name)?;
        let mut response = read_resource::Response {
            private: request.private,
            ..Default::default()
        };
        let stored = entry.identity.read(request.current_identity.as_ref())?;
        let mut state = entry.codec.read(request.current_state.as_ref())?;
        if let Some(known) = state.take() {
            let configured = self.configured()?;
            match access(&configured, self.may_defer(request.client_capabilities))? {
                Ok(client) => {
                    let read = entry.item.read(client, known).await?;
                    response.diagnostics = to_proto::diagnostics(read.warnings);
                    state = read.value;
                }
                Err(deferred) => {
                    response.deferred = Some(deferred);
                    state = Some(known);
                }
            }
        }
        let identity = entry
            .identity
            .ensure_unchanged(stored.as_ref(), state.as_ref())?;
        response.new_identity = entry.identity.write(identity)?;
        response.new_state = Some(entry.codec.write(state)?);
        Ok(response)
    }

    pub(super) async fn plan_resource_change(
        &self,
        request: plan_resource_change::Request,
    ) -> Result<plan_resource_change::Response, Diagnostics> {
        let entry = self.resources.find(&request.type_name)?;
        let Entry { item, codec, .. } = &**entry;
        let configured = self.configured()?;
        let stored = entry.identity.read(request.prior_identity.as_ref())?;
        let mut response = plan_resource_change::Response {
            planned_private: request.prior_private,
            deferred: deferral(&configured, self.may_defer(request.client_capabilities)),
            ..Default::default()
        };
        let proposed = codec.read(request.proposed_new_state.as_ref())?;
        let prior = codec.read(request.prior_state.as_ref())?;
        let Some(proposed) = proposed else {
            let identity = stored.or_else(|| entry.identity.of(prior.as_ref()));
            response.planned_identity = entry.identity.write(identity)?;
            response.planned_state = Some(codec.write(None)?);
            return Ok(response);
        };
        let config = codec.read_config(request.config.as_ref())?;
        let attributes = &codec.schema.attributes;
        let prior = prior.as_ref();
        let plan = plan(attributes, &configured.defaults, prior, proposed, &config)?;
        let identity = entry.identity.planned(stored, prior, &plan)?;
        response.planned_identity = entry.identity.write(identity)?;
        if let Ok(client) = &configured.client {
            let change = PlannedChange {
                prior,
                planned: &plan.planned,
                to_be_replaced: !plan.requires_replace.is_empty(),
            };
            response.diagnostics = to_proto::diagnostics(item.plan_warnings(client, change).await);
        }
        response.planned_state = Some(codec.write(Some(plan.planned))?);
        let paths = plan.requires_replace.into_iter();
        response.requires_replace = paths.map(to_proto::attribute_path).collect();
        Ok(response)
    }

    pub(super) async fn apply_resource_change(
        &self,
        request: apply_resource_change::Request,
    ) -> Result<apply_resource_change::Response, Diagnostics> {
        let entry = self.resources.find(&request.type_name)?;
        let Entry { item, codec, .. } = &**entry;
        let configured = self.configured()?;
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let prior = codec.read(request.prior_state.as_ref())?;
        let planned = codec.read(request.planned_state.as_ref())?;
        let stored = entry.identity.read(request.planned_identity.as_ref())?;
        // The identity of a creation was planned, not stored, and parts of it may be unknown.
        let stored = prior.as_ref().and(stored);
        let applied = item.apply(client, prior.clone(), planned.clone()).await;
        let (mut state, mut diagnostics) = match applied {
            Ok(applied) => (applied.value, applied.warnings),
            // Without a new state, the prior state is kept; a null state means that no object exists.
            Err(failure) => (failure.state.or_else(|| prior.clone()), failure.diagnostics),
        };
        if let Err(changed) = entry
            .identity
            .ensure_unchanged(stored.as_ref(), state.as_ref())
        {
            state = prior;
            diagnostics.extend(changed);
        } else if let (Some(planned), Some(state)) = (&planned, &state)
            && !diagnostics.has_error()
        {
            diagnostics.extend(inconsistencies(&codec.schema.attributes, planned, state));
        }
        let identity = entry
            .identity
            .of(state.as_ref())
            .map(|derived| stored.unwrap_or(derived));
        // The change is made: what cannot be written must not cost the rest of the state.
        let new_identity = entry.identity.write(identity).unwrap_or_else(|found| {
            diagnostics.extend(found);
            None
        });
        let (new_state, unwritable) = codec.write_state(state);
        diagnostics.extend(unwritable);
        Ok(apply_resource_change::Response {
            new_identity,
            new_state: Some(new_state),
            private: request.planned_private,
            diagnostics: to_proto::diagnostics(diagnostics),
            ..Default::default()
        })
    }

    /// Without an imported resource, Terraform plans to import it later.
    pub(super) async fn import_resource_state(
        &self,
        request: import_resource_state::Request,
    ) -> Result<import_resource_state::Response, Diagnostics> {
        let entry = self.resources.find(&request.type_name)?;
        let configured = self.configured()?;
        let mut response = import_resource_state::Response::default();
        let client = match access(&configured, self.may_defer(request.client_capabilities))? {
            Ok(client) => client,
            Err(deferred) => {
                response.deferred = Some(deferred);
                return Ok(response);
            }
        };
        let target = entry
            .identity
            .target(request.id, request.identity.as_ref())?;
        let imported = entry
            .item
            .import(client, &configured.defaults, target)
            .await?;
        response.diagnostics = to_proto::diagnostics(imported.warnings);
        response
            .imported_resources
            .push(import_resource_state::ImportedResource {
                identity: entry
                    .identity
                    .write(entry.identity.of(Some(&imported.value)))?,
                state: Some(entry.codec.write(Some(imported.value))?),
                type_name: request.type_name,
                ..Default::default()
            });
        Ok(response)
    }

    /// Without a state, which Terraform 1.14.0 never sends, there is nothing to write. Without a
    /// configured provider, nothing follows the provider block.
    pub(super) async fn generate_resource_config(
        &self,
        request: generate_resource_config::Request,
    ) -> Result<generate_resource_config::Response, Diagnostics> {
        let codec = &self.resources.find(&request.type_name)?.codec;
        let configured = self.configured().ok();
        let unconfigured = ProviderDefaults::new();
        let defaults = configured.as_ref().map_or(&unconfigured, |it| &it.defaults);
        let state = codec.read(request.state.as_ref())?;
        let config = state.map(|state| configuration(&codec.schema.attributes, defaults, state));
        Ok(generate_resource_config::Response {
            config: Some(codec.write(config)?),
            ..Default::default()
        })
    }
}
