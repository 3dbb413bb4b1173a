//! The codecs, as the programs in `fuzz/` reach them. Compiled for those alone.

use super::{json, msgpack};
use crate::framework::{Type, Value};

/// Reads a value in MessagePack, or says why it is none of this type.
pub fn read_msgpack(bytes: &[u8], kind: &Type) -> Result<Value, String> {
    msgpack::decode(bytes, kind).map_err(|error| error.to_string())
}

/// Writes a value in MessagePack, or says why it is not of this type.
pub fn write_msgpack(value: &Value, kind: &Type) -> Result<Vec<u8>, String> {
    msgpack::encode(value, kind).map_err(|error| error.to_string())
}

/// Reads a value in JSON, or says why it is none of this type.
pub fn read_json(bytes: &[u8], kind: &Type) -> Result<Value, String> {
    json::decode(bytes, kind).map_err(|error| error.to_string())
}
