//! The library's resources, driven as Terraform drives them and judged by Terraform's own rules.

use realtimekit::{
    framework::{
        Object, Resource, Type, Value,
        schema::{Attribute, object_type, required},
        server::ProviderServer,
    },
    proto::tfplugin6::{
        apply_resource_change, configure_provider, import_resource_state, plan_resource_change,
        read_resource, validate_resource_config,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    library::{Library, LibraryProvider, ShelfResource},
    rules::{assert_object_compatible, assert_plan_valid, config_problems, proposed_new},
    terraform::{call, only, told},
    wire::{UNKNOWN, dynamic, json},
};

const SHELF: &str = "library_shelf";

async fn library(building: impl Into<Json>) -> ProviderServer<LibraryProvider> {
    let server = ProviderServer::new(LibraryProvider(Library::default()));
    let request = configure_provider::Request {
        config: dynamic(&json!({ "building": building.into() })),
        ..Default::default()
    };
    let configured = call!(server, configure_provider, request);
    assert_eq!(configured.diagnostics, []);
    server
}

fn attributes() -> Vec<Attribute> {
    Resource::schema(&ShelfResource).attributes
}

/// The configuration of a shelf of which only some attributes are written.
fn config(written: Json) -> Json {
    let mut config = json!({
        "id": null, "building": null, "name": "fiction", "floor": null, "labels": null,
        "code": null, "bins": null,
    });
    for (name, value) in written.as_object().unwrap() {
        config[name] = value.clone();
    }
    config
}

/// A value of the framework, by its type.
fn value(json: &Json, kind: &Type) -> Value {
    match (json, kind) {
        (Json::Null, _) => Value::Null,
        (Json::String(text), _) if text == UNKNOWN => Value::Unknown,
        (Json::String(text), _) => text.as_str().into(),
        (Json::Number(number), _) => number.as_i64().unwrap().into(),
        (Json::Array(list), Type::List(kind)) => {
            Value::List(list.iter().map(|element| value(element, kind)).collect())
        }
        (Json::Object(map), Type::Map(kind)) => {
            let entries = map.iter();
            Value::Map(
                entries
                    .map(|(key, it)| (key.as_str(), value(it, kind)))
                    .collect(),
            )
        }
        (Json::Object(object), Type::Object(kinds)) => {
            let values = kinds
                .iter()
                .map(|(name, kind)| (name, value(&object[&**name], kind)));
            Value::Object(values.map(|(name, value)| (name.clone(), value)).collect())
        }
        other => panic!("{other:?}"),
    }
}

fn object(json: &Json) -> Option<Object> {
    value(json, &object_type(&attributes()))
        .as_object()
        .cloned()
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown => UNKNOWN.into(),
        Value::Number(number) => number.as_i64().unwrap().into(),
        Value::String(text) => text.as_str().into(),
        Value::List(elements) => elements.iter().map(to_json).collect(),
        Value::Map(values) | Value::Object(values) => {
            let entries = values.iter();
            entries
                .map(|(name, it)| (name.to_string(), to_json(it)))
                .collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Plans as Terraform does, and checks what Terraform checks of a plan.
async fn plan(
    server: &ProviderServer<LibraryProvider>,
    prior: &Json,
    config: &Json,
) -> plan_resource_change::Response {
    let (prior_state, configured) = (object(prior), object(config).unwrap());
    assert_eq!(config_problems(&attributes(), &configured), [""; 0]);
    let proposed = proposed_new(&attributes(), prior_state.as_ref(), &configured);
    let request = plan_resource_change::Request {
        type_name: SHELF.into(),
        prior_state: dynamic(prior),
        proposed_new_state: dynamic(&to_json(&Value::Object(proposed))),
        config: dynamic(config),
        ..Default::default()
    };
    let response = call!(server, plan_resource_change, request);
    assert_eq!(response.diagnostics, []);
    let planned = object(&json(response.planned_state.as_ref())).unwrap();
    let problems = assert_plan_valid(&attributes(), prior_state.as_ref(), &configured, &planned);
    assert_eq!(problems, [""; 0]);
    response
}

/// Plans and applies, and checks what Terraform checks of the new state.
async fn apply(
    server: &ProviderServer<LibraryProvider>,
    prior: &Json,
    config: &Json,
) -> apply_resource_change::Response {
    let planned = json(plan(server, prior, config).await.planned_state.as_ref());
    let request = apply_resource_change::Request {
        type_name: SHELF.into(),
        prior_state: dynamic(prior),
        planned_state: dynamic(&planned),
        config: dynamic(config),
        ..Default::default()
    };
    let response = call!(server, apply_resource_change, request);
    let state = object(&json(response.new_state.as_ref())).unwrap();
    let problems = assert_object_compatible(&object(&planned).unwrap(), &state);
    assert_eq!(problems, [""; 0]);
    response
}

#[tokio::test]
async fn shelf_is_created_updated_replaced_and_imported_by_terraforms_rules() {
    let server = library(Json::Null).await;
    let bins = json!([{ "size": 5, "serial": null }]);
    let first = config(json!({ "labels": { "a": "1" }, "code": "0000", "bins": bins }));

    let created = apply(&server, &Json::Null, &first).await;
    let state = json(created.new_state.as_ref());
    let expected = json!({
        "id": "shelf-1", "building": "Main", "name": "fiction", "floor": 1,
        "labels": { "a": "1" }, "code": "0000",
        "bins": [{ "size": 5, "serial": "shelf-1/5" }],
    });
    assert_eq!(state, expected);
    assert_eq!(told(&created.diagnostics), [""; 0]);

    let unchanged = plan(&server, &state, &first).await;
    assert_eq!(json(unchanged.planned_state.as_ref()), state);

    let more = config(json!({ "floor": 12, "bins": [] }));
    let updated = apply(&server, &state, &more).await;
    let state = json(updated.new_state.as_ref());
    assert_eq!((&state["floor"], &state["bins"]), (&json!(12), &json!([])));
    assert_eq!(told(&updated.diagnostics), ["warning at floor: High Shelf"]);

    let moved = plan(&server, &state, &config(json!({ "building": "Annex" }))).await;
    assert_eq!(moved.requires_replace.len(), 1);

    let request = import_resource_state::Request {
        type_name: SHELF.into(),
        id: "shelf-1".into(),
        ..Default::default()
    };
    let imported = call!(server, import_resource_state, request);
    only(&imported.diagnostics, "warning: Imported Shelf");
    let request = read_resource::Request {
        type_name: SHELF.into(),
        current_state: imported.imported_resources[0].state.clone(),
        ..Default::default()
    };
    let read = call!(server, read_resource, request);
    assert_eq!(json(read.new_state.as_ref()), state);
    only(&read.diagnostics, "warning at floor: High Shelf");
}

#[tokio::test]
async fn optional_computed_attribute_is_planned_as_unknown() {
    let server = library("Annex").await;

    let planned = plan(&server, &Json::Null, &config(json!({}))).await;

    let planned = json(planned.planned_state.as_ref());
    assert_eq!(planned["floor"], UNKNOWN);
    assert_eq!(planned["building"], "Annex");
}

#[tokio::test]
async fn configuration_is_refused_with_the_path_of_each_mistake() {
    let null = "Null Value in a Collection";
    let nulls = [
        format!("error at labels[\"a\"]: {null}"),
        format!("error at bins[0]: {null}"),
    ];
    let cases = [
        (
            json!({ "bins": [null], "labels": { "a": null } }),
            nulls.to_vec(),
        ),
        (
            json!({ "code": "0000" }),
            vec!["error at labels: Unlabeled Lock".to_owned()],
        ),
    ];
    for (written, expected) in cases {
        let request = validate_resource_config::Request {
            type_name: SHELF.into(),
            config: dynamic(&config(written)),
            ..Default::default()
        };
        let server = ProviderServer::new(LibraryProvider(Library::default()));
        let validated = call!(server, validate_resource_config, request);
        assert_eq!(told(&validated.diagnostics), expected);
    }
}

#[tokio::test]
async fn value_that_cannot_be_written_does_not_cost_the_rest_of_the_state() {
    let server = library(Json::Null).await;
    let request = apply_resource_change::Request {
        type_name: "library_book".into(),
        prior_state: dynamic(&Json::Null),
        planned_state: dynamic(&json!({ "title": "Emma", "note": UNKNOWN })),
        ..Default::default()
    };

    let created = call!(server, apply_resource_change, request);

    only(&created.diagnostics, "error: Bug in the Provider");
    let state = json(created.new_state.as_ref());
    assert_eq!(state, json!({ "title": "Emma", "note": null }));
}

#[test]
#[should_panic(expected = "only an optional attribute can have a default")]
fn required_attribute_with_a_default_is_refused() {
    let _ = required("name", Type::String, "Name.").default("x");
}
