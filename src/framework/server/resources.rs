//! Managed resources: validate, read, plan, apply, import.

use super::{
    deferral::{Access, access, deferral},
    registry::{Entry, ProviderServer},
    wire::to_proto,
};
use crate::framework::{
    ApplyError, Diagnostics, Object, PlannedChange, Provider, WithWarnings,
    consistency::inconsistencies, plan::plan,
};
use crate::proto::tfplugin6::{
    apply_resource_change, import_resource_state, plan_resource_change, read_resource,
    validate_resource_config,
};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn validate_resource_config(
        &self,
        request: validate_resource_config::Request,
    ) -> Result<validate_resource_config::Response, Diagnostics> {
        let entry = self.resource(&request.type_name)?;
        let diagnostics = entry.validate_message(request.config.as_ref())?;
        Ok(validate_resource_config::Response { diagnostics })
    }

    pub(super) async fn read_resource(
        &self,
        request: read_resource::Request,
    ) -> Result<read_resource::Response, Diagnostics> {
        let Entry {
            item,
            codec,
            identity,
        } = &**self.resource(&request.type_name)?;
        let (mut deferred, mut diagnostics) = (None, Diagnostics::new());
        let stored = identity.read(request.current_identity.as_ref())?;
        let state = match codec.read_known(request.current_state.as_ref())? {
            Some(state) => {
                let configured = self.configured()?;
                match access(&configured, self.may_defer(request.client_capabilities))? {
                    Access::Client(client) => {
                        let read = item.read(client, state).await?;
                        diagnostics = read.warnings;
                        read.value
                    }
                    Access::Deferred(defer) => {
                        deferred = Some(defer);
                        Some(state)
                    }
                }
            }
            None => None,
        };
        let new_identity = identity.ensure_unchanged(stored.as_ref(), state.as_ref())?;
        Ok(read_resource::Response {
            new_identity: identity.write(new_identity)?,
            new_state: Some(codec.write(state)?),
            private: request.private,
            deferred,
            diagnostics: to_proto::diagnostics(diagnostics),
        })
    }

    pub(super) async fn plan_resource_change(
        &self,
        request: plan_resource_change::Request,
    ) -> Result<plan_resource_change::Response, Diagnostics> {
        let Entry {
            item,
            codec,
            identity,
        } = &**self.resource(&request.type_name)?;
        let configured = self.configured()?;
        let stored = identity.read(request.prior_identity.as_ref())?;
        let mut response = plan_resource_change::Response {
            planned_private: request.prior_private,
            deferred: deferral(&configured, self.may_defer(request.client_capabilities)),
            ..Default::default()
        };
        let Some(proposed) = codec.read(request.proposed_new_state.as_ref())? else {
            let prior = codec.read(request.prior_state.as_ref())?;
            let prior_identity = stored.or_else(|| identity.of(prior.as_ref()));
            response.planned_identity = identity.write(prior_identity)?;
            response.planned_state = Some(codec.write(None)?);
            return Ok(response);
        };
        let config = codec.read_config(request.config.as_ref())?;
        let prior = codec.read(request.prior_state.as_ref())?;
        let attributes = &codec.schema.attributes;
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
            response.diagnostics = to_proto::diagnostics(item.plan_warnings(client, change).await);
        }
        response.planned_state = Some(codec.write(Some(plan.planned))?);
        let paths = plan
            .requires_replace
            .into_iter()
            .map(to_proto::attribute_path);
        response.requires_replace = paths.collect();
        Ok(response)
    }

    pub(super) async fn apply_resource_change(
        &self,
        request: apply_resource_change::Request,
    ) -> Result<apply_resource_change::Response, Diagnostics> {
        let Entry {
            item,
            codec,
            identity,
        } = &**self.resource(&request.type_name)?;
        let configured = self.configured()?;
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let prior = codec.read_known(request.prior_state.as_ref())?;
        let planned = codec.read_planned(request.planned_state.as_ref())?;
        let stored = identity.read(request.planned_identity.as_ref())?;
        // That of a creation was planned, not stored, and parts of it may be unknown.
        let stored = prior.as_ref().and(stored);
        let mut warnings = Diagnostics::new();
        let mut changed = |changed: WithWarnings<Object>| {
            warnings = changed.warnings;
            Some(changed.value)
        };
        let outcome = match (prior.clone(), planned.clone()) {
            (None, Some(planned)) => item.create(client, planned).await.map(&mut changed),
            (Some(prior), Some(planned)) => {
                let updated = item.update(client, prior, planned).await;
                updated.map(&mut changed)
            }
            (Some(prior), None) => item
                .delete(client, prior)
                .await
                .map(|()| None)
                .map_err(ApplyError::from),
            (None, None) => Ok(None),
        };
        let (state, mut diagnostics) =
            match identity.ensure_result_unchanged(stored.as_ref(), outcome) {
                Ok(state) => {
                    let attributes = &codec.schema.attributes;
                    let both = planned.as_ref().zip(state.as_ref());
                    let found =
                        both.map(|(planned, state)| inconsistencies(attributes, planned, state));
                    warnings.extend(found.unwrap_or_default());
                    (state, warnings)
                }
                // Without a new state, all is as before: null says that there is nothing.
                Err(failure) => (failure.state.or(prior), failure.diagnostics),
            };
        let derived = identity.of(state.as_ref());
        // The change is made: what cannot be written must not cost the rest of the state.
        let new_identity = identity.write(derived.map(|derived| stored.unwrap_or(derived)));
        let new_identity = new_identity.unwrap_or_else(|found| {
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

    pub(super) async fn import_resource_state(
        &self,
        request: import_resource_state::Request,
    ) -> Result<import_resource_state::Response, Diagnostics> {
        let Entry {
            item,
            codec,
            identity,
        } = &**self.resource(&request.type_name)?;
        let configured = self.configured()?;
        let client = match access(&configured, self.may_defer(request.client_capabilities))? {
            Access::Client(client) => client,
            Access::Deferred(deferred) => {
                // Without an imported resource, Terraform plans to import it later.
                return Ok(import_resource_state::Response {
                    deferred: Some(deferred),
                    ..Default::default()
                });
            }
        };
        let target = identity.target(request.id, request.identity.as_ref())?;
        let WithWarnings {
            value: state,
            warnings,
        } = item.import(client, &configured.defaults, target).await?;
        let imported = import_resource_state::ImportedResource {
            identity: identity.write(identity.of(Some(&state)))?,
            state: Some(codec.write(Some(state))?),
            type_name: request.type_name,
            ..Default::default()
        };
        Ok(import_resource_state::Response {
            imported_resources: vec![imported],
            diagnostics: to_proto::diagnostics(warnings),
            ..Default::default()
        })
    }
}
