//! [`SchemaCodec`]: the values of one schema, to and from messages.

use super::wire::{codec_error::CodecError, from_proto, to_proto};
use crate::framework::{
    Diagnostics, Object, Type, Value,
    nested::elements,
    schema::{Attribute, AttributeType, Presence, Schema},
    state_upgrade::unreadable_state,
    validate::validate,
};
use crate::proto::tfplugin6 as proto;

/// A schema, and the type of the object that it describes.
#[derive(Clone)]
pub(super) struct SchemaCodec {
    pub(super) schema: Schema,
    kind: Type,
}

impl From<Schema> for SchemaCodec {
    fn from(schema: Schema) -> Self {
        Self {
            kind: schema.object_type(),
            schema,
        }
    }
}

impl SchemaCodec {
    /// Reads a configuration or state of this schema; `None` is null.
    pub(super) fn read(
        &self,
        message: Option<&proto::DynamicValue>,
    ) -> Result<Option<Object>, Diagnostics> {
        from_proto::object(message, &self.kind).map_err(unreadable)
    }

    /// Reads a state as it was stored: all of it is known.
    pub(super) fn read_known(
        &self,
        message: Option<&proto::DynamicValue>,
    ) -> Result<Option<Object>, Diagnostics> {
        let state = self.read(message)?;
        for (name, value) in state.iter().flat_map(Object::iter) {
            if !value.is_wholly_known() {
                return Err(not_known(name));
            }
        }
        Ok(state)
    }

    /// Reads a state that is to be brought about: what the provider does not decide is known.
    pub(super) fn read_planned(
        &self,
        message: Option<&proto::DynamicValue>,
    ) -> Result<Option<Object>, Diagnostics> {
        let planned = self.read(message)?;
        let unknown = planned
            .as_ref()
            .and_then(|planned| first_unresolved(&self.schema.attributes, planned));
        match unknown {
            Some(name) => Err(not_known(name)),
            None => Ok(planned),
        }
    }

    /// Reads a configuration, which is never null.
    pub(super) fn read_config(
        &self,
        message: Option<&proto::DynamicValue>,
    ) -> Result<Object, Diagnostics> {
        self.read(message)?
            .ok_or_else(|| unreadable(CodecError::new("the configuration is null")))
    }

    /// Reads a state as Terraform stored it.
    pub(super) fn read_stored(
        &self,
        message: Option<&proto::RawState>,
    ) -> Result<Option<Object>, Diagnostics> {
        read_stored(message, &self.kind)
    }

    /// Writes a configuration or state of this schema; `None` is null.
    pub(super) fn write(&self, object: Option<Object>) -> Result<proto::DynamicValue, Diagnostics> {
        to_proto::dynamic_value(object, &self.kind)
            .map_err(|error| Diagnostics::bug(format!("A value does not fit its schema: {error}")))
    }

    /// Writes the state after a change. An attribute that cannot be written is null and reported.
    pub(super) fn write_state(&self, state: Option<Object>) -> (proto::DynamicValue, Diagnostics) {
        let found = match self.write(state.clone()) {
            Ok(written) => return (written, Diagnostics::new()),
            Err(found) => found,
        };
        let Type::Object(kinds) = &self.kind else {
            return (proto::DynamicValue::default(), found);
        };
        let is_writable = |name: &str, value: &Value| {
            let kind = kinds.get(name);
            kind.is_some_and(|kind| to_proto::value(value, kind).is_ok())
        };
        let writable = state.map(|state| {
            let attributes = state.into_iter();
            attributes
                .filter(|(name, value)| is_writable(name, value))
                .collect()
        });
        (self.write(writable).unwrap_or_default(), found)
    }

    /// What is wrong with a configuration.
    pub(super) fn validate(&self, config: &Object) -> Diagnostics {
        validate(&self.schema.attributes, config)
    }
}

/// An attribute without a value though a configuration or a default has to say what it is.
fn first_unresolved<'a>(attributes: &'a [Attribute], planned: &Object) -> Option<&'a str> {
    let decided = |it: &&Attribute| !it.presence.is_computed() || it.default.is_some();
    attributes.iter().filter(decided).find_map(|attribute| {
        let value = planned.get(&attribute.name)?;
        let must_be = attribute.presence == Presence::Required || attribute.default.is_some();
        let first_unresolved = match &attribute.kind {
            _ if value.is_null() => must_be,
            AttributeType::Value(_) => !value.is_wholly_known(),
            AttributeType::Nested(nesting, inner) => {
                let is_unknown = |element: &Value| match element {
                    Value::Object(object) => first_unresolved(inner, object).is_some(),
                    other => other.is_unknown(),
                };
                let mut elements = elements(*nesting, value).into_iter();
                value.is_unknown() || elements.any(|(_, element)| is_unknown(element))
            }
        };
        first_unresolved.then_some(attribute.name.as_str())
    })
}

fn not_known(name: &str) -> Diagnostics {
    unreadable(CodecError::new("the value is absent or not known").within(name))
}

/// Reads a state of type `kind` as Terraform stored it.
pub(super) fn read_stored(
    message: Option<&proto::RawState>,
    kind: &Type,
) -> Result<Option<Object>, Diagnostics> {
    let message = message.filter(|state| !state.json.is_empty());
    let message = message.ok_or_else(no_state)?;
    from_proto::raw_state(message, kind).map_err(unreadable_state)
}

/// Terraform before 0.12 stored states in another form, which it sends as a flat map.
fn no_state() -> Diagnostics {
    Diagnostics::error(
        "State Without Data",
        "Terraform sent no state in JSON: the state was written by Terraform before 0.12. Run \
         terraform apply with Terraform 0.13 first, which upgrades the state.",
    )
}

pub(super) fn unreadable(error: CodecError) -> Diagnostics {
    Diagnostics::error(
        "Unreadable Value from Terraform",
        format!(
            "Terraform sent a value that does not fit the provider's schema: {error}.\n\nIf the \
             provider was changed or replaced while Terraform ran, run Terraform again. Otherwise \
             this is a bug; please report it to the provider's developers."
        ),
    )
}
