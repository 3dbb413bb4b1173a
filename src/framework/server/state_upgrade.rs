//! Stored states: of today's schema version, or of an earlier one.
//!
//! Terraform asks with every state that it reads, also when nothing has to be done.

use std::cmp::Ordering;

use super::{
    registry::{Entry, ProviderServer},
    schema_codec::read_stored,
};
use crate::framework::{Diagnostics, Provider};
use crate::proto::tfplugin6::{DynamicValue, RawState, upgrade_resource_state};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn upgrade_resource_state(
        &self,
        request: upgrade_resource_state::Request,
    ) -> Result<upgrade_resource_state::Response, Diagnostics> {
        let upgraded_state = Some(self.upgraded(
            &request.type_name,
            request.version,
            request.raw_state.as_ref(),
        )?);
        Ok(upgrade_resource_state::Response {
            upgraded_state,
            ..Default::default()
        })
    }

    /// The state of today for one that was stored under a schema of `version`.
    pub(super) fn upgraded(
        &self,
        type_name: &str,
        version: i64,
        stored: Option<&RawState>,
    ) -> Result<DynamicValue, Diagnostics> {
        let Entry { item, codec, .. } = &**self.resource(type_name)?;
        let current = codec.schema.version;
        let state = match version.cmp(&current) {
            Ordering::Equal => codec.read_stored(stored)?,
            Ordering::Greater => return Err(too_new(type_name, version, current)),
            Ordering::Less => {
                let mut upgrades = item.state_upgraders().into_iter();
                let upgrade = upgrades.find(|upgrade| upgrade.version == version);
                let upgrade = upgrade.ok_or_else(|| too_old(type_name, version, current))?;
                let state = read_stored(stored, &upgrade.kind)?;
                state.map(|state| upgrade.apply(state)).transpose()?
            }
        };
        codec.write(state)
    }
}

fn too_new(type_name: &str, version: i64, current: i64) -> Diagnostics {
    Diagnostics::error(
        "State of a Newer Provider",
        format!(
            "The state of this {type_name} has schema version {version}, and this version of the \
             provider knows versions up to {current}. Use the provider's version that stored it, \
             or a newer one."
        ),
    )
}

fn too_old(type_name: &str, version: i64, current: i64) -> Diagnostics {
    Diagnostics::error(
        "State of an Older Provider",
        format!(
            "The state of this {type_name} has schema version {version}, and this version of the \
             provider cannot upgrade it to version {current}. Run terraform apply with a version \
             of the provider in between first, or remove the resource from the state (terraform \
             state rm) and import it again."
        ),
    )
}
