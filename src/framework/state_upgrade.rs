//! [`StateUpgrader`]: a state of an earlier schema version, and how it becomes one of today.

use std::fmt;

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
    upgrade: Box<Upgrading<S>>,
}

type Upgrading<S> = dyn Fn(Object) -> Result<S, Diagnostics> + Send + Sync;

impl<S> StateUpgrader<S> {
    /// Upgrades states of `version`, which had these attributes. Does no I/O.
    pub fn new<Old: Model>(
        version: i64,
        attributes: impl IntoIterator<Item = (&'static str, Type)>,
        upgrade: impl Fn(Old) -> Result<S, Diagnostics> + Send + Sync + 'static,
    ) -> Self {
        Self {
            version,
            kind: Type::object(attributes),
            upgrade: Box::new(move |state| {
                // A stored state may have been edited, so one that does not fit is no bug.
                upgrade(Old::from_object(state).map_err(unreadable_state)?)
            }),
        }
    }

    /// The state of today.
    ///
    /// # Errors
    /// This state cannot be upgraded.
    pub fn apply(&self, state: Object) -> Result<S, Diagnostics> {
        (self.upgrade)(state)
    }

    pub(super) fn erased(self) -> StateUpgrader<Object>
    where
        S: Model + 'static,
    {
        let upgrade = self.upgrade;
        StateUpgrader {
            version: self.version,
            kind: self.kind,
            upgrade: Box::new(move |state| upgrade(state).map(Model::into_object)),
        }
    }
}

/// A state of the resource that does not fit it.
pub(super) fn unreadable_state(error: impl fmt::Display) -> Diagnostics {
    Diagnostics::error(
        "Unreadable State",
        format!(
            "The stored state of the resource does not fit the provider's schema: {error}. If the \
             state was edited by hand, restore it; otherwise remove the resource from the state \
             (terraform state rm) and import it again."
        ),
    )
}
