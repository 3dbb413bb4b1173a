//! Data sources: validate, read.

use super::{
    Described, Entry, ProviderServer,
    deferral::{Access, access, is_allowed, provider_config_unknown},
    to_proto,
};
use crate::framework::{
    Diagnostics, Object, Provider, WithWarnings,
    plan::{plan, settle},
    schema::ProviderDefaults,
};
use crate::proto::tfplugin6::{Deferred, read_data_source, validate_data_resource_config};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn validate_data_source(
        &self,
        request: validate_data_resource_config::Request,
    ) -> Result<validate_data_resource_config::Response, Diagnostics> {
        let Entry { item, described } = self.data_source(&request.type_name)?;
        let config = described.read_config(request.config.as_ref())?;
        let mut found = described.validate(&config);
        found.extend(item.validate(&config));
        let diagnostics = to_proto::diagnostics(found);
        Ok(validate_data_resource_config::Response { diagnostics })
    }

    pub(super) async fn look_up(
        &self,
        request: read_data_source::Request,
    ) -> Result<read_data_source::Response, Diagnostics> {
        let Entry { item, described } = self.data_source(&request.type_name)?;
        let config = described.read_config(request.config.as_ref())?;
        let configured = self.configured()?;
        let defaults = &configured.defaults;
        let client = match access(&configured, request.client_capabilities)? {
            Access::Client(client) => client,
            Access::Deferred(deferred) => return put_off(described, defaults, config, deferred),
        };
        let settled = settle(&described.schema.attributes, defaults, config.clone());
        if settled.is_err() && is_allowed(request.client_capabilities) {
            return put_off(described, defaults, config, provider_config_unknown());
        }
        let WithWarnings { value, warnings } = item.read(client, settled?).await?;
        Ok(read_data_source::Response {
            state: Some(described.write(Some(value))?),
            diagnostics: to_proto::diagnostics(warnings),
            ..Default::default()
        })
    }
}

/// What will be found is unknown, but for what is configured.
///
/// # Errors
/// The configuration can never be settled.
fn put_off(
    described: &Described,
    defaults: &ProviderDefaults,
    config: Object,
    deferred: Deferred,
) -> Result<read_data_source::Response, Diagnostics> {
    let attributes = &described.schema.attributes;
    let expected = plan(attributes, defaults, None, config.clone(), &config)?;
    Ok(read_data_source::Response {
        state: Some(described.write(Some(expected.planned))?),
        deferred: Some(deferred),
        ..Default::default()
    })
}
