//! Data sources: read.

use super::{
    deferral::{access, provider_config_deferral},
    registry::{Entry, ProviderServer},
    wire::to_proto,
};
use crate::framework::{
    Diagnostics, Provider,
    plan::{plan, resolve_config},
};
use crate::proto::tfplugin6::read_data_source;

impl<P: Provider> ProviderServer<P> {
    /// In a deferred response, all attributes that are not configured are unknown. A configuration
    /// that is invalid in every case is refused instead of deferred.
    pub(super) async fn read_data_source(
        &self,
        request: read_data_source::Request,
    ) -> Result<read_data_source::Response, Diagnostics> {
        let Entry { item, codec, .. } = &**self.data_sources.find(&request.type_name)?;
        let config = codec.read_config(request.config.as_ref())?;
        let configured = self.configured()?;
        let (attributes, defaults) = (&codec.schema.attributes, &configured.defaults);
        let may_defer = self.may_defer(request.client_capabilities);
        let settled = resolve_config(attributes, defaults, config.clone());
        let client = match access(&configured, may_defer)? {
            Ok(_) if settled.is_err() && may_defer => Err(provider_config_deferral()),
            access => access,
        };
        let mut response = read_data_source::Response::default();
        let state = match client {
            Ok(client) => {
                let found = item.read(client, settled?).await?;
                response.diagnostics = to_proto::diagnostics(found.warnings);
                found.value
            }
            Err(deferred) => {
                response.deferred = Some(deferred);
                plan(attributes, defaults, None, config.clone(), &config)?.planned
            }
        };
        response.state = Some(codec.write(Some(state))?);
        Ok(response)
    }
}
