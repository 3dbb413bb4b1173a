//! MessagePack ↔ [`Value`], as cty maps it (protocol: object-wire-format.md).
//!
//! The type decides how bytes are read: arrays are lists or sets, maps are maps or objects. Input
//! is never trusted: no length is allocated before its bytes are there, and the type bounds how
//! deep values are nested.

use std::collections::BTreeMap;

use rmp::{Marker, decode as read, encode as write};

use crate::framework::{
    Number, ValueError,
    value::{Name, Object, Type, Value},
};

/// Extension type of an unknown value without refinements.
const UNKNOWN: i8 = 0;

/// Enough for the state of most resources, in bytes.
const USUAL_SIZE: usize = 512;

/// Reads a value of type `kind`; nothing may follow it.
pub(super) fn decode(mut bytes: &[u8], kind: &Type) -> Result<Value, ValueError> {
    let value = decode_value(&mut bytes, kind)?;
    match bytes.is_empty() {
        true => Ok(value),
        false => Err(ValueError::new("bytes after the value")),
    }
}

fn decode_value(bytes: &mut &[u8], kind: &Type) -> Result<Value, ValueError> {
    use Marker::{Ext8, Ext16, Ext32, FixExt1, FixExt2, FixExt4, FixExt8, FixExt16};
    match peek(bytes)? {
        Marker::Null => {
            take(bytes, 1)?;
            return Ok(Value::Null);
        }
        // Any extension means unknown. What one may promise of the value is of no use here.
        FixExt1 | FixExt2 | FixExt4 | FixExt8 | FixExt16 | Ext8 | Ext16 | Ext32 => {
            let meta = read::read_ext_meta(bytes).map_err(expected("an extension"))?;
            take(bytes, meta.size as usize)?;
            return Ok(Value::Unknown);
        }
        _ => {}
    }
    Ok(match kind {
        Type::Bool => Value::Bool(read::read_bool(bytes).map_err(expected("a bool"))?),
        Type::Number | Type::Integer => Value::Number(decode_number(bytes)?),
        Type::String => Value::String(decode_string(bytes)?.to_owned()),
        Type::List(kind) => Value::List(decode_elements(bytes, kind)?),
        Type::Set(kind) => Value::Set(decode_elements(bytes, kind)?.into_iter().collect()),
        Type::Map(kind) => {
            let entries = (0..decode_map_length(bytes)?).map(|_| {
                let key = decode_string(bytes)?;
                let value = decode_value(bytes, kind).map_err(|error| error.within(key))?;
                Ok((key, value))
            });
            Value::Map(entries.collect::<Result<_, ValueError>>()?)
        }
        Type::Object(kinds) => Value::Object(decode_object(bytes, kinds)?),
    })
}

fn decode_object(bytes: &mut &[u8], kinds: &BTreeMap<Name, Type>) -> Result<Object, ValueError> {
    let mut in_order = kinds.iter(); // as Terraform writes them
    let entries = (0..decode_map_length(bytes)?).map(|_| {
        let key = decode_string(bytes)?;
        let next = in_order.next().filter(|(name, _)| ***name == *key);
        let (name, kind) = next.or_else(|| kinds.get_key_value(key)).ok_or_else(|| {
            ValueError::new("an attribute that the schema does not have").within(key)
        })?;
        let value = decode_value(bytes, kind).map_err(|error| error.within(name))?;
        Ok((Name::clone(name), value))
    });
    let object: Object = entries.collect::<Result<_, _>>()?;
    if object.len() < kinds.len()
        && let Some(absent) = kinds.keys().find(|name| object.get(name).is_none())
    {
        return Err(ValueError::new("the attribute is absent").within(absent));
    }
    Ok(object)
}

fn decode_elements(bytes: &mut &[u8], kind: &Type) -> Result<Vec<Value>, ValueError> {
    let length = read::read_array_len(bytes).map_err(expected("an array"))? as usize;
    // A false length takes no more memory than there are bytes left, at every depth.
    let believable = bytes.len() / size_of::<Value>() + 1;
    let mut elements = Vec::with_capacity(length.min(believable));
    for index in 0..length {
        elements.push(decode_value(bytes, kind).map_err(|error| error.within(index))?);
    }
    Ok(elements)
}

fn decode_number(bytes: &mut &[u8]) -> Result<Number, ValueError> {
    const A_NUMBER: &str = "a number";
    let number = match peek(bytes)? {
        Marker::F32 => f64::from(read::read_f32(bytes).map_err(expected(A_NUMBER))?).try_into(),
        Marker::F64 => read::read_f64(bytes)
            .map_err(expected(A_NUMBER))?
            .try_into(),
        Marker::U64 => Ok(read::read_u64(bytes).map_err(expected(A_NUMBER))?.into()),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            decode_string(bytes)?.parse()
        }
        _ => {
            let integer = read::read_int::<i64, _>(bytes).map_err(expected(A_NUMBER))?;
            Ok(integer.into())
        }
    };
    number.map_err(ValueError::new)
}

fn decode_string<'b>(bytes: &mut &'b [u8]) -> Result<&'b str, ValueError> {
    let length = read::read_str_len(bytes).map_err(expected("a string"))?;
    let text = take(bytes, length as usize)?;
    std::str::from_utf8(text).map_err(expected("a string in UTF-8"))
}

fn decode_map_length(bytes: &mut &[u8]) -> Result<u32, ValueError> {
    read::read_map_len(bytes).map_err(expected("a map"))
}

fn expected<E>(what: &str) -> impl FnOnce(E) -> ValueError {
    move |_| ValueError::new(format_args!("expected {what}"))
}

fn truncated() -> ValueError {
    ValueError::new("truncated")
}

fn peek(bytes: &[u8]) -> Result<Marker, ValueError> {
    let first = bytes.first().ok_or_else(truncated)?;
    Ok(Marker::from_u8(*first))
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Result<&'b [u8], ValueError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(truncated)?;
    *bytes = rest;
    Ok(taken)
}

/// Writes a value of type `kind`. Attributes that an object lacks are written as null.
pub(super) fn encode(value: &Value, kind: &Type) -> Result<Vec<u8>, ValueError> {
    let mut bytes = Vec::with_capacity(USUAL_SIZE);
    encode_value(&mut bytes, value, kind)?;
    Ok(bytes)
}

fn encode_value(bytes: &mut Vec<u8>, value: &Value, kind: &Type) -> Result<(), ValueError> {
    match (value, kind) {
        (Value::Null, _) => wrote(write::write_nil(bytes)),
        (Value::Unknown, _) => {
            wrote(write::write_ext_meta(bytes, 1, UNKNOWN))?;
            bytes.push(0);
            Ok(())
        }
        (Value::Bool(value), Type::Bool) => wrote(write::write_bool(bytes, *value)),
        (Value::Number(number), Type::Number | Type::Integer) => encode_number(bytes, number),
        (Value::String(text), Type::String) => wrote(write::write_str(bytes, text)),
        (Value::List(elements), Type::List(kind)) => encode_elements(bytes, elements, kind),
        (Value::Set(set), Type::Set(kind)) => encode_elements(bytes, set, kind),
        (Value::Map(map), Type::Map(kind)) => {
            wrote(write::write_map_len(bytes, length(map.len())?))?;
            map.iter().try_for_each(|(key, value)| {
                wrote(write::write_str(bytes, key))?;
                encode_value(bytes, value, kind).map_err(|error| error.within(key))
            })
        }
        (Value::Object(object), Type::Object(kinds)) => {
            wrote(write::write_map_len(bytes, length(kinds.len())?))?;
            let mut values = object.iter().peekable(); // in the same order
            for (name, kind) in kinds {
                let value = values.next_if(|(next, _)| next == name);
                let value = value.map_or(&Value::Null, |(_, value)| value);
                wrote(write::write_str(bytes, name))?;
                encode_value(bytes, value, kind).map_err(|error| error.within(name))?;
            }
            match values.next() {
                Some((surplus, _)) => {
                    Err(ValueError::new("the schema has no such attribute").within(surplus))
                }
                None => Ok(()),
            }
        }
        _ => Err(ValueError::new(
            "the value is of another type than the schema says",
        )),
    }
}

fn encode_elements(bytes: &mut Vec<u8>, elements: &[Value], kind: &Type) -> Result<(), ValueError> {
    wrote(write::write_array_len(bytes, length(elements.len())?))?;
    for (index, element) in elements.iter().enumerate() {
        encode_value(bytes, element, kind).map_err(|error| error.within(index))?;
    }
    Ok(())
}

fn encode_number(bytes: &mut Vec<u8>, number: &Number) -> Result<(), ValueError> {
    if let Some(integer) = number.as_i64() {
        return wrote(write::write_sint(bytes, integer));
    }
    match number.as_exact_f64() {
        // An integer beyond 64 bits always travels as text, even if a float would hold it.
        Some(float) if !number.is_integer() => wrote(write::write_f64(bytes, float)),
        _ => wrote(write::write_str(bytes, &number.to_string())),
    }
}

fn length(length: usize) -> Result<u32, ValueError> {
    u32::try_from(length).map_err(|_| ValueError::new("more than 2³² elements"))
}

/// Writing to memory does not fail; should it ever, the value is not sent half.
fn wrote<T, E: std::fmt::Display>(written: Result<T, E>) -> Result<(), ValueError> {
    written.map(drop).map_err(ValueError::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::framework::server::wire::tests::{any_type, value_of};
    use crate::framework::value::{Type, Value};

    fn number(text: &str) -> Value {
        Value::Number(text.parse().unwrap())
    }

    fn object(attributes: &[(&str, Type)]) -> Type {
        let attributes = attributes
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), kind.clone()));
        Type::object(attributes)
    }

    #[test]
    fn values_are_written_as_cty_writes_them() {
        let cases: [(Value, Type, &[u8]); 8] = [
            (Value::Null, Type::String, &[0xc0]),
            (Value::Unknown, Type::String, &[0xd4, 0x00, 0x00]),
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
        let cases: [&[u8]; 5] = [
            b"\xc7\x0a\x0c\x82\x09\x92\xa1x\x81\x01\xc0\x01\xc2", // refined: not null, and more
            &[0xd4, 0x07, 0x00],
            &[0xc7, 0x00, 0x00],
            &[0xd5, 0x01, 1, 2],
            &[0xc7, 0x01, 0x0c, 0x80],
        ];
        for bytes in cases {
            assert_eq!(
                decode(bytes, &Type::String),
                Ok(Value::Unknown),
                "{bytes:?}"
            );
        }
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

    /// What was read can be written, and is then read as the same.
    #[track_caller]
    fn written_alike(value: &Value, kind: &Type) {
        let written = encode(value, kind).unwrap();

        assert_eq!(decode(&written, kind).as_ref(), Ok(value));
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
            if let Ok(value) = decode(&bytes, &kind) {
                written_alike(&value, &kind);
            }
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

            if let Ok(value) = decode(&bytes, &kind) {
                written_alike(&value, &kind);
            }
        }
    }
}
