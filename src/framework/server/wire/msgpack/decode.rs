//! Reads MessagePack. Input is never trusted: no length is allocated before its bytes are there,
//! and nesting ends at [`MAX_DEPTH`].

use std::collections::BTreeMap;

use rmp::{Marker, decode};

use super::super::{
    codec_error::{CodecError, within},
    type_constraint,
};
use super::{EXT_REFINED, MAX_REFINEMENTS};
use crate::framework::Number;
use crate::framework::value::{Name, Object, Promises, Refinement, Set, Type, Value};

/// A dynamic value may hold a dynamic value, so the type alone does not bound the depth.
const MAX_DEPTH: usize = 128;

/// Reads a value of type `kind`; nothing may follow it.
///
/// # Errors
/// The bytes are no MessagePack, or no value of this type.
pub(in super::super) fn decode(mut bytes: &[u8], kind: &Type) -> Result<Value, CodecError> {
    let value = decode_value(&mut bytes, kind, MAX_DEPTH)?;
    if bytes.is_empty() {
        Ok(value)
    } else {
        Err(CodecError::new("bytes after the value"))
    }
}

fn decode_value(bytes: &mut &[u8], kind: &Type, depth: usize) -> Result<Value, CodecError> {
    let depth = depth
        .checked_sub(1)
        .ok_or_else(|| CodecError::new("nested too deeply"))?;
    match peek(bytes)? {
        Marker::Null => {
            *bytes = &bytes[1..];
            return Ok(Value::Null);
        }
        marker if is_ext(marker) => return decode_unknown(bytes),
        _ => {}
    }
    match kind {
        Type::Bool => decode::read_bool(bytes)
            .map(Value::Bool)
            .map_err(|_| CodecError::new("expected a bool")),
        Type::Number => decode_number(bytes).map(Value::Number),
        Type::String => decode_string(bytes).map(|text| Value::String(text.to_owned())),
        Type::List(kind) => decode_elements(bytes, kind, depth).map(Value::List),
        Type::Set(kind) => {
            let elements = decode_elements(bytes, kind, depth)?;
            Ok(Value::Set(elements.into_iter().collect::<Set>()))
        }
        Type::Tuple(kinds) => decode_tuple(bytes, kinds, depth).map(Value::List),
        Type::Map(kind) => {
            let entries = (0..decode_map_length(bytes)?).map(|_| {
                let key = decode_string(bytes)?;
                let value = within(key, decode_value(bytes, kind, depth))?;
                Ok((key, value))
            });
            entries.collect::<Result<_, _>>().map(Value::Map)
        }
        Type::Object(kinds) => decode_object(bytes, kinds, depth).map(Value::Object),
        Type::Dynamic => decode_dynamic(bytes, depth),
    }
}

fn decode_object(
    bytes: &mut &[u8],
    kinds: &BTreeMap<Name, Type>,
    depth: usize,
) -> Result<Object, CodecError> {
    let mut in_order = kinds.iter(); // as Terraform writes them
    let entries = (0..decode_map_length(bytes)?).map(|_| {
        let key = decode_string(bytes)?;
        let next = in_order.next().filter(|(name, _)| ***name == *key);
        let (name, kind) = next.or_else(|| kinds.get_key_value(key)).ok_or_else(|| {
            CodecError::new("an attribute that the schema does not have").within(key)
        })?;
        let value = within(name, decode_value(bytes, kind, depth))?;
        Ok((Name::clone(name), value))
    });
    let object: Object = entries.collect::<Result<_, _>>()?;
    if object.len() < kinds.len()
        && let Some(absent) = kinds.keys().find(|name| !object.contains_key(name))
    {
        return Err(CodecError::new("the attribute is absent").within(absent));
    }
    Ok(object)
}

fn decode_elements(bytes: &mut &[u8], kind: &Type, depth: usize) -> Result<Vec<Value>, CodecError> {
    let length = decode_array_length(bytes)?;
    // A false length takes no more memory than there are bytes left, at every depth.
    let believable = bytes.len() / size_of::<Value>() + 1;
    let mut elements = Vec::with_capacity(length.min(believable));
    for index in 0..length {
        elements.push(within(index, decode_value(bytes, kind, depth))?);
    }
    Ok(elements)
}

fn decode_tuple(bytes: &mut &[u8], kinds: &[Type], depth: usize) -> Result<Vec<Value>, CodecError> {
    if decode_array_length(bytes)? != kinds.len() {
        return Err(CodecError::new(format!(
            "expected a tuple of {}",
            kinds.len()
        )));
    }
    let elements = kinds.iter().enumerate();
    elements
        .map(|(index, kind)| within(index, decode_value(bytes, kind, depth)))
        .collect()
}

/// A dynamic value is the pair of its type constraint, as JSON, and the value itself.
fn decode_dynamic(bytes: &mut &[u8], depth: usize) -> Result<Value, CodecError> {
    if decode_array_length(bytes)? != 2 {
        return Err(CodecError::new("expected a pair of a type and a value"));
    }
    let length = decode::read_bin_len(bytes).map_err(|_| CodecError::new("expected a type"))?;
    let kind = type_constraint::from_json(take(bytes, length as usize)?)?;
    let value = decode_value(bytes, &kind, depth)?;
    Ok(Value::Dynamic(Box::new((kind, value))))
}

fn decode_number(bytes: &mut &[u8]) -> Result<Number, CodecError> {
    let malformed = |_| CodecError::new("expected a number");
    let marker = peek(bytes)?;
    match marker {
        Marker::F32 => {
            let float =
                decode::read_f32(bytes).map_err(|_| CodecError::new("expected a number"))?;
            Number::try_from(f64::from(float)).map_err(malformed)
        }
        Marker::F64 => {
            let float =
                decode::read_f64(bytes).map_err(|_| CodecError::new("expected a number"))?;
            Number::try_from(float).map_err(malformed)
        }
        Marker::U64 => decode::read_u64(bytes)
            .map(Number::from)
            .map_err(|_| CodecError::new("expected a number")),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            decode_string(bytes)?.parse().map_err(CodecError::new)
        }
        _ => decode::read_int::<i64, _>(bytes)
            .map(Number::from)
            .map_err(|_| CodecError::new("expected a number")),
    }
}

fn decode_string<'b>(bytes: &mut &'b [u8]) -> Result<&'b str, CodecError> {
    let length = decode::read_str_len(bytes).map_err(|_| CodecError::new("expected a string"))?;
    let text = take(bytes, length as usize)?;
    std::str::from_utf8(text).map_err(|_| CodecError::new("expected a string in UTF-8"))
}

fn decode_array_length(bytes: &mut &[u8]) -> Result<usize, CodecError> {
    let length = decode::read_array_len(bytes);
    length
        .map(|length| length as usize)
        .map_err(|_| CodecError::new("expected an array"))
}

fn decode_map_length(bytes: &mut &[u8]) -> Result<usize, CodecError> {
    let length = decode::read_map_len(bytes);
    length
        .map(|length| length as usize)
        .map_err(|_| CodecError::new("expected a map"))
}

/// Any extension means unknown; only one kind of it tells more.
fn decode_unknown(bytes: &mut &[u8]) -> Result<Value, CodecError> {
    let meta = decode::read_ext_meta(bytes).map_err(|_| CodecError::new("truncated"))?;
    let payload = take(bytes, meta.size as usize)?;
    if meta.typeid != EXT_REFINED {
        return Ok(Value::UNKNOWN);
    }
    if payload.len() > MAX_REFINEMENTS {
        return Err(CodecError::new("refinements of more than 1,024 bytes"));
    }
    decode_refinements(payload)
}

fn decode_refinements(mut payload: &[u8]) -> Result<Value, CodecError> {
    let bytes = &mut payload;
    let mut promises = Promises::default();
    for _ in 0..decode_map_length(bytes)? {
        let key: i64 = decode::read_int(bytes).map_err(|_| CodecError::new("expected a key"))?;
        match key {
            1 => match decode_value(bytes, &Type::Bool, 1)? {
                Value::Bool(true) => return Ok(Value::Null), // certainly null: not unknown at all
                _ => promises.not_null = true,
            },
            2 => promises.prefix = Some(decode_string(bytes)?.to_owned()),
            3 => promises.lower_bound = Some(decode_bound(bytes)?),
            4 => promises.upper_bound = Some(decode_bound(bytes)?),
            5 => promises.min_length = Some(decode_length(bytes)?),
            6 => promises.max_length = Some(decode_length(bytes)?),
            _ => skip(bytes)?, // a promise of a later Terraform
        }
    }
    Ok(Value::Unknown(Refinement::from(promises)))
}

fn decode_bound(bytes: &mut &[u8]) -> Result<(Number, bool), CodecError> {
    if decode_array_length(bytes)? != 2 {
        return Err(CodecError::new("expected a bound"));
    }
    let number = decode_number(bytes)?;
    let inclusive = decode::read_bool(bytes).map_err(|_| CodecError::new("expected a bool"))?;
    Ok((number, inclusive))
}

fn decode_length(bytes: &mut &[u8]) -> Result<i64, CodecError> {
    decode::read_int(bytes).map_err(|_| CodecError::new("expected a length"))
}

/// Skips one value of any kind. Refinements are at most 1,024 bytes, so a loop over what is
/// still to be read ends soon.
fn skip(bytes: &mut &[u8]) -> Result<(), CodecError> {
    let truncated = |_| CodecError::new("truncated");
    let mut pending = 1_usize;
    while pending > 0 {
        pending -= 1;
        match peek(bytes)? {
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                pending += decode_array_length(bytes)?;
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                pending += 2 * decode_map_length(bytes)?;
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                decode_string(bytes)?;
            }
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let length = decode::read_bin_len(bytes).map_err(truncated)?;
                take(bytes, length as usize)?;
            }
            marker if is_ext(marker) => {
                let meta = decode::read_ext_meta(bytes).map_err(truncated)?;
                take(bytes, meta.size as usize)?;
            }
            Marker::Null | Marker::True | Marker::False => {
                take(bytes, 1)?;
            }
            _ => {
                decode_number(bytes)?;
            }
        }
    }
    Ok(())
}

fn peek(bytes: &[u8]) -> Result<Marker, CodecError> {
    bytes
        .first()
        .map(|&byte| Marker::from_u8(byte))
        .ok_or_else(|| CodecError::new("truncated"))
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Result<&'b [u8], CodecError> {
    let (taken, rest) = bytes
        .split_at_checked(length)
        .ok_or_else(|| CodecError::new("truncated"))?;
    *bytes = rest;
    Ok(taken)
}

fn is_ext(marker: Marker) -> bool {
    use Marker::{Ext8, Ext16, Ext32, FixExt1, FixExt2, FixExt4, FixExt8, FixExt16};
    matches!(
        marker,
        FixExt1 | FixExt2 | FixExt4 | FixExt8 | FixExt16 | Ext8 | Ext16 | Ext32
    )
}
