//! Stored states: of today's schema version, or of an earlier one.
//!
//! Terraform asks with every state that it reads, also when nothing has to be done.

use std::cmp::Ordering;

use super::{Entry, ProviderServer};
use crate::framework::{Diagnostics, Provider};
use crate::proto::tfplugin6::{DynamicValue, RawState, upgrade_resource_state};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn upgrade_state(
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
        let Entry { item, described } = self.resource(type_name)?;
        let current = described.schema.version;
        let state = match version.cmp(&current) {
            Ordering::Equal => described.read_stored(stored)?,
            Ordering::Greater => return Err(too_new(type_name, version, current)),
            Ordering::Less => {
                let mut upgrades = item.upgrades().into_iter();
                let upgrade = upgrades.find(|upgrade| upgrade.version == version);
                let upgrade = upgrade.ok_or_else(|| too_old(type_name, version, current))?;
                let state = super::described::read_stored(stored, &upgrade.kind)?;
                state.map(|state| upgrade.apply(state)).transpose()?
            }
        };
        described.write(state)
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
