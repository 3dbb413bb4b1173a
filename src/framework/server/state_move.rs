//! States that a `moved` block takes over from another resource type or another provider.

use serde_json::Value as Json;

use super::registry::{Entry, ProviderServer};
use crate::framework::{Diagnostics, MoveSource, Provider};
use crate::proto::tfplugin6::{RawState, move_resource_state};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn move_resource_state(
        &self,
        request: move_resource_state::Request,
    ) -> Result<move_resource_state::Response, Diagnostics> {
        // The same type of another address is this provider itself: from a mirror, or a fork.
        if request.source_type_name == request.target_type_name {
            return self.move_same_type(request);
        }
        let Entry {
            item,
            codec,
            identity,
        } = &**self.resource(&request.target_type_name)?;
        let state = item.move_state(&source(request)?)?;
        Ok(move_resource_state::Response {
            target_identity: identity.write(identity.of(Some(&state)))?,
            target_state: Some(codec.write(Some(state))?),
            // The source's private data means something to its own provider alone.
            ..Default::default()
        })
    }

    fn move_same_type(
        &self,
        request: move_resource_state::Request,
    ) -> Result<move_resource_state::Response, Diagnostics> {
        let state = self.upgraded(
            &request.target_type_name,
            request.source_schema_version,
            request.source_state.as_ref(),
        )?;
        Ok(move_resource_state::Response {
            target_state: Some(state),
            target_private: request.source_private,
            ..Default::default()
        })
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
    match request.source_state.as_ref().map(read) {
        Some(Ok(Json::Object(state))) => {
            source.state = state;
            Ok(source)
        }
        Some(Err(error)) => Err(source.refused(&format!("Its state cannot be read: {error}."))),
        _ => Err(source.refused("Its state is no object.")),
    }
}

fn read(state: &RawState) -> Result<Json, serde_json::Error> {
    serde_json::from_slice(&state.json)
}
