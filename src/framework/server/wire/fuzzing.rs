//! The codecs, as the programs in `fuzz/` reach them. Compiled for those alone.

use super::{codec_error::CodecError, json, msgpack, type_constraint};
use crate::framework::{Type, Value};

/// Reads a value in MessagePack.
///
/// # Errors
/// The bytes are no value of this type.
pub fn read_msgpack(bytes: &[u8], kind: &Type) -> Result<Value, String> {
    told(msgpack::decode(bytes, kind))
}

/// Writes a value in MessagePack.
///
/// # Errors
/// The value is not of this type.
pub fn write_msgpack(value: &Value, kind: &Type) -> Result<Vec<u8>, String> {
    told(msgpack::encode(value, kind))
}

/// Reads a value in JSON.
///
/// # Errors
/// The bytes are no value of this type.
pub fn read_json(bytes: &[u8], kind: &Type) -> Result<Value, String> {
    told(json::decode(bytes, kind))
}

/// Reads a type constraint.
///
/// # Errors
/// The bytes are no type constraint.
pub fn read_type(bytes: &[u8]) -> Result<Type, String> {
    told(type_constraint::from_json(bytes))
}

/// Writes a type constraint.
pub fn write_type(kind: &Type) -> Vec<u8> {
    type_constraint::to_json(kind)
}

fn told<T>(result: Result<T, CodecError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}
