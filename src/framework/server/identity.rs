//! [`Identity`]: reads and writes the identities of one resource, and compares them with the
//! stored ones.

use super::{schema_codec::write, wire::from_proto};
use crate::framework::{
    Diagnostics, IdentitySchema, ImportTarget, Object, Type, Value, ValueError, plan::Plan,
};
use crate::proto::tfplugin6 as proto;

/// An identity schema, without attributes if nothing names the objects; and the type of the
/// object that it describes.
pub(super) struct Identity {
    pub(super) schema: IdentitySchema,
    pub(super) kind: Type,
}

impl From<IdentitySchema> for Identity {
    fn from(schema: IdentitySchema) -> Self {
        Self {
            kind: schema.object_type(),
            schema,
        }
    }
}

impl Identity {
    /// Whether anything names the objects.
    pub(super) fn exists(&self) -> bool {
        !self.schema.attributes.is_empty()
    }

    /// Reads an identity; `None` is null.
    pub(super) fn read(
        &self,
        message: Option<&proto::ResourceIdentityData>,
    ) -> Result<Option<Object>, Diagnostics> {
        let data = message.and_then(|message| message.identity_data.as_ref());
        Ok(from_proto::object(
            data.filter(|_| self.exists()),
            &self.kind,
        )?)
    }

    /// Writes an identity. Null is no message: Terraform takes it for the same.
    pub(super) fn write(
        &self,
        identity: Option<Object>,
    ) -> Result<Option<proto::ResourceIdentityData>, Diagnostics> {
        let data = identity
            .map(|identity| write(Some(identity), &self.kind))
            .transpose()?;
        Ok(data.map(|data| proto::ResourceIdentityData {
            identity_data: Some(data),
        }))
    }

    /// The identity of an object with this state; null if there is no object.
    pub(super) fn of(&self, state: Option<&Object>) -> Option<Object> {
        let state = state.filter(|_| self.exists());
        state.map(|state| self.schema.of(state))
    }

    /// The same, which must be the `stored` one if there is one.
    pub(super) fn ensure_unchanged(
        &self,
        stored: Option<&Object>,
        state: Option<&Object>,
    ) -> Result<Option<Object>, Diagnostics> {
        let identity = self.of(state);
        match (stored, &identity) {
            (Some(stored), Some(identity)) if stored != identity => Err(changed(stored, identity)),
            _ => Ok(identity),
        }
    }

    /// The identity after a plan, if it is known by then. In the place of an object that is to
    /// be replaced comes one with another identity, which Terraform asks for in a plan of its own.
    ///
    /// Terraform takes an identity of which a part is unknown, but then cannot show its plan:
    /// "Failed to marshal plan to json: value is not known" (1.15.5, command/jsonplan/plan.go).
    pub(super) fn planned(
        &self,
        stored: Option<Object>,
        prior: Option<&Object>,
        plan: &Plan,
    ) -> Result<Option<Object>, Diagnostics> {
        let planned = Some(&plan.planned);
        let is_known = |identity: &Object| identity.values().all(Value::is_wholly_known);
        let known = self.of(planned).filter(is_known);
        if prior.is_none() {
            return Ok(known);
        }
        if known.is_none() || !plan.requires_replace.is_empty() {
            return Ok(stored.or_else(|| self.of(prior)));
        }
        self.ensure_unchanged(stored.as_ref(), planned)
    }

    /// What an import is of: Terraform sends an id or an identity.
    pub(super) fn target(
        &self,
        id: String,
        identity: Option<&proto::ResourceIdentityData>,
    ) -> Result<ImportTarget, Diagnostics> {
        let Some(identity) = self.read(identity)? else {
            return Ok(ImportTarget::Id(id));
        };
        if !identity.values().all(Value::is_wholly_known) {
            return Err(ValueError::new("the identity is not known yet").into());
        }
        match self.schema.missing_for_import(&identity).as_slice() {
            [] => Ok(ImportTarget::Identity(identity)),
            missing => Err(incomplete(missing)),
        }
    }
}

fn changed(stored: &Object, identity: &Object) -> Diagnostics {
    let [stored, identity] = [stored, identity].map(|it| Value::Object(it.clone()));
    Diagnostics::error(
        "Unexpected Identity Change",
        format!(
            "An object keeps its identity for all of its life, but the one in the state seems to \
             have become another.\n\nStored: {stored}\nNow: {identity}\n\nThe state was kept as it \
             is. If it was edited by hand, restore it; otherwise the API answered for another \
             object, or this is a bug in the provider: please report it to its developers."
        ),
    )
}

fn incomplete(missing: &[&str]) -> Diagnostics {
    let names: Vec<String> = missing.iter().map(|name| format!("{name:?}")).collect();
    let names = names.join(" and ");
    Diagnostics::error(
        "Incomplete Import Identity",
        format!(
            "The identity to import by does not say {names}: set it in the attribute \"identity\" \
             of the import block."
        ),
    )
}
