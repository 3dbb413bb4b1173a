//! States that are not as this version stores them: of an earlier schema version, for a
//! [`StateUpgrader`], or of another resource type that a `moved` block names, for a [`StateMover`].

use std::fmt;

use serde_json::{Map, Value as Json};

use super::{
    diagnostics::Diagnostics,
    model::Model,
    value::{Object, Type},
};

/// Reads the states of one earlier schema version. `S` is the resource's state of today.
pub struct StateUpgrader<S> {
    /// The schema version of the states that it reads.
    pub version: i64,
    /// The type of these states.
    pub kind: Type,
    pub(super) upgrade: Box<dyn Fn(Object) -> Result<S, Diagnostics> + Send + Sync>,
}

impl<S> StateUpgrader<S> {
    /// Upgrades states of `version`, which had these attributes. Does no I/O.
    pub fn new<Old: Model>(
        version: i64,
        attributes: impl IntoIterator<Item = (&'static str, Type)>,
        upgrade: impl Fn(Old) -> Result<S, Diagnostics> + Send + Sync + 'static,
    ) -> Self {
        let read =
            |state| Old::from_object(state).map_err(|error| unreadable_state("State", error));
        Self {
            version,
            kind: Type::object(attributes),
            upgrade: Box::new(move |state| upgrade(read(state)?)),
        }
    }
}

/// A stored state or identity that does not fit. It may have been edited, so that is no bug.
pub(super) fn unreadable_state(what: &str, error: impl fmt::Display) -> Diagnostics {
    let named = what.to_lowercase();
    Diagnostics::error(
        format!("Unreadable {what}"),
        format!(
            "The stored {named} of the resource does not fit the provider's schema: {error}. If the \
             state was edited by hand, restore it; otherwise remove the resource from the state \
             (terraform state rm) and import it again."
        ),
    )
}

/// What is to be moved: a stored state of another resource type.
///
/// The state may hold secrets that only the other provider knows of, so messages here never quote
/// it.
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

impl MoveSource {
    /// The error that this source cannot be moved. `why` is a sentence or more.
    pub fn refused(&self, why: &str) -> Diagnostics {
        let (provider, type_name, version) = (&self.provider, &self.type_name, self.schema_version);
        Diagnostics::error(
            "Unable to Move Resource State",
            format!(
                "A moved block takes over from a {type_name} of the provider {provider}, schema \
                 version {version}. {why}\n\nInstead of the moved block, write an import \
                 block for the new resource, and a removed block with `lifecycle {{ destroy = \
                 false }}` for the old one. Neither changes the object itself."
            ),
        )
    }
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

/// Takes `source` over by the mover that knows its type.
pub(super) fn move_state<S>(
    target: &str,
    movers: &[StateMover<S>],
    source: &MoveSource,
) -> Result<S, Diagnostics> {
    if let Some(mover) = movers
        .iter()
        .find(|mover| mover.type_name == source.type_name)
    {
        return (mover.take)(source);
    }
    let known: Vec<&str> = movers.iter().map(|mover| mover.type_name).collect();
    let known = match known.as_slice() {
        [] => "no other resource type".to_owned(),
        known => format!("these alone: {}", known.join(", ")),
    };
    Err(source.refused(&format!("{target} takes over from {known}.")))
}
