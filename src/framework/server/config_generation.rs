//! Configurations for resources that were found or imported.

use super::ProviderServer;
use crate::framework::{Diagnostics, Provider, generate::configuration};
use crate::proto::tfplugin6::generate_resource_config;

impl<P: Provider> ProviderServer<P> {
    /// Without a state, which Terraform 1.14.0 never sends, there is nothing to write.
    pub(super) async fn generate_config(
        &self,
        request: generate_resource_config::Request,
    ) -> Result<generate_resource_config::Response, Diagnostics> {
        let described = &self.resource(&request.type_name)?.described;
        let defaults = match self.configured() {
            Ok(configured) => configured.defaults.clone(),
            Err(_) => Default::default(), // then nothing follows the provider block
        };
        let state = described.read(request.state.as_ref())?;
        let config =
            state.map(|state| configuration(&described.schema.attributes, &defaults, state));
        Ok(generate_resource_config::Response {
            config: Some(described.write(config)?),
            ..Default::default()
        })
    }
}
