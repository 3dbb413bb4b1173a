//! [`SchemaCodec`]: the values of one schema, to and from messages.

use super::wire::{from_proto, to_proto};
use crate::framework::{
    Diagnostics, Object, Type, Value, ValueError, schema::Schema, validate::validate,
};
use crate::proto::tfplugin6 as proto;

/// A schema, and the type of the object that it describes.
pub(super) struct SchemaCodec {
    pub(super) schema: Schema,
    pub(super) kind: Type,
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
        Ok(from_proto::object(message, &self.kind)?)
    }

    /// Reads a configuration, which is never null.
    pub(super) fn read_config(
        &self,
        message: Option<&proto::DynamicValue>,
    ) -> Result<Object, Diagnostics> {
        let config = self.read(message)?;
        Ok(config.ok_or_else(|| ValueError::new("the configuration is null"))?)
    }

    /// Writes a configuration or state of this schema; `None` is null.
    pub(super) fn write(&self, object: Option<Object>) -> Result<proto::DynamicValue, Diagnostics> {
        write(object, &self.kind)
    }

    /// Writes the state after a change. An attribute that cannot be written is null and reported.
    pub(super) fn write_state(&self, state: Option<Object>) -> (proto::DynamicValue, Diagnostics) {
        let found = match self.write(state.clone()) {
            Ok(written) => return (written, Diagnostics::new()),
            Err(found) => found,
        };
        let writable = state.map(|state| {
            let is_writable =
                |attribute: &(_, _)| self.write(Some([attribute.clone()].into())).is_ok();
            state.into_iter().filter(is_writable).collect()
        });
        (self.write(writable).unwrap_or_default(), found)
    }

    /// What is wrong with a configuration.
    pub(super) fn validate(&self, config: &Object) -> Diagnostics {
        validate(&self.schema.attributes, config)
    }
}

/// Writes an object of type `kind`; `None` is null.
pub(super) fn write(
    object: Option<Object>,
    kind: &Type,
) -> Result<proto::DynamicValue, Diagnostics> {
    to_proto::value(&object.map_or(Value::Null, Value::Object), kind)
        .map_err(|error| Diagnostics::bug(format!("A value does not fit its schema: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::computed;

    #[test]
    fn state_is_written_without_what_does_not_fit_the_schema() {
        let attributes = ["id", "name"].map(|name| computed(name, Type::String, ""));
        let codec = SchemaCodec::from(Schema::new("", attributes));
        let state = [
            ("id", "1".into()),
            ("name", true.into()),
            ("size", 2.into()),
        ];

        let (written, found) = codec.write_state(Some(state.into()));

        assert!(found.has_error());
        let read = codec.read(Some(&written)).unwrap();
        let expected = [("id", "1".into()), ("name", Value::Null)];
        assert_eq!(read, Some(expected.into()));
    }
}
