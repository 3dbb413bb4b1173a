//! Data sources: validate, read.

use super::{Entry, ProviderServer, to_proto};
use crate::framework::{Diagnostics, Provider, plan::settle};
use crate::proto::tfplugin6::{read_data_source, validate_data_resource_config};

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
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let config = settle(&described.schema.attributes, &configured.defaults, config)?;
        let state = Some(described.write(Some(item.read(client, config).await?))?);
        Ok(read_data_source::Response {
            state,
            ..Default::default()
        })
    }
}
