//! Managed resources: validate, read, plan, apply, import.

use super::{
    Entry, ProviderServer,
    deferral::{Access, access, deferral},
    to_proto,
};
use crate::framework::{
    Diagnostics, Failure, PlannedChange, Provider, conform::contradictions, plan::plan,
};
use crate::proto::tfplugin6::{
    apply_resource_change, import_resource_state, plan_resource_change, read_resource,
    validate_resource_config,
};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn validate_resource(
        &self,
        request: validate_resource_config::Request,
    ) -> Result<validate_resource_config::Response, Diagnostics> {
        let described = &self.resource(&request.type_name)?.described;
        let config = described.read_config(request.config.as_ref())?;
        let diagnostics = to_proto::diagnostics(described.validate(&config));
        Ok(validate_resource_config::Response { diagnostics })
    }

    pub(super) async fn read(
        &self,
        request: read_resource::Request,
    ) -> Result<read_resource::Response, Diagnostics> {
        let Entry { item, described } = self.resource(&request.type_name)?;
        let mut deferred = None;
        let identity = self.identity(&request.type_name);
        let stored = identity.read(request.current_identity.as_ref())?;
        let state = match described.read_known(request.current_state.as_ref())? {
            Some(state) => {
                let configured = self.configured()?;
                match access(&configured, request.client_capabilities)? {
                    Access::Client(client) => item.read(client, state).await?,
                    Access::Deferred(put_off) => {
                        deferred = Some(put_off);
                        Some(state)
                    }
                }
            }
            None => None,
        };
        let new_identity = identity.kept(stored.as_ref(), state.as_ref())?;
        Ok(read_resource::Response {
            new_identity: identity.write(new_identity)?,
            new_state: Some(described.write(state)?),
            private: request.private,
            deferred,
            ..Default::default()
        })
    }

    pub(super) async fn plan(
        &self,
        request: plan_resource_change::Request,
    ) -> Result<plan_resource_change::Response, Diagnostics> {
        let Entry { item, described } = self.resource(&request.type_name)?;
        let configured = self.configured()?;
        let identity = self.identity(&request.type_name);
        let stored = identity.read(request.prior_identity.as_ref())?;
        let mut response = plan_resource_change::Response {
            planned_private: request.prior_private,
            deferred: deferral(&configured, request.client_capabilities),
            ..Default::default()
        };
        let Some(proposed) = described.read(request.proposed_new_state.as_ref())? else {
            let prior = described.read(request.prior_state.as_ref())?;
            let prior_identity = stored.or_else(|| identity.of(prior.as_ref()));
            response.planned_identity = identity.write(prior_identity)?;
            response.planned_state = Some(described.write(None)?);
            return Ok(response);
        };
        let config = described.read_config(request.config.as_ref())?;
        let prior = described.read(request.prior_state.as_ref())?;
        let attributes = &described.schema.attributes;
        let plan = plan(
            attributes,
            &configured.defaults,
            prior.as_ref(),
            proposed,
            &config,
        )?;
        let planned_identity = identity.planned(stored, prior.as_ref(), &plan)?;
        response.planned_identity = identity.write(planned_identity)?;
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

    pub(super) async fn apply(
        &self,
        request: apply_resource_change::Request,
    ) -> Result<apply_resource_change::Response, Diagnostics> {
        let Entry { item, described } = self.resource(&request.type_name)?;
        let configured = self.configured()?;
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let prior = described.read_known(request.prior_state.as_ref())?;
        let planned = described.read_planned(request.planned_state.as_ref())?;
        let identity = self.identity(&request.type_name);
        let stored = identity.read(request.planned_identity.as_ref())?;
        // That of a creation was planned, not stored, and parts of it may be unknown.
        let stored = prior.as_ref().and(stored);
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
        let (state, diagnostics) = match identity.held_to(stored.as_ref(), outcome) {
            Ok(state) => {
                let attributes = &described.schema.attributes;
                let both = planned.as_ref().zip(state.as_ref());
                let found = both.map(|(planned, state)| contradictions(attributes, planned, state));
                (state, found.unwrap_or_default())
            }
            // Without a new state, all is as before: null says that there is nothing.
            Err(failure) => (failure.state.or(prior), failure.diagnostics),
        };
        let derived = identity.of(state.as_ref());
        Ok(apply_resource_change::Response {
            new_identity: identity.write(derived.map(|derived| stored.unwrap_or(derived)))?,
            new_state: Some(described.write(state)?),
            private: request.planned_private,
            diagnostics: to_proto::diagnostics(diagnostics),
            ..Default::default()
        })
    }

    pub(super) async fn import(
        &self,
        request: import_resource_state::Request,
    ) -> Result<import_resource_state::Response, Diagnostics> {
        let Entry { item, described } = self.resource(&request.type_name)?;
        let configured = self.configured()?;
        let client = match access(&configured, request.client_capabilities)? {
            Access::Client(client) => client,
            Access::Deferred(deferred) => {
                // Without an imported resource, Terraform plans to import it later.
                return Ok(import_resource_state::Response {
                    deferred: Some(deferred),
                    ..Default::default()
                });
            }
        };
        let identity = self.identity(&request.type_name);
        let target = identity.target(request.id, request.identity.as_ref())?;
        let state = item.import(client, &configured.defaults, target).await?;
        let imported = import_resource_state::ImportedResource {
            identity: identity.write(identity.of(Some(&state)))?,
            state: Some(described.write(Some(state))?),
            type_name: request.type_name,
            ..Default::default()
        };
        Ok(import_resource_state::Response {
            imported_resources: vec![imported],
            ..Default::default()
        })
    }
}
