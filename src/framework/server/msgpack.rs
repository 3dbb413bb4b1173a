//! MessagePack ↔ [`Value`], as cty maps it (protocol: object-wire-format.md).
//!
//! The type decides how bytes are read: arrays are lists, sets or tuples, maps are maps or
//! objects. Input is never trusted: no length is allocated before its bytes are there, and
//! nesting ends at [`MAX_DEPTH`].

use rmp::{Marker, decode, encode};

use super::{
    codec_error::{CodecError, within},
    type_constraint,
};
use crate::framework::value::{Promises, Refinement, Set, Type, Value};
use crate::framework::{Number, Object};

/// A dynamic value may hold a dynamic value, so the type alone does not bound the depth.
const MAX_DEPTH: usize = 128;
/// Extension type of an unknown value without refinements.
const EXT_UNKNOWN: i8 = 0;
/// Extension type of an unknown value with refinements.
const EXT_REFINED: i8 = 12;
/// cty's own limit for the refinements of one value, in bytes.
const MAX_REFINEMENTS: usize = 1_024;

/// Reads a value of type `kind`; nothing may follow it.
///
/// # Errors
/// The bytes are no MessagePack, or no value of this type.
pub(super) fn decode(mut bytes: &[u8], kind: &Type) -> Result<Value, CodecError> {
    let value = decode_value(&mut bytes, kind, MAX_DEPTH)?;
    if bytes.is_empty() {
        Ok(value)
    } else {
        Err(CodecError::new("bytes after the value"))
    }
}

/// Writes a value of type `kind`. Attributes that an object lacks are written as null.
///
/// # Errors
/// The value is not of this type.
pub(super) fn encode(value: &Value, kind: &Type) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    encode_value(&mut bytes, value, kind)?;
    Ok(bytes)
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
            let mut map = Object::new();
            for _ in 0..decode_map_length(bytes)? {
                let key = decode_string(bytes)?.to_owned();
                let value = within(&key, decode_value(bytes, kind, depth))?;
                map.insert(key, value);
            }
            Ok(Value::Map(map))
        }
        Type::Object(kinds) => {
            let mut object = Object::new();
            for _ in 0..decode_map_length(bytes)? {
                let key = decode_string(bytes)?;
                let kind = kinds.get(key).ok_or_else(|| {
                    CodecError::new("an attribute that the schema does not have").within(key)
                })?;
                let value = within(key, decode_value(bytes, kind, depth))?;
                object.insert(key.to_owned(), value);
            }
            match kinds.keys().find(|&name| !object.contains_key(name)) {
                Some(absent) => Err(CodecError::new("the attribute is absent").within(absent)),
                None => Ok(Value::Object(object)),
            }
        }
        Type::Dynamic => decode_dynamic(bytes, depth),
    }
}

fn decode_elements(bytes: &mut &[u8], kind: &Type, depth: usize) -> Result<Vec<Value>, CodecError> {
    let length = decode_array_length(bytes)?;
    // Every element takes a byte at least, so a false length fails before it costs memory.
    let mut elements = Vec::with_capacity(length.min(bytes.len()));
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
            if let Some(surplus) = object.keys().find(|&name| !kinds.contains_key(name)) {
                return Err(CodecError::new("the schema has no such attribute").within(surplus));
            }
            write(encode::write_map_len(bytes, length(kinds.len())?))?;
            kinds.iter().try_for_each(|(name, kind)| {
                let value = object.get(name).unwrap_or(&Value::Null);
                write(encode::write_str(bytes, name))?;
                within(name, encode_value(bytes, value, kind))
            })
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
    let Some(promises) = &refinement.0 else {
        write(encode::write_ext_meta(bytes, 1, EXT_UNKNOWN).map(drop))?;
        bytes.push(0);
        return Ok(());
    };
    let payload = encode_refinements(promises)?;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::framework::server::arbitrary::{any_type, value_of};

    fn number(text: &str) -> Value {
        Value::Number(text.parse().unwrap())
    }

    fn object(attributes: &[(&str, Type)]) -> Type {
        let attributes = attributes
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), kind.clone()));
        Type::Object(attributes.collect())
    }

    #[test]
    fn values_are_written_as_cty_writes_them() {
        let cases: [(Value, Type, &[u8]); 9] = [
            (Value::Null, Type::String, &[0xc0]),
            (Value::UNKNOWN, Type::String, &[0xd4, 0x00, 0x00]),
            (Value::Bool(true), Type::Bool, &[0xc3]),
            (number("1"), Type::Number, &[0x01]),
            (number("-129"), Type::Number, &[0xd1, 0xff, 0x7f]),
            (
                number("0.5"),
                Type::Number,
                &[0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0],
            ),
            (number("0.1"), Type::Number, b"\xa30.1"),
            (
                number("9223372036854775808"),
                Type::Number,
                b"\xb39223372036854775808",
            ),
            (
                Value::Dynamic(Box::new((Type::Bool, Value::UNKNOWN))),
                Type::Dynamic,
                b"\x92\xc4\x06\"bool\"\xd4\x00\x00",
            ),
        ];
        for (value, kind, bytes) in cases {
            assert_eq!(encode(&value, &kind).as_deref(), Ok(bytes), "{value:?}");
            assert_eq!(decode(bytes, &kind), Ok(value));
        }
    }

    #[test]
    fn numbers_of_every_width_are_read() {
        let cases: [(&[u8], &str); 6] = [
            (&[0xca, 0x3f, 0x00, 0x00, 0x00], "0.5"),
            (&[0xcc, 0xff], "255"),
            (
                &[0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                "-1",
            ),
            (
                &[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                "18446744073709551615",
            ),
            (b"\xb712345678901234567890123", "12345678901234567890123"),
            (b"\xa41e-3", "0.001"),
        ];
        for (bytes, text) in cases {
            assert_eq!(decode(bytes, &Type::Number), Ok(number(text)));
        }
        let infinity = [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0];
        let read = decode(&infinity, &Type::Number).unwrap();
        assert_eq!(
            encode(&read, &Type::Number).as_deref(),
            Ok(infinity.as_slice())
        );
    }

    #[test]
    fn every_extension_is_an_unknown_value() {
        let cases: [&[u8]; 4] = [
            &[0xd4, 0x07, 0x00],
            &[0xc7, 0x00, 0x00],
            &[0xd5, 0x01, 1, 2],
            &[0xc7, 0x01, 0x0c, 0x80],
        ];
        for bytes in cases {
            assert_eq!(
                decode(bytes, &Type::String),
                Ok(Value::UNKNOWN),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn refinements_of_a_later_terraform_are_passed_over() {
        // {9: ["x", {1: nil}], 1: false}
        let payload = [0x82, 0x09, 0x92, 0xa1, b'x', 0x81, 0x01, 0xc0, 0x01, 0xc2];
        let bytes = [&[0xc7, payload.len() as u8, 12], payload.as_slice()].concat();

        let Ok(Value::Unknown(refinement)) = decode(&bytes, &Type::String) else {
            panic!("known")
        };

        assert!(refinement.is_not_null());
    }

    #[test]
    fn an_object_is_always_written_whole() {
        let kind = object(&[("a", Type::Bool), ("b", Type::Bool)]);
        let partial = Value::Object([("b".to_owned(), true.into())].into());

        let bytes = encode(&partial, &kind).unwrap();

        assert_eq!(bytes, b"\x82\xa1a\xc0\xa1b\xc3");
    }

    #[test]
    fn objects_that_do_not_fit_the_schema_are_refused_by_name() {
        let kind = object(&[("a", Type::Bool)]);
        for (bytes, error) in [
            (b"\x80".as_slice(), "the attribute is absent, at a"),
            (
                b"\x81\xa1b\xc3",
                "an attribute that the schema does not have, at b",
            ),
            (b"\x81\xa1a\x01", "expected a bool, at a"),
        ] {
            assert_eq!(decode(bytes, &kind).unwrap_err().to_string(), error);
        }
        let surplus = Value::Object([("c".to_owned(), true.into())].into());
        assert_eq!(
            encode(&surplus, &kind).unwrap_err().to_string(),
            "the schema has no such attribute, at c"
        );
    }

    #[test]
    fn a_false_length_costs_no_memory() {
        let bytes = [0xdd, 0xff, 0xff, 0xff, 0xff];

        assert!(decode(&bytes, &Type::list(Type::Bool)).is_err());
        assert!(decode(&[0xdf, 0xff, 0xff, 0xff, 0xff], &Type::map(Type::Bool)).is_err());
        assert!(decode(&[0xdb, 0xff, 0xff, 0xff, 0xff], &Type::String).is_err());
    }

    #[test]
    fn dynamic_values_nested_without_end_are_refused() {
        let bytes = b"\x92\xc4\x09\"dynamic\"".repeat(100_000);

        assert_eq!(
            decode(&bytes, &Type::Dynamic).unwrap_err().to_string(),
            "nested too deeply"
        );
    }

    proptest! {
        #[test]
        fn every_value_round_trips((kind, value) in any_type().prop_flat_map(|kind| {
            let value = value_of(&kind);
            (Just(kind), value)
        })) {
            let bytes = encode(&value, &kind).unwrap();

            prop_assert_eq!(decode(&bytes, &kind), Ok(value));
        }

        #[test]
        fn random_bytes_are_an_error_or_a_value(kind in any_type(), bytes: Vec<u8>) {
            let _ = decode(&bytes, &kind);
        }

        #[test]
        fn a_value_with_a_byte_changed_is_an_error_or_a_value(
            (kind, value) in any_type().prop_flat_map(|kind| {
                let value = value_of(&kind);
                (Just(kind), value)
            }),
            position: prop::sample::Index,
            byte: u8,
        ) {
            let mut bytes = encode(&value, &kind).unwrap();
            let position = position.index(bytes.len());
            bytes[position] = byte;

            let _ = decode(&bytes, &kind);
        }
    }
}
