//! The codecs, as the programs in `fuzz/` reach them. Compiled for those alone.

use super::{codec_error::CodecError, json, msgpack};
use crate::framework::{Type, Value};

/// Reads a value in MessagePack.
///
/// # Errors
/// The bytes are no value of this type.
pub fn read_msgpack(bytes: &[u8], kind: &Type) -> Result<Value, String> {
    in_words(msgpack::decode(bytes, kind))
}

/// Writes a value in MessagePack.
///
/// # Errors
/// The value is not of this type.
pub fn write_msgpack(value: &Value, kind: &Type) -> Result<Vec<u8>, String> {
    in_words(msgpack::encode(value, kind))
}

/// Reads a value in JSON.
///
/// # Errors
/// The bytes are no value of this type.
pub fn read_json(bytes: &[u8], kind: &Type) -> Result<Value, String> {
    in_words(json::decode(bytes, kind))
}

fn in_words<T>(result: Result<T, CodecError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}
