//! [`Identity`]: what names the objects of one resource, to and from messages, and held
//! against what was stored.

use super::{
    schema_codec::unreadable,
    wire::{codec_error::CodecError, from_proto, to_proto},
};
use crate::framework::{
    ApplyError, Diagnostics, IdentitySchema, ImportTarget, Object, Type, Value, plan::Plan,
};
use crate::proto::tfplugin6 as proto;

/// An identity schema, and the type of the object that it describes.
pub(super) struct IdentityCodec {
    pub(super) schema: IdentitySchema,
    kind: Type,
}

impl From<IdentitySchema> for IdentityCodec {
    fn from(schema: IdentitySchema) -> Self {
        Self {
            kind: schema.object_type(),
            schema,
        }
    }
}

impl IdentityCodec {
    pub(super) fn write(
        &self,
        identity: Option<Object>,
    ) -> Result<proto::ResourceIdentityData, Diagnostics> {
        let data = to_proto::dynamic_value(identity, &self.kind).map_err(|error| {
            Diagnostics::bug(format!("An identity does not fit its schema: {error}"))
        })?;
        Ok(proto::ResourceIdentityData {
            identity_data: Some(data),
        })
    }

    /// Reads an identity as Terraform stored it. One of an older version, or none at all, is
    /// null: an identity is a part of the state, and the next read will find it there.
    pub(super) fn upgrade(
        &self,
        version: i64,
        stored: Option<&proto::RawState>,
    ) -> Result<Option<Object>, Diagnostics> {
        let current = self.schema.version;
        if version > current {
            return Err(newer_identity(version, current));
        }
        match stored.filter(|stored| version == current && !stored.json.is_empty()) {
            None => Ok(None),
            Some(stored) => from_proto::raw_state(stored, &self.kind)
                .map_err(|error| unreadable_identity(&error)),
        }
    }
}

/// What names the objects of one resource, if anything does.
#[derive(Default)]
pub(super) struct Identity(Option<IdentityCodec>);

impl From<Option<IdentitySchema>> for Identity {
    fn from(schema: Option<IdentitySchema>) -> Self {
        Self(schema.map(IdentityCodec::from))
    }
}

impl Identity {
    pub(super) fn codec(&self) -> Option<&IdentityCodec> {
        self.0.as_ref()
    }

    /// Whether the resource has an identity.
    pub(super) fn exists(&self) -> bool {
        self.0.is_some()
    }

    /// Reads an identity; `None` is null.
    pub(super) fn read(
        &self,
        message: Option<&proto::ResourceIdentityData>,
    ) -> Result<Option<Object>, Diagnostics> {
        let data = message.and_then(|message| message.identity_data.as_ref());
        self.0.as_ref().map_or(Ok(None), |codec| {
            from_proto::object(data, &codec.kind).map_err(unreadable)
        })
    }

    /// Writes an identity. Null is no message: Terraform takes it for the same.
    pub(super) fn write(
        &self,
        identity: Option<Object>,
    ) -> Result<Option<proto::ResourceIdentityData>, Diagnostics> {
        let both = self.0.as_ref().zip(identity);
        both.map(|(codec, identity)| codec.write(Some(identity)))
            .transpose()
    }

    /// The identity of an object with this state; null if there is no object.
    pub(super) fn of(&self, state: Option<&Object>) -> Option<Object> {
        let both = self.0.as_ref().zip(state);
        both.map(|(codec, state)| codec.schema.of(state))
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
        let known = self
            .of(planned)
            .filter(|identity| identity.values().all(Value::is_wholly_known));
        if prior.is_none() {
            return Ok(known);
        }
        if known.is_none() || !plan.requires_replace.is_empty() {
            return Ok(stored.or_else(|| self.of(prior)));
        }
        self.ensure_unchanged(stored.as_ref(), planned)
    }

    /// The outcome of a change; a failure if it would come to another identity than `stored`.
    pub(super) fn ensure_result_unchanged(
        &self,
        stored: Option<&Object>,
        outcome: Result<Option<Object>, ApplyError<Object>>,
    ) -> Result<Option<Object>, ApplyError<Object>> {
        let state = match &outcome {
            Ok(state) => state.as_ref(),
            Err(failure) => failure.state.as_ref(),
        };
        let Err(changed) = self.ensure_unchanged(stored, state) else {
            return outcome;
        };
        let mut diagnostics = outcome.err().map(|it| it.diagnostics).unwrap_or_default();
        diagnostics.extend(changed);
        Err(diagnostics.into())
    }

    /// What an import is of: Terraform sends an id or an identity.
    pub(super) fn target(
        &self,
        id: String,
        identity: Option<&proto::ResourceIdentityData>,
    ) -> Result<ImportTarget, Diagnostics> {
        let Some((codec, identity)) = self.0.as_ref().zip(self.read(identity)?) else {
            return Ok(ImportTarget::Id(id));
        };
        if !identity.values().all(Value::is_wholly_known) {
            return Err(unreadable(CodecError::new("the identity is not known yet")));
        }
        match codec.schema.missing_for_import(&identity).as_slice() {
            [] => Ok(ImportTarget::Identity(identity)),
            missing => Err(incomplete(missing)),
        }
    }
}

pub(super) fn no_identity(type_name: &str) -> Diagnostics {
    Diagnostics::bug(format!("The resource {type_name:?} has no identity"))
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
    Diagnostics::error(
        "Incomplete Import Identity",
        format!(
            "The identity to import by does not say {}: set it in the attribute \"identity\" of \
             the import block.",
            names.join(" and ")
        ),
    )
}

fn newer_identity(version: i64, current: i64) -> Diagnostics {
    Diagnostics::error(
        "Identity of a Newer Provider",
        format!(
            "The identity in the state has version {version}, and this version of the provider \
             knows none after {current}. Use the version of the provider that wrote the state, or \
             a later one."
        ),
    )
}

fn unreadable_identity(error: &CodecError) -> Diagnostics {
    Diagnostics::error(
        "Unreadable Identity",
        format!(
            "The stored identity of the resource does not fit the provider's schema: {error}. If \
             the state was edited by hand, restore it; otherwise remove the resource from the \
             state (terraform state rm) and import it again."
        ),
    )
}
