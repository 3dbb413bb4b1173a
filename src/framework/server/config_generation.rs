//! Configurations for resources that were found or imported.

use super::registry::ProviderServer;
use crate::framework::{Diagnostics, Provider, config_generation::configuration};
use crate::proto::tfplugin6::generate_resource_config;

impl<P: Provider> ProviderServer<P> {
    /// Without a state, which Terraform 1.14.0 never sends, there is nothing to write.
    pub(super) async fn generate_resource_config(
        &self,
        request: generate_resource_config::Request,
    ) -> Result<generate_resource_config::Response, Diagnostics> {
        let codec = &self.resource(&request.type_name)?.codec;
        let defaults = match self.configured() {
            Ok(configured) => configured.defaults.clone(),
            Err(_) => Default::default(), // then nothing follows the provider block
        };
        let state = codec.read(request.state.as_ref())?;
        let config = state.map(|state| configuration(&codec.schema.attributes, &defaults, state));
        Ok(generate_resource_config::Response {
            config: Some(codec.write(config)?),
            ..Default::default()
        })
    }
}
