//! JSON ↔ the MessagePack of a `DynamicValue`.

use realtimekit::proto::tfplugin6::DynamicValue;
use rmp::{Marker, decode, encode};
use serde_json::{Map, Number, Value as Json};

/// Stands for an unknown value.
pub(crate) const UNKNOWN: &str = "(unknown)";

/// Stands for an unknown value of which Terraform knows that it is not null. The provider answers
/// with no such value.
pub(crate) const REFINED: &str = "(not null)";

/// What Terraform sends for an unrefined unknown value.
const UNKNOWN_BYTES: [u8; 3] = [0xd4, 0, 0];

/// A message with this value in it.
pub(crate) fn dynamic(json: &Json) -> Option<DynamicValue> {
    let mut msgpack = Vec::new();
    write(&mut msgpack, json);
    Some(DynamicValue {
        msgpack,
        json: Vec::new(),
    })
}

/// A value of an answer, which always is MessagePack; null if there is none.
#[track_caller]
pub(crate) fn json(message: Option<DynamicValue>) -> Json {
    let Some(message) = message else {
        return Json::Null;
    };
    assert!(
        message.json.is_empty(),
        "Terraform has been answered in JSON"
    );
    let mut bytes = message.msgpack.as_slice();
    let json = read(&mut bytes);
    assert!(bytes.is_empty(), "bytes after the value");
    json
}

fn write(bytes: &mut Vec<u8>, json: &Json) {
    match json {
        Json::Null => encode::write_nil(bytes).unwrap(),
        Json::Bool(value) => encode::write_bool(bytes, *value).unwrap(),
        Json::Number(number) => {
            encode::write_sint(bytes, number.as_i64().expect("an integer")).unwrap();
        }
        Json::String(text) if text == REFINED => {
            bytes.extend([0xc7, 3, 12, 0x81, 1, 0xc2]); // extension 12 of the map { 1: false }
        }
        Json::String(text) if text == UNKNOWN => bytes.extend(UNKNOWN_BYTES),
        Json::String(text) => encode::write_str(bytes, text).unwrap(),
        Json::Array(elements) => {
            encode::write_array_len(bytes, elements.len().try_into().unwrap()).unwrap();
            elements.iter().for_each(|element| write(bytes, element));
        }
        Json::Object(object) => {
            encode::write_map_len(bytes, object.len().try_into().unwrap()).unwrap();
            for (key, value) in object {
                encode::write_str(bytes, key).unwrap();
                write(bytes, value);
            }
        }
    }
}

fn read(bytes: &mut &[u8]) -> Json {
    match Marker::from_u8(bytes[0]) {
        Marker::Null => {
            decode::read_nil(bytes).unwrap();
            Json::Null
        }
        Marker::True | Marker::False => Json::Bool(decode::read_bool(bytes).unwrap()),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            Json::String(read_string(bytes))
        }
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
            let length = decode::read_array_len(bytes).unwrap();
            (0..length).map(|_| read(bytes)).collect()
        }
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
            let length = decode::read_map_len(bytes).unwrap();
            let object: Map<String, Json> = (0..length)
                .map(|_| (read_string(bytes), read(bytes)))
                .collect();
            assert_eq!(object.len(), length as usize, "a key twice");
            Json::Object(object)
        }
        Marker::FixExt1 => {
            let (unknown, rest) = bytes.split_at(UNKNOWN_BYTES.len());
            assert_eq!(unknown, UNKNOWN_BYTES, "a refined unknown");
            *bytes = rest;
            Json::String(UNKNOWN.to_owned())
        }
        _ => Json::Number(Number::from(decode::read_int::<i64, _>(bytes).unwrap())),
    }
}

fn read_string(bytes: &mut &[u8]) -> String {
    let length = decode::read_str_len(bytes).unwrap() as usize;
    let (text, rest) = bytes.split_at(length);
    *bytes = rest;
    String::from_utf8(text.to_vec()).unwrap()
}
