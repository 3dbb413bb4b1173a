//! Values as Terraform sends them: a type, and MessagePack or JSON that should be of it.
//!
//! Input: which of the two, the type as a [`part`], the value.

use realtimekit::framework::{
    Type, Value,
    server::fuzzing::{read_json, read_msgpack, read_type, write_msgpack, write_type},
};

use super::{
    input::{byte, part},
    memory,
};

/// Memory that a byte of a value may cost: the node of a map, for a map of one empty key.
const MOST_PER_BYTE: usize = 2_048;
const MOST_AT_ALL: usize = 64 << 20;

/// Checks one input; `false` means that others like it are of no use.
pub fn run(input: &[u8]) -> bool {
    let (form, rest) = byte(input);
    let (kind, bytes) = part(rest);
    let small = 64 * 1024 + MOST_PER_BYTE * input.len();
    let Ok(kind) = memory::within(small, || read_type(kind)) else {
        return true;
    };
    assert_eq!(read_type(&write_type(&kind)).as_ref(), Ok(&kind));
    let value = match form & 1 {
        0 => memory::within(small, || read_msgpack(bytes, &kind)),
        // What a stored object lacks is null, so each of its attributes may cost as much.
        _ => memory::within(MOST_AT_ALL, || read_json(bytes, &kind)),
    };
    if let Ok(value) = value {
        check(&value, &kind);
    }
    true
}

/// What was read can be written, and read again as the same.
fn check(value: &Value, kind: &Type) {
    let written = write_msgpack(value, kind).expect("what was read is of its type");
    let again = read_msgpack(&written, kind).expect("what was written can be read");
    assert_eq!(plain(&again), plain(value));
    assert_eq!(again.is_wholly_known(), value.is_wholly_known());
    assert_eq!(write_msgpack(&again, kind), Ok(written));
    let _ = value.to_string();
}

/// The value without promises about what is unknown: those that are too long are not written.
fn plain(value: &Value) -> Value {
    let all = |values: &realtimekit::framework::Object| {
        let values = values.iter();
        values
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect()
    };
    match value {
        Value::Unknown(_) => Value::UNKNOWN,
        Value::List(elements) => Value::List(elements.iter().map(plain).collect()),
        Value::Set(set) => Value::Set(set.iter().map(plain).collect()),
        Value::Map(values) => Value::Map(all(values)),
        Value::Object(values) => Value::Object(all(values)),
        Value::Dynamic(typed) => Value::Dynamic(Box::new((typed.0.clone(), plain(&typed.1)))),
        _ => value.clone(),
    }
}
