//! Resource identities: their schemas, and identities of earlier versions.

use super::{identity::no_identity, registry::ProviderServer, wire::to_proto};
use crate::framework::{Diagnostics, Provider};
use crate::proto::tfplugin6::{get_resource_identity_schemas, upgrade_resource_identity};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn get_resource_identity_schemas(
        &self,
        _: get_resource_identity_schemas::Request,
    ) -> Result<get_resource_identity_schemas::Response, Diagnostics> {
        let schemas = self.resources.iter().filter_map(|(name, entry)| {
            let codec = entry.identity.codec()?;
            Some(((*name).to_owned(), to_proto::identity_schema(&codec.schema)))
        });
        Ok(get_resource_identity_schemas::Response {
            identity_schemas: schemas.collect(),
            ..Default::default()
        })
    }

    pub(super) async fn upgrade_resource_identity(
        &self,
        request: upgrade_resource_identity::Request,
    ) -> Result<upgrade_resource_identity::Response, Diagnostics> {
        let Some(codec) = self.resource(&request.type_name)?.identity.codec() else {
            return Err(no_identity(&request.type_name));
        };
        let upgraded = codec.upgrade(request.version, request.raw_identity.as_ref())?;
        Ok(upgrade_resource_identity::Response {
            upgraded_identity: Some(codec.write(upgraded)?),
            ..Default::default()
        })
    }
}
