//! One call of each kind at least, as Terraform makes it.

use prost::Message;
use realtimekit::{
    mock_api::{SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::tfplugin6::*,
};
use realtimekit_fuzz::names;
use serde_json::{Value as Json, json};

use super::{
    ID,
    wire::{UNKNOWN, dynamic, in_json, text},
};

pub(super) fn inputs() -> Vec<Vec<u8>> {
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
    with_faults(inputs)
}

/// The same, and again with something wrong with the API: what, is in the third byte.
fn with_faults(mut inputs: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    for (number, input) in inputs.clone().into_iter().enumerate() {
        let [rpc, name, _, message @ ..] = input.as_slice() else {
            continue;
        };
        if [11, 13, 14, 18, 20, 23].contains(rpc) {
            let fault = 1 + number % 10;
            inputs.push([&[*rpc, *name, 8 * fault as u8], message].concat());
        }
    }
    inputs
}
