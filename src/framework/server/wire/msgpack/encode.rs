//! Writes MessagePack.

use rmp::encode;

use super::super::codec_error::{CodecError, within};
use crate::framework::{Number, Type, Value};

/// Extension type of an unknown value of which nothing is promised.
const UNKNOWN: i8 = 0;

/// Enough for the state of most resources, in bytes.
const USUAL_SIZE: usize = 512;

/// Writes a value of type `kind`. Attributes that an object lacks are written as null.
///
/// # Errors
/// The value is not of this type.
pub(in super::super) fn encode(value: &Value, kind: &Type) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::with_capacity(USUAL_SIZE);
    encode_value(&mut bytes, value, kind)?;
    Ok(bytes)
}

fn encode_value(bytes: &mut Vec<u8>, value: &Value, kind: &Type) -> Result<(), CodecError> {
    match (value, kind) {
        (Value::Null, _) => write(encode::write_nil(bytes)),
        (Value::Unknown, _) => {
            write(encode::write_ext_meta(bytes, 1, UNKNOWN))?;
            bytes.push(0);
            Ok(())
        }
        (Value::Bool(value), Type::Bool) => write(encode::write_bool(bytes, *value)),
        (Value::Number(number), Type::Number) => encode_number(bytes, number),
        (Value::String(text), Type::String) => write(encode::write_str(bytes, text)),
        (Value::List(elements), Type::List(kind)) => encode_array(bytes, elements.iter(), kind),
        (Value::Set(set), Type::Set(kind)) => encode_array(bytes, set.iter(), kind),
        (Value::Map(map), Type::Map(kind)) => {
            write(encode::write_map_len(bytes, length(map.len())?))?;
            map.iter().try_for_each(|(key, value)| {
                write(encode::write_str(bytes, key))?;
                within(key, encode_value(bytes, value, kind))
            })
        }
        (Value::Object(object), Type::Object(kinds)) => {
            write(encode::write_map_len(bytes, length(kinds.len())?))?;
            let mut values = object.iter().peekable(); // in the same order
            for (name, kind) in kinds {
                let value = values.next_if(|(next, _)| *next == name);
                let value = value.map_or(&Value::Null, |(_, value)| value);
                write(encode::write_str(bytes, name))?;
                within(name, encode_value(bytes, value, kind))?;
            }
            match values.next() {
                Some((surplus, _)) => {
                    Err(CodecError::new("the schema has no such attribute").within(surplus))
                }
                None => Ok(()),
            }
        }
        _ => Err(CodecError::new(
            "the value is of another type than the schema says",
        )),
    }
}

fn encode_array(
    bytes: &mut Vec<u8>,
    elements: std::slice::Iter<'_, Value>,
    kind: &Type,
) -> Result<(), CodecError> {
    write(encode::write_array_len(bytes, length(elements.len())?))?;
    for (index, element) in elements.enumerate() {
        within(index, encode_value(bytes, element, kind))?;
    }
    Ok(())
}

fn encode_number(bytes: &mut Vec<u8>, number: &Number) -> Result<(), CodecError> {
    if let Some(integer) = number.as_i64() {
        return write(encode::write_sint(bytes, integer));
    }
    match number.as_exact_f64() {
        // An integer beyond 64 bits always travels as text, even if a float would hold it.
        Some(float) if !number.is_integer() => write(encode::write_f64(bytes, float)),
        _ => write(encode::write_str(bytes, &number.to_string())),
    }
}

fn length(length: usize) -> Result<u32, CodecError> {
    u32::try_from(length).map_err(|_| CodecError::new("more than 2³² elements"))
}

/// Writing to memory does not fail; should it ever, the value is not sent half.
fn write<T, E: std::fmt::Display>(written: Result<T, E>) -> Result<(), CodecError> {
    written.map(drop).map_err(CodecError::new)
}
