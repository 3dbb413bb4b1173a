//! MessagePack ↔ [`Value`](crate::framework::Value), as cty maps it (protocol: object-wire-format.md).
//!
//! The type decides how bytes are read: arrays are lists or sets, maps are maps or objects.

mod decode;
mod encode;

pub(super) use self::{decode::decode, encode::encode};

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
