//! Values of any type, in both encodings.

use realtimekit_fuzz::input::write_part;
use serde_json::json;

use super::wire::{UNKNOWN, msgpack};

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let of_json = [
        (json!("bool"), json!(true)),
        (json!("number"), json!(-129)),
        (json!("number"), json!("0.1")),
        (json!("string"), json!("text")),
        (json!("string"), json!(UNKNOWN)),
        (json!(["list", "number"]), json!([1, 300, null])),
        (json!(["set", "string"]), json!(["b", "a", UNKNOWN])),
        (json!(["map", "bool"]), json!({"a": true, "b": null})),
        (
            json!(["object", {"a": "string", "b": ["list", ["object", {"c": "bool"}]]}]),
            json!({"a": "x", "b": [{"c": true}]}),
        ),
        (
            json!(["object", {"a": "bool"}, ["a"]]),
            json!({"a": UNKNOWN}),
        ),
    ];
    let mut inputs = Vec::new();
    for (kind, value) in &of_json {
        let kind = kind.to_string();
        inputs.push(value_input(0, &kind, &msgpack(value)));
        inputs.push(value_input(1, &kind, value.to_string().as_bytes()));
    }
    for bytes in [
        &b"\xcb\x3f\xe0\0\0\0\0\0\0"[..],
        b"\xca\x3f\0\0\0",
        b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xa61e-100",
        b"\xc7\x0a\x0c\x82\x03\x92\x01\xc3\x04\x92\x02\xc2",
        b"\xc7\x08\x0c\x83\x01\xc2\x05\x01\x06\x09\0",
    ] {
        inputs.push(value_input(0, "\"number\"", bytes));
    }
    // Lists in lists that all say they are endless.
    let deep = ["[\"list\",".repeat(120), "\"bool\"".into(), "]".repeat(120)].concat();
    let endless = [b"\xdd\xff\xff\xff\xff".repeat(120), vec![0xc3; 3_500]].concat();
    inputs.push(value_input(0, &deep, &endless));
    let prefixed = b"\xc7\x07\x0c\x82\x01\xc2\x02\xa1h\0";
    inputs.push(value_input(0, "\"string\"", prefixed));
    inputs
}

fn value_input(form: u8, kind: &str, value: &[u8]) -> Vec<u8> {
    let mut input = vec![form];
    write_part(&mut input, kind.as_bytes());
    input.extend(value);
    input
}
