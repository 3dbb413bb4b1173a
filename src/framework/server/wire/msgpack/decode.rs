//! Reads MessagePack. Input is never trusted: no length is allocated before its bytes are there,
//! and the type bounds how deep values are nested.

use std::collections::BTreeMap;

use rmp::{Marker, decode};

use super::super::codec_error::{CodecError, within};
use crate::framework::{
    Number,
    value::{Name, Object, Type, Value},
};

/// Reads a value of type `kind`; nothing may follow it.
///
/// # Errors
/// The bytes are no MessagePack, or no value of this type.
pub(in super::super) fn decode(mut bytes: &[u8], kind: &Type) -> Result<Value, CodecError> {
    let value = decode_value(&mut bytes, kind)?;
    if bytes.is_empty() {
        Ok(value)
    } else {
        Err(CodecError::new("bytes after the value"))
    }
}

fn decode_value(bytes: &mut &[u8], kind: &Type) -> Result<Value, CodecError> {
    match peek(bytes)? {
        Marker::Null => {
            take(bytes, 1)?;
            return Ok(Value::Null);
        }
        // Any extension means unknown. What one may promise of the value is of no use here.
        marker if is_ext(marker) => {
            let meta = decode::read_ext_meta(bytes).map_err(expected("an extension"))?;
            take(bytes, meta.size as usize)?;
            return Ok(Value::Unknown);
        }
        _ => {}
    }
    match kind {
        Type::Bool => decode::read_bool(bytes)
            .map(Value::Bool)
            .map_err(expected("a bool")),
        Type::Number => decode_number(bytes).map(Value::Number),
        Type::String => decode_string(bytes).map(|text| Value::String(text.to_owned())),
        Type::List(kind) => decode_elements(bytes, kind).map(Value::List),
        Type::Set(kind) => {
            let elements = decode_elements(bytes, kind)?;
            Ok(Value::Set(elements.into_iter().collect()))
        }
        Type::Map(kind) => {
            let entries = (0..decode_map_length(bytes)?).map(|_| {
                let key = decode_string(bytes)?;
                let value = within(key, decode_value(bytes, kind))?;
                Ok((key, value))
            });
            entries.collect::<Result<_, _>>().map(Value::Map)
        }
        Type::Object(kinds) => decode_object(bytes, kinds).map(Value::Object),
    }
}

fn decode_object(bytes: &mut &[u8], kinds: &BTreeMap<Name, Type>) -> Result<Object, CodecError> {
    let mut in_order = kinds.iter(); // as Terraform writes them
    let entries = (0..decode_map_length(bytes)?).map(|_| {
        let key = decode_string(bytes)?;
        let next = in_order.next().filter(|(name, _)| ***name == *key);
        let (name, kind) = next.or_else(|| kinds.get_key_value(key)).ok_or_else(|| {
            CodecError::new("an attribute that the schema does not have").within(key)
        })?;
        let value = within(name, decode_value(bytes, kind))?;
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

fn decode_elements(bytes: &mut &[u8], kind: &Type) -> Result<Vec<Value>, CodecError> {
    let length = decode::read_array_len(bytes).map_err(expected("an array"))? as usize;
    // A false length takes no more memory than there are bytes left, at every depth.
    let believable = bytes.len() / size_of::<Value>() + 1;
    let mut elements = Vec::with_capacity(length.min(believable));
    for index in 0..length {
        elements.push(within(index, decode_value(bytes, kind))?);
    }
    Ok(elements)
}

fn decode_number(bytes: &mut &[u8]) -> Result<Number, CodecError> {
    let number = match peek(bytes)? {
        Marker::F32 => decode::read_f32(bytes)
            .ok()
            .map(|it| f64::from(it).try_into()),
        Marker::F64 => decode::read_f64(bytes).ok().map(Number::try_from),
        Marker::U64 => decode::read_u64(bytes).ok().map(|it| Ok(it.into())),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            Some(decode_string(bytes)?.parse())
        }
        _ => decode::read_int::<i64, _>(bytes)
            .ok()
            .map(|it| Ok(it.into())),
    };
    number
        .ok_or_else(|| CodecError::new("expected a number"))?
        .map_err(CodecError::new)
}

fn decode_string<'b>(bytes: &mut &'b [u8]) -> Result<&'b str, CodecError> {
    let length = decode::read_str_len(bytes).map_err(expected("a string"))?;
    let text = take(bytes, length as usize)?;
    std::str::from_utf8(text).map_err(expected("a string in UTF-8"))
}

fn decode_map_length(bytes: &mut &[u8]) -> Result<u32, CodecError> {
    decode::read_map_len(bytes).map_err(expected("a map"))
}

fn expected<E>(what: &str) -> impl FnOnce(E) -> CodecError {
    move |_| CodecError::new(format_args!("expected {what}"))
}

fn truncated() -> CodecError {
    CodecError::new("truncated")
}

fn peek(bytes: &[u8]) -> Result<Marker, CodecError> {
    let first = bytes.first().ok_or_else(truncated)?;
    Ok(Marker::from_u8(*first))
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Result<&'b [u8], CodecError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(truncated)?;
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
