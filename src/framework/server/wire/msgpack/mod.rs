//! MessagePack ↔ [`Value`](crate::framework::Value), as cty maps it (protocol: object-wire-format.md).
//!
//! The type decides how bytes are read: arrays are lists, sets or tuples, maps are maps or
//! objects.

mod decode;
mod encode;

pub(super) use self::{decode::decode, encode::encode};

/// Extension type of an unknown value without refinements.
const EXT_UNKNOWN: i8 = 0;
/// Extension type of an unknown value with refinements.
const EXT_REFINED: i8 = 12;
/// cty's own limit for the refinements of one value, in bytes.
const MAX_REFINEMENTS: usize = 1_024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::framework::server::wire::arbitrary::{any_type, value_of};
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
    fn promises_too_long_to_be_read_again_are_not_written() {
        // {3: ["1e2000", true]}: the bound has 2,001 digits when it is written out.
        let payload = b"\x81\x03\x92\xa61e2000\xc3";
        let bytes = [&[0xc7, payload.len() as u8, 12], payload.as_slice()].concat();
        let value = decode(&bytes, &Type::Number).unwrap();

        let written = encode(&value, &Type::Number).unwrap();

        assert_eq!(decode(&written, &Type::Number), Ok(Value::UNKNOWN));
    }

    #[test]
    fn dynamic_values_nested_without_end_are_refused() {
        let bytes = b"\x92\xc4\x09\"dynamic\"".repeat(100_000);

        assert_eq!(
            decode(&bytes, &Type::Dynamic).unwrap_err().to_string(),
            "nested too deeply"
        );
    }

    /// What was read can be written, and is then read and written as the same.
    #[track_caller]
    fn written_alike(value: &Value, kind: &Type) {
        let written = encode(value, kind).unwrap();
        let read = decode(&written, kind).unwrap();

        assert_eq!(read.is_wholly_known(), value.is_wholly_known());
        assert_eq!(encode(&read, kind), Ok(written));
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
