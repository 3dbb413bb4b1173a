//! Writes the inputs to start from: `cargo run --manifest-path fuzz/Cargo.toml --example seeds`.
//!
//! They are what is usual; what is not is for the fuzzer to find.

use std::{fs, io, path::Path};

use prost::Message;
use realtimekit::{
    mock_api::{Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed},
    proto::tfplugin6::*,
};
use realtimekit_fuzz::{input::write_part, names};
use rmp::encode;
use serde_json::{Value as Json, json};

const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
const UNKNOWN: &str = "(unknown)";

fn main() -> io::Result<()> {
    write("values", values())?;
    write("texts", texts())?;
    write("answers", answers())?;
    write("requests", requests())?;
    write("mock", mock())
}

fn write(target: &str, inputs: Vec<Vec<u8>>) -> io::Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    fs::remove_dir_all(&directory).ok();
    fs::create_dir_all(&directory)?;
    for (number, input) in inputs.iter().enumerate() {
        fs::write(directory.join(format!("{number:02}")), input)?;
    }
    Ok(())
}

fn values() -> Vec<Vec<u8>> {
    let of_json = [
        (json!("bool"), json!(true)),
        (json!("number"), json!(-129)),
        (json!("number"), json!("0.1")),
        (json!("string"), json!("text")),
        (json!("string"), json!(UNKNOWN)),
        (json!(["list", "number"]), json!([1, 300, null])),
        (json!(["set", "string"]), json!(["b", "a", UNKNOWN])),
        (json!(["map", "bool"]), json!({"a": true, "b": null})),
        (json!(["tuple", ["bool", "string"]]), json!([false, "x"])),
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
    let dynamic = b"\x92\xc4\x11[\"list\",\"dynamic\"]\x91\x92\xc4\x06\"bool\"\xc3";
    inputs.push(value_input(0, "\"dynamic\"", dynamic));
    let dynamic = json!({"type": ["map", "number"], "value": {"a": 1e3}});
    inputs.push(value_input(
        1,
        "\"dynamic\"",
        dynamic.to_string().as_bytes(),
    ));
    inputs
}

fn value_input(form: u8, kind: &str, value: &[u8]) -> Vec<u8> {
    let mut input = vec![form];
    write_part(&mut input, kind.as_bytes());
    input.extend(value);
    input
}

fn texts() -> Vec<Vec<u8>> {
    let numbers = [
        "0\n-0",
        "1\n1.0",
        "1e3\n1000",
        "-12.50\n5e-4",
        "12345678901234567890123\n1e2000",
    ];
    let ids = [format!("acc/app/{ID}"), format!("app/{ID}"), ID.to_owned()];
    let paths = [format!("acc\napp\n{ID}"), format!("a b%2e\n...\n{ID}")];
    let urls = [
        "https://Example.com\nhttps://example.com/\nhttps://example.com:443",
        "https://example.com/a/../b?q#f\nhttps://xn--bcher-kva.example/\nhttps://b\u{fc}cher.example",
        "mailto:a@b\nfile:///c:/x\nhttp://[::1]:80/%7Ea",
    ];
    let settings = [
        "https://api.example/v4/",
        "http://[::1]:8080/v4",
        "HTTPS://API.example:443//",
    ];
    let all = numbers.iter().map(|text| (0, (*text).to_owned()));
    let all = all.chain(ids.map(|text| (2, text)));
    let all = all.chain(paths.map(|text| (3, text)));
    let all = all.chain(urls.map(|text| (4, text.to_owned())));
    let all = all.chain(settings.map(|text| (5, text.to_owned())));
    let mut inputs: Vec<_> = all
        .map(|(kind, text)| [&[kind], text.as_bytes()].concat())
        .collect();
    for float in [0.1_f64, 5e-324, f64::MAX, -1.5] {
        inputs.push([&[1][..], &float.to_le_bytes()].concat());
    }
    inputs
}

fn webhook() -> Json {
    json!({
        "id": ID, "name": "bell", "url": "https://example.com/", "events": ["meeting.started"],
        "enabled": true, "created_at": "2022-05-28T07:01:53.075Z",
        "updated_at": "2022-05-28T07:01:53.075Z",
    })
}

fn answers() -> Vec<Vec<u8>> {
    let limits = "\x01\"default\";r=50;t=30\n\x02\"burst\";q=1200;w=300\n\x048c1f-FRA";
    let dated = "\x00Sun, 06 Nov 1994 08:50:37 GMT\n\x03Sun, 06 Nov 1994 08:49:37 GMT";
    let app = json!({"id": "a", "name": "b", "created_at": null});
    let gateway = json!({
        "success": false, "messages": [], "result": null,
        "errors": [{"code": 10000, "message": "Sesame", "error_chain": [{"message": "below"}]}],
    });
    let refused = json!({"success": false, "error": {"code": "409", "message": "Taken\tSesame"}});
    let all: [(u8, u16, &str, Vec<u8>); 16] = [
        (
            0,
            200,
            limits,
            text(json!({"success": true, "data": [webhook()]})),
        ),
        (
            1,
            200,
            "",
            text(json!({"success": true, "data": webhook()})),
        ),
        (
            1,
            200,
            "",
            text(json!({"success": true, "result": {"data": webhook()}})),
        ),
        (
            2,
            201,
            "",
            text(json!({"success": true, "result": {"id": ID, "enabled": true}})),
        ),
        (3, 204, "", Vec::new()),
        (4, 200, "", text(json!({"data": ["meeting.started"]}))),
        (5, 200, "", text(json!({"data": [app]}))),
        (
            6,
            200,
            "",
            text(json!({"data": {"publicKey": "-----BEGIN"}})),
        ),
        (0, 429, "\x00120", text(gateway.clone())),
        (
            0,
            503,
            dated,
            b"*<html><head><title>Sesame</title></head>".to_vec(),
        ),
        (1, 409, "\x04Sesame", text(refused)),
        (1, 401, "", text(json!({"message": "Unauthorized"}))),
        (1, 200, "", text(gateway)),
        (
            1,
            307,
            "\x05https://u:p@elsewhere.example/Sesame?x#y",
            Vec::new(),
        ),
        (1, 200, "", b"*[".to_vec()),
        (1, 500, "\x06text/plain", b"Sesame is broken".to_vec()),
    ];
    let inputs = all.into_iter().map(|(asked, status, headers, body)| {
        let mut input = vec![asked];
        input.extend((status - 100).to_le_bytes());
        write_part(&mut input, headers.as_bytes());
        input.extend(body);
        input
    });
    inputs.collect()
}

fn text(json: Json) -> Vec<u8> {
    json.to_string().into_bytes()
}

fn msgpack(value: &Json) -> Vec<u8> {
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

fn dynamic(value: &Json) -> Option<DynamicValue> {
    let msgpack = msgpack(value);
    Some(DynamicValue {
        msgpack,
        json: Vec::new(),
    })
}

fn in_json(value: &Json) -> Option<DynamicValue> {
    let json = text(value.clone());
    Some(DynamicValue {
        msgpack: Vec::new(),
        json,
    })
}

fn requests() -> Vec<Vec<u8>> {
    let config = json!({
        "id": null, "account_id": null, "app_id": null, "name": "bell",
        "url": "https://example.com", "events": ["meeting.started"], "enabled": null,
        "created_at": null, "updated_at": null, "timeouts": null,
    });
    let with = |changes: Json| {
        let mut value = config.clone();
        for (name, change) in changes.as_object().expect("an object") {
            value[name] = change.clone();
        }
        value
    };
    let planned = with(json!({
        "id": UNKNOWN, "account_id": SAMPLE_ACCOUNT_ID, "app_id": SAMPLE_APP_ID, "enabled": true,
        "created_at": UNKNOWN, "updated_at": UNKNOWN,
    }));
    let state = with(json!({
        "id": ID, "account_id": SAMPLE_ACCOUNT_ID, "app_id": SAMPLE_APP_ID, "enabled": true,
        "created_at": "2022-05-28T07:01:53.075Z", "updated_at": "2022-05-28T07:01:53.075Z",
    }));
    let timed =
        with(json!({"timeouts": {"create": "1ms", "delete": "2h", "read": null, "update": null}}));
    let identity = json!({"account_id": SAMPLE_ACCOUNT_ID, "app_id": SAMPLE_APP_ID, "id": ID});
    let identity = Some(ResourceIdentityData {
        identity_data: dynamic(&identity),
    });
    let null = dynamic(&Json::Null);
    let raw = Some(RawState {
        json: text(state.clone()),
        ..RawState::default()
    });
    let block = json!({"api_token": "t", "base_url": "http://127.0.0.1:9", "max_retries": 0});
    let selector = json!({"account_id": null, "app_id": null, "id": ID});
    let query = json!({"account_id": null, "app_id": null});
    let mut inputs = Vec::new();
    let mut add = |rpc: u8, name: u8, message: Vec<u8>| {
        inputs.push([&[rpc, name, 0][..], &message].concat());
    };

    for rpc in [0, 1, 2, 3, names::STOP] {
        add(rpc, 0, Vec::new());
    }
    let arguments = vec![in_json(&json!("acc")).expect("a value"); 2];
    let id = dynamic(&json!(ID)).expect("a value");
    for (name, arguments) in [
        (1, Vec::new()),
        (2, [arguments, vec![id.clone()]].concat()),
        (3, vec![id]),
    ] {
        add(
            4,
            name,
            call_function::Request {
                name: String::new(),
                arguments,
            }
            .encode_to_vec(),
        );
    }
    add(
        5,
        0,
        validate_provider_config::Request {
            config: in_json(&block),
        }
        .encode_to_vec(),
    );
    let configure = configure_provider::Request {
        config: in_json(&block),
        ..Default::default()
    };
    add(names::CONFIGURE, 0, configure.encode_to_vec());
    for config in [
        dynamic(&config),
        in_json(&timed),
        dynamic(&with(json!({"url": UNKNOWN}))),
    ] {
        let request = validate_resource_config::Request {
            config,
            ..Default::default()
        };
        add(8, 1, request.encode_to_vec());
    }
    let request = upgrade_resource_state::Request {
        raw_state: raw,
        ..Default::default()
    };
    add(9, 1, request.encode_to_vec());
    let request = upgrade_resource_identity::Request {
        raw_identity: Some(RawState {
            json: text(json!({"id": ID})),
            ..RawState::default()
        }),
        ..Default::default()
    };
    add(10, 1, request.encode_to_vec());
    let request = read_resource::Request {
        current_state: dynamic(&state),
        current_identity: identity.clone(),
        ..Default::default()
    };
    add(11, 1, request.encode_to_vec());
    for (prior, proposed) in [
        (null.clone(), in_json(&config)),
        (
            dynamic(&state),
            dynamic(&with(json!({"id": ID, "name": "other"}))),
        ),
        (dynamic(&state), null.clone()),
    ] {
        let request = plan_resource_change::Request {
            prior_state: prior,
            proposed_new_state: proposed.clone(),
            config: proposed,
            ..Default::default()
        };
        add(12, 1, request.encode_to_vec());
    }
    for (prior, planned) in [
        (null.clone(), dynamic(&planned)),
        (
            dynamic(&state),
            dynamic(&with(json!({
                "id": ID, "account_id": SAMPLE_ACCOUNT_ID, "app_id": SAMPLE_APP_ID, "enabled": false,
                "name": "other", "created_at": UNKNOWN, "updated_at": UNKNOWN,
            }))),
        ),
        (dynamic(&state), null.clone()),
    ] {
        let request = apply_resource_change::Request {
            prior_state: prior,
            config: dynamic(&config),
            planned_state: planned,
            planned_identity: identity.clone(),
            ..Default::default()
        };
        add(13, 1, request.encode_to_vec());
    }
    for (id, identity) in [(ID.to_owned(), None), (String::new(), identity)] {
        let request = import_resource_state::Request {
            id,
            identity,
            ..Default::default()
        };
        add(14, 1, request.encode_to_vec());
    }
    let request = move_resource_state::Request {
        source_provider_address: "registry.terraform.io/mastercard/restapi".to_owned(),
        source_type_name: "restapi_object".to_owned(),
        source_state: Some(RawState {
            json: text(json!({"id": ID, "path": format!("/accounts/a/realtime/kit/b/webhooks")})),
            ..RawState::default()
        }),
        ..Default::default()
    };
    add(15, 1, request.encode_to_vec());
    let request = generate_resource_config::Request {
        state: dynamic(&state),
        ..Default::default()
    };
    add(16, 1, request.encode_to_vec());
    let request = validate_list_resource_config::Request {
        config: dynamic(&query),
        ..Default::default()
    };
    add(17, 1, request.encode_to_vec());
    let request = list_resource::Request {
        config: dynamic(&query),
        include_resource_object: true,
        limit: 10,
        ..Default::default()
    };
    add(18, 1, request.encode_to_vec());
    for name in 1..=4 {
        for config in [&selector, &json!({"name": "Recordings"})] {
            let request = validate_data_resource_config::Request {
                config: in_json(config),
                ..Default::default()
            };
            add(19, name, request.encode_to_vec());
            let request = read_data_source::Request {
                config: in_json(config),
                ..Default::default()
            };
            add(20, name, request.encode_to_vec());
        }
    }
    let key = json!({"url": "http://127.0.0.1:9/key.json"});
    let request = read_data_source::Request {
        config: in_json(&key),
        ..Default::default()
    };
    add(20, 5, request.encode_to_vec());
    for name in 1..=2 {
        let config = in_json(&json!({"webhook_id": ID, "id": ID}));
        let request = validate_action_config::Request {
            config: config.clone(),
            ..Default::default()
        };
        add(21, name, request.encode_to_vec());
        let request = plan_action::Request {
            config: config.clone(),
            ..Default::default()
        };
        add(22, name, request.encode_to_vec());
        let request = invoke_action::Request {
            config,
            ..Default::default()
        };
        add(23, name, request.encode_to_vec());
    }
    inputs
}

fn mock() -> Vec<Vec<u8>> {
    let mut inputs = vec![[&[0], Seed::EXAMPLE.as_bytes()].concat()];
    let words = "503:3,method=post,path-suffix=/webhooks,retry-after=7,code=971,message=slow,shape=gateway,after-storing";
    for words in [
        words,
        "drop",
        "delay=0.5:always",
        "truncate=10",
        "html=502",
        "huge=1000000",
    ] {
        inputs.push([&[1], words.as_bytes()].concat());
    }
    let rule = json!({"fault": "429", "times": "always", "method": "GET", "retry_after": 3});
    inputs.push([&[2][..], &text(rule.clone())].concat());
    for switch in Quirks::switches() {
        let quirk = format!("{}\n{}", switch.name(), switch.value(&Quirks::live()));
        inputs.push([&[3], quirk.as_bytes()].concat());
    }
    let headers = "host: localhost:8787\norigin: http://localhost:8787\ncontent-type: application/json; x\nsec-fetch-site: same-origin";
    inputs.push([&[4], headers.as_bytes()].concat());

    let webhooks =
        format!("/client/v4/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}/webhooks");
    let one = format!("{webhooks}/{ID}");
    let new = json!({"name": "n", "url": "https://example.com", "events": ["meeting.started"]});
    let none = Json::Null;
    let conversations: [&[(u8, &str, &Json)]; 6] = [
        &[
            (0, "/", &none),
            (0, "/mock/", &none),
            (0, "/mock/state", &none),
        ],
        &[
            (1, &webhooks, &new),
            (0, &webhooks, &none),
            (3, &one, &new),
            (4, &one, &none),
        ],
        &[
            (2, &one, &json!({"enabled": true})),
            (0, &one, &none),
            (0, "/mock/calls", &none),
        ],
        &[
            (1, "/mock/faults", &rule),
            (0, "/mock/faults", &none),
            (4, "/mock/faults", &none),
        ],
        &[
            (
                2,
                "/mock/quirks",
                &json!({"rate-limit": "2/10s", "unique-url": false}),
            ),
            (
                0,
                "/client/v4/accounts/a/realtime/kit/apps?page_no=2&per_page=5",
                &none,
            ),
            (1, "/mock/reset", &json!({})),
        ],
        &[
            (1, "/mock/webhooks", &new),
            (2, &format!("/mock/webhooks/{ID}"), &json!({"name": "x"})),
        ],
    ];
    for conversation in conversations {
        let mut input = vec![5];
        for (method, path, body) in conversation {
            input.push(*method);
            write_part(&mut input, path.as_bytes());
            write_part(&mut input, &text((*body).clone()));
        }
        inputs.push(input);
    }
    inputs
}
