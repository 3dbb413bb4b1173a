//! Stored states and identities: of the current schema version, of an earlier one, or of the
//! resource that a `moved` block names.
//!
//! Terraform asks for an upgrade of every state that it reads, also when nothing has to be done.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{identity::Identity, registry::ProviderServer, schema_codec::write, wire::from_proto};
use crate::framework::{
    Diagnostics, MoveSource, Object, Provider, Type, stored_state::unreadable_state,
};
use crate::proto::tfplugin6::{
    DynamicValue, RawState, ResourceIdentityData, move_resource_state, upgrade_resource_identity,
    upgrade_resource_state,
};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn upgrade_resource_state(
        &self,
        request: upgrade_resource_state::Request,
    ) -> Result<upgrade_resource_state::Response, Diagnostics> {
        let stored = request.raw_state.as_ref();
        let upgraded = self.upgraded(&request.type_name, request.version, stored)?;
        Ok(upgrade_resource_state::Response {
            upgraded_state: Some(upgraded),
            ..Default::default()
        })
    }

    pub(super) async fn move_resource_state(
        &self,
        request: move_resource_state::Request,
    ) -> Result<move_resource_state::Response, Diagnostics> {
        let target = &request.target_type_name;
        // The same type of another address is this provider itself: from a mirror, or a fork.
        if request.source_type_name == *target {
            let stored = request.source_state.as_ref();
            let upgraded = self.upgraded(target, request.source_schema_version, stored)?;
            return Ok(move_resource_state::Response {
                target_state: Some(upgraded),
                target_private: request.source_private,
                ..Default::default()
            });
        }
        let entry = self.resources.find(target)?;
        let state = entry.item.move_state(&source(request)?)?;
        Ok(move_resource_state::Response {
            target_identity: entry.identity.write(entry.identity.of(Some(&state)))?,
            target_state: Some(entry.codec.write(Some(state))?),
            // Only the source's own provider can use its private data.
            ..Default::default()
        })
    }

    /// An identity of an older version, or none at all, becomes null: an identity is a part of the
    /// state, and the next read will find it there.
    pub(super) async fn upgrade_resource_identity(
        &self,
        request: upgrade_resource_identity::Request,
    ) -> Result<upgrade_resource_identity::Response, Diagnostics> {
        let Identity { schema, kind } = &self.resources.find(&request.type_name)?.identity;
        if request.version > schema.version {
            return Err(newer("Identity", request.version, schema.version));
        }
        let is_current =
            |stored: &&RawState| request.version == schema.version && !stored.json.is_empty();
        let upgraded = match request.raw_identity.as_ref().filter(is_current) {
            Some(stored) => from_proto::raw_state(stored, kind)
                .map_err(|error| unreadable_state("Identity", error))?,
            None => None,
        };
        Ok(upgrade_resource_identity::Response {
            upgraded_identity: Some(ResourceIdentityData {
                identity_data: Some(write(upgraded, kind)?),
            }),
            ..Default::default()
        })
    }

    /// The state of today for one that was stored under a schema of `version`.
    fn upgraded(
        &self,
        type_name: &str,
        version: i64,
        stored: Option<&RawState>,
    ) -> Result<DynamicValue, Diagnostics> {
        let entry = self.resources.find(type_name)?;
        let current = entry.codec.schema.version;
        let state = match version.cmp(&current) {
            Ordering::Equal => read_stored(stored, &entry.codec.kind)?,
            Ordering::Greater => return Err(newer("State", version, current)),
            Ordering::Less => {
                let read = |kind: &_| read_stored(stored, kind);
                let upgraded = entry.item.upgrade_state(version, &read);
                upgraded.unwrap_or_else(|| Err(too_old(type_name, version, current)))?
            }
        };
        entry.codec.write(state)
    }
}

/// Reads no more of the state than that it is an object: the rest is the mover's.
fn source(request: move_resource_state::Request) -> Result<MoveSource, Diagnostics> {
    let mut source = MoveSource {
        provider: request.source_provider_address,
        type_name: request.source_type_name,
        schema_version: request.source_schema_version,
        state: serde_json::Map::new(),
    };
    let state = request.source_state.unwrap_or_default();
    match serde_json::from_slice(&state.json) {
        Ok(Json::Object(state)) => source.state = state,
        Ok(_) => return Err(source.refused("Its state is no object.")),
        Err(error) => return Err(source.refused(&format!("Its state cannot be read: {error}."))),
    }
    Ok(source)
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

/// Reads a state of type `kind` as Terraform stored it. Terraform before 0.12 stored states in
/// another form, which it sends as a flat map.
fn read_stored(message: Option<&RawState>, kind: &Type) -> Result<Option<Object>, Diagnostics> {
    let message = message.filter(|state| !state.json.is_empty()).ok_or_else(|| {
        Diagnostics::error(
            "State Without Data",
            "Terraform sent no state in JSON: the state was written by Terraform before 0.12. Run \
             terraform apply with Terraform 0.13 first, which upgrades the state.",
        )
    })?;
    from_proto::raw_state(message, kind).map_err(|error| unreadable_state("State", error))
}

/// The error that a stored state or identity has a later version than `current`.
fn newer(what: &str, version: i64, current: i64) -> Diagnostics {
    Diagnostics::error(
        format!("{what} of a Newer Provider"),
        format!(
            "The stored {} has schema version {version}, and this version of the provider knows \
             versions up to {current}. Use the version of the provider that stored it, or a newer one.",
            what.to_lowercase()
        ),
    )
}
