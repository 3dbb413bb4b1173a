//! Writes MessagePack.

use rmp::encode;

use super::super::{
    codec_error::{CodecError, within},
    type_constraint,
};
use super::{EXT_REFINED, EXT_UNKNOWN, MAX_REFINEMENTS};
use crate::framework::Number;
use crate::framework::value::{Promises, Refinement, Type, Value};

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
        (Value::Unknown(refinement), _) => encode_unknown(bytes, refinement),
        (Value::Bool(value), Type::Bool) => write(encode::write_bool(bytes, *value)),
        (Value::Number(number), Type::Number) => encode_number(bytes, number),
        (Value::String(text), Type::String) => write(encode::write_str(bytes, text)),
        (Value::List(elements), Type::List(kind)) => {
            encode_array(bytes, elements.iter().map(|element| (element, &**kind)))
        }
        (Value::Set(set), Type::Set(kind)) => {
            encode_array(bytes, set.iter().map(|element| (element, &**kind)))
        }
        (Value::List(elements), Type::Tuple(kinds)) if elements.len() == kinds.len() => {
            encode_array(bytes, elements.iter().zip(kinds))
        }
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
        (Value::Dynamic(typed), Type::Dynamic) => {
            let (kind, value) = &**typed;
            write(encode::write_array_len(bytes, 2))?;
            write(encode::write_bin(bytes, &type_constraint::to_json(kind)))?;
            encode_value(bytes, value, kind)
        }
        _ => Err(CodecError::new(
            "the value is of another type than the schema says",
        )),
    }
}

fn encode_array<'v>(
    bytes: &mut Vec<u8>,
    elements: impl ExactSizeIterator<Item = (&'v Value, &'v Type)>,
) -> Result<(), CodecError> {
    write(encode::write_array_len(bytes, length(elements.len())?))?;
    for (index, (element, kind)) in elements.enumerate() {
        within(index, encode_value(bytes, element, kind))?;
    }
    Ok(())
}

fn encode_number(bytes: &mut Vec<u8>, number: &Number) -> Result<(), CodecError> {
    if let Some(integer) = number.as_i64() {
        return write(encode::write_sint(bytes, integer).map(drop));
    }
    match number.as_exact_f64() {
        // An integer beyond 64 bits always travels as text, even if a float would hold it.
        Some(float) if !number.is_integer() => write(encode::write_f64(bytes, float)),
        _ => write(encode::write_str(bytes, &number.to_string())),
    }
}

fn encode_unknown(bytes: &mut Vec<u8>, refinement: &Refinement) -> Result<(), CodecError> {
    let promises = refinement.0.as_deref();
    let payload = promises.map(encode_refinements).transpose()?;
    // A number may be longer than it was when it was decoded. Refinements that are too long to
    // be decoded again are left out.
    let Some(payload) = payload.filter(|payload| payload.len() <= MAX_REFINEMENTS) else {
        write(encode::write_ext_meta(bytes, 1, EXT_UNKNOWN).map(drop))?;
        bytes.push(0);
        return Ok(());
    };
    write(encode::write_ext_meta(bytes, length(payload.len())?, EXT_REFINED).map(drop))?;
    bytes.extend(payload);
    Ok(())
}

fn encode_refinements(promises: &Promises) -> Result<Vec<u8>, CodecError> {
    let Promises {
        not_null,
        prefix,
        lower_bound,
        upper_bound,
        min_length,
        max_length,
    } = promises;
    let mut entries = Vec::new();
    let mut count = 0;
    let mut key = |entries: &mut Vec<u8>, key: i64| {
        count += 1;
        write(encode::write_sint(entries, key).map(drop))
    };
    if *not_null {
        key(&mut entries, 1)?;
        write(encode::write_bool(&mut entries, false))?;
    }
    if let Some(prefix) = prefix {
        key(&mut entries, 2)?;
        write(encode::write_str(&mut entries, prefix))?;
    }
    for (id, bound) in [(3, lower_bound), (4, upper_bound)] {
        if let Some((number, inclusive)) = bound {
            key(&mut entries, id)?;
            write(encode::write_array_len(&mut entries, 2))?;
            encode_number(&mut entries, number)?;
            write(encode::write_bool(&mut entries, *inclusive))?;
        }
    }
    for (id, limit) in [(5, min_length), (6, max_length)] {
        if let Some(limit) = limit {
            key(&mut entries, id)?;
            write(encode::write_sint(&mut entries, *limit).map(drop))?;
        }
    }
    let mut payload = Vec::with_capacity(entries.len() + 1);
    write(encode::write_map_len(&mut payload, count).map(drop))?;
    payload.extend(entries);
    Ok(payload)
}

fn length(length: usize) -> Result<u32, CodecError> {
    u32::try_from(length).map_err(|_| CodecError::new("more than 2³² elements"))
}

/// Writing to memory does not fail; should it ever, the value is not sent half.
fn write<T, E: std::fmt::Display>(written: Result<T, E>) -> Result<(), CodecError> {
    written.map(drop).map_err(CodecError::new)
}
