//! Messages → framework types.

use super::{json, msgpack};
use crate::framework::{Object, Type, Value, ValueError};
use crate::proto::tfplugin6::{DynamicValue, RawState};

/// A configuration or state; `None` is null. Terraform sends MessagePack, and nothing at all
/// for some nulls.
pub(crate) fn object(
    message: Option<&DynamicValue>,
    kind: &Type,
) -> Result<Option<Object>, ValueError> {
    known_object(value(message, kind)?)
}

/// A value of any type. No bytes, like no message, are null: OpenTofu sends a null argument so.
pub(crate) fn value(message: Option<&DynamicValue>, kind: &Type) -> Result<Value, ValueError> {
    match message {
        Some(message) if !message.msgpack.is_empty() => msgpack::decode(&message.msgpack, kind),
        Some(message) if !message.json.is_empty() => json::decode(&message.json, kind),
        _ => Ok(Value::Null),
    }
}

/// A state as Terraform stored it.
pub(crate) fn raw_state(state: &RawState, kind: &Type) -> Result<Option<Object>, ValueError> {
    known_object(json::decode(&state.json, kind)?)
}

fn known_object(value: Value) -> Result<Option<Object>, ValueError> {
    match value {
        Value::Object(object) => Ok(Some(object)),
        Value::Null => Ok(None),
        _ => Err(ValueError::new("expected an object")),
    }
}
