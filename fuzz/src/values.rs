//! Values as Terraform sends them: a type, and MessagePack or JSON that should be of it.
//!
//! Input: which of the two, the type as a [`part`], the value.

use realtimekit::framework::{
    Type, Value,
    server::fuzzing::{read_json, read_msgpack, write_msgpack},
};

use super::{
    input::{byte, part},
    memory,
    types::read_type,
};

/// Memory that a byte of a value may cost: the node of a map, for a map of one empty key.
const MOST_PER_BYTE: usize = 2_048;
const MOST_AT_ALL: usize = 64 << 20;

/// Checks one input; `false` means that others like it are of no use.
pub fn run(input: &[u8]) -> bool {
    let (form, rest) = byte(input);
    let (kind, bytes) = part(rest);
    let small = 64 * 1024 + MOST_PER_BYTE * input.len();
    let Some(kind) = read_type(kind) else {
        return true;
    };
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
    assert_eq!(&again, value);
    let _ = value.to_string();
}
