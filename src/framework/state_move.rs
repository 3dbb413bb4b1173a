//! [`StateMover`]: takes an object over that another resource type manages, as a `moved` block asks.
//!
//! Only the other provider knows what its type stored: it comes as JSON, and may
//! hold secrets. Nothing of it gets into a message here.

use serde_json::{Map, Value as Json};

use super::diagnostics::Diagnostics;

/// What is to be moved: a stored state of another resource type.
pub struct MoveSource {
    /// The provider whose resource it is, as `host/namespace/type`.
    pub provider: String,
    /// Its resource type, as in HCL.
    pub type_name: String,
    /// The version of its schema.
    pub schema_version: i64,
    /// Its attributes, in the form that the other provider gave them.
    pub state: Map<String, Json>,
}

/// Takes objects over from one other resource type. `S` is the state that they get.
pub struct StateMover<S> {
    /// The other resource type, as in HCL. Any provider may have it: who serves a type may be a
    /// fork or a mirror, so what a mover relies on it has to find in the state.
    pub type_name: &'static str,
    take: fn(&MoveSource) -> Result<S, Diagnostics>,
}

impl<S> StateMover<S> {
    /// Takes over from `type_name`. Does no I/O: what the state does not show may be null, and
    /// is read next.
    pub const fn new(
        type_name: &'static str,
        take: fn(&MoveSource) -> Result<S, Diagnostics>,
    ) -> Self {
        Self { type_name, take }
    }
}

impl MoveSource {
    /// The error that this source cannot be moved. `why` is a sentence or more.
    pub fn refused(&self, why: &str) -> Diagnostics {
        let Self {
            provider,
            type_name,
            schema_version,
            ..
        } = self;
        Diagnostics::error(
            "Unable to Move Resource State",
            format!(
                "A moved block takes over from a {type_name} of the provider {provider}, schema \
                 version {schema_version}. {why}\n\nInstead of the moved block, write an import \
                 block for the new resource, and a removed block with `lifecycle {{ destroy = \
                 false }}` for the old one. Neither changes the object itself."
            ),
        )
    }
}

/// Takes `source` over by the mover that knows its type.
///
/// # Errors
/// None of the movers knows it, or the one that does cannot use it.
pub(super) fn move_state<S>(
    target: &str,
    movers: &[StateMover<S>],
    source: &MoveSource,
) -> Result<S, Diagnostics> {
    match movers
        .iter()
        .find(|mover| mover.type_name == source.type_name)
    {
        Some(mover) => (mover.take)(source),
        None if movers.is_empty() => {
            Err(source.refused(&format!("{target} takes over from no other resource type.")))
        }
        None => {
            let known: Vec<&str> = movers.iter().map(|mover| mover.type_name).collect();
            let known = known.join(", ");
            Err(source.refused(&format!("{target} takes over from these alone: {known}.")))
        }
    }
}
