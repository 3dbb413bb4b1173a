//! Data sources: validate, read.

use super::{
    deferral::{Access, access, provider_config_deferral},
    registry::{Entry, ProviderServer, find},
    schema_codec::SchemaCodec,
    wire::to_proto,
};
use crate::framework::{
    Diagnostics, Object, Provider, WithWarnings,
    plan::{plan, resolve_config},
    schema::ProviderDefaults,
};
use crate::proto::tfplugin6::{Deferred, read_data_source, validate_data_resource_config};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn validate_data_resource_config(
        &self,
        request: validate_data_resource_config::Request,
    ) -> Result<validate_data_resource_config::Response, Diagnostics> {
        let entry = find(&self.data_sources, &request.type_name)?;
        let diagnostics = entry.validate_message(request.config.as_ref())?;
        Ok(validate_data_resource_config::Response { diagnostics })
    }

    pub(super) async fn read_data_source(
        &self,
        request: read_data_source::Request,
    ) -> Result<read_data_source::Response, Diagnostics> {
        let Entry { item, codec, .. } = &**find(&self.data_sources, &request.type_name)?;
        let config = codec.read_config(request.config.as_ref())?;
        let configured = self.configured()?;
        let defaults = &configured.defaults;
        let may_defer = self.may_defer(request.client_capabilities);
        let client = match access(&configured, may_defer)? {
            Access::Client(client) => client,
            Access::Deferred(deferred) => return defer(codec, defaults, config, deferred),
        };
        let settled = resolve_config(&codec.schema.attributes, defaults, config.clone());
        if settled.is_err() && may_defer {
            return defer(codec, defaults, config, provider_config_deferral());
        }
        let WithWarnings { value, warnings } = item.read(client, settled?).await?;
        Ok(read_data_source::Response {
            state: Some(codec.write(Some(value))?),
            diagnostics: to_proto::diagnostics(warnings),
            ..Default::default()
        })
    }
}

/// What will be found is unknown, but for what is configured.
///
/// # Errors
/// The configuration can never be settled.
fn defer(
    codec: &SchemaCodec,
    defaults: &ProviderDefaults,
    config: Object,
    deferred: Deferred,
) -> Result<read_data_source::Response, Diagnostics> {
    let attributes = &codec.schema.attributes;
    let expected = plan(attributes, defaults, None, config.clone(), &config)?;
    Ok(read_data_source::Response {
        state: Some(codec.write(Some(expected.planned))?),
        deferred: Some(deferred),
        ..Default::default()
    })
}
