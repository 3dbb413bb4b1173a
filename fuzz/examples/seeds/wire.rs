//! JSON as the bytes that Terraform sends.

use realtimekit::proto::tfplugin6::DynamicValue;
use rmp::encode;
use serde_json::Value as Json;

/// Stands for an unknown value.
pub(super) const UNKNOWN: &str = "(unknown)";

pub(super) fn text(json: Json) -> Vec<u8> {
    json.to_string().into_bytes()
}

pub(super) fn msgpack(value: &Json) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_msgpack(&mut bytes, value);
    bytes
}

fn write_msgpack(bytes: &mut Vec<u8>, value: &Json) {
    match value {
        Json::Null => bytes.push(0xc0),
        Json::Bool(value) => bytes.push(0xc2 + u8::from(*value)),
        Json::Number(number) => {
            encode::write_sint(bytes, number.as_i64().expect("an integer")).expect("memory");
        }
        Json::String(text) if text == UNKNOWN => bytes.extend([0xd4, 0, 0]),
        Json::String(text) => encode::write_str(bytes, text).expect("memory"),
        Json::Array(elements) => {
            encode::write_array_len(bytes, elements.len() as u32).expect("memory");
            elements
                .iter()
                .for_each(|element| write_msgpack(bytes, element));
        }
        Json::Object(members) => {
            encode::write_map_len(bytes, members.len() as u32).expect("memory");
            for (key, value) in members {
                encode::write_str(bytes, key).expect("memory");
                write_msgpack(bytes, value);
            }
        }
    }
}

pub(super) fn dynamic(value: &Json) -> Option<DynamicValue> {
    let msgpack = msgpack(value);
    Some(DynamicValue {
        msgpack,
        json: Vec::new(),
    })
}

pub(super) fn in_json(value: &Json) -> Option<DynamicValue> {
    let json = text(value.clone());
    Some(DynamicValue {
        msgpack: Vec::new(),
        json,
    })
}
