//! The library's resources, driven as Terraform drives them and judged by Terraform's own rules.

use realtimekit::framework::{
    Object, Resource, Type, Value,
    schema::{Attribute, object_type, required},
};
use serde_json::{Value as Json, json};

use crate::{
    calls::{
        Answer, Calls, call, only, told,
        wire::{UNKNOWN, dynamic},
    },
    library::{LibraryProvider, ShelfResource},
    rules::{assert_object_compatible, assert_plan_valid, config_problems, proposed_new},
};

/// A library whose provider block says this.
async fn library(building: impl Into<Json>) -> Calls {
    let terraform = Calls {
        resource_type: "library_shelf",
        ..Calls::in_process(LibraryProvider::default())
    };
    let config = dynamic(&json!({ "building": building.into() }));
    let configured = call!(terraform.configure_provider { config });
    assert_eq!(configured.diagnostics, []);
    terraform
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
async fn plan(terraform: &Calls, prior: &Answer, config: &Json) -> Answer {
    let (prior_state, configured) = (object(&prior.state), object(config).unwrap());
    assert_eq!(config_problems(&attributes(), &configured), [""; 0]);
    let proposed = proposed_new(&attributes(), prior_state.as_ref(), &configured);
    let proposed = to_json(&Value::Object(proposed));
    let answer = terraform
        .plan_proposed(prior, &proposed, config)
        .await
        .plainly();
    let planned = object(&answer.state).unwrap();
    let problems = assert_plan_valid(&attributes(), prior_state.as_ref(), &configured, &planned);
    assert_eq!(problems, [""; 0]);
    answer
}

/// Plans and applies, and checks what Terraform checks of the new state.
async fn apply(terraform: &Calls, prior: &Answer, config: &Json) -> Answer {
    let planned = plan(terraform, prior, config).await;
    let answer = terraform.apply(prior, &planned, config).await;
    let [planned, state] = [&planned, &answer].map(|it| object(&it.state).unwrap());
    assert_eq!(assert_object_compatible(&planned, &state), [""; 0]);
    answer
}

#[tokio::test]
async fn shelf_is_created_updated_replaced_and_imported_by_terraforms_rules() {
    let terraform = library(Json::Null).await;
    let bins = json!([{ "size": 5, "serial": null }]);
    let first = config(json!({ "labels": { "a": "1" }, "code": "0000", "bins": bins }));

    let created = apply(&terraform, &Answer::default(), &first)
        .await
        .plainly();
    let expected = json!({
        "id": "shelf-1", "building": "Main", "name": "fiction", "floor": 1,
        "labels": { "a": "1" }, "code": "0000",
        "bins": [{ "size": 5, "serial": "shelf-1/5" }],
    });
    assert_eq!(created.state, expected);
    assert_eq!(plan(&terraform, &created, &first).await, created);

    let more = config(json!({ "floor": 12, "bins": [] }));
    let updated = apply(&terraform, &created, &more).await;
    assert_eq!(
        [&updated.state["floor"], &updated.state["bins"]],
        [&json!(12), &json!([])]
    );
    assert_eq!(told(&updated.diagnostics), ["warning at floor: High Shelf"]);

    let moved = plan(
        &terraform,
        &updated,
        &config(json!({ "building": "Annex" })),
    )
    .await;
    assert_eq!(moved.requires_replace, ["building"]);

    let imported = terraform.import(&"shelf-1".into()).await;
    only(&imported.diagnostics, "warning: Imported Shelf");
    assert_eq!(terraform.read(&imported).await, updated);
}

#[tokio::test]
async fn optional_computed_attribute_is_planned_as_unknown() {
    let terraform = library("Annex").await;

    let planned = plan(&terraform, &Answer::default(), &config(json!({}))).await;

    assert_eq!(
        [&planned.state["floor"], &planned.state["building"]],
        [UNKNOWN, "Annex"]
    );
}

#[tokio::test]
async fn configuration_is_refused_with_the_path_of_each_mistake() {
    let terraform = library(Json::Null).await;
    let nulls = [
        "error at labels[\"a\"]: Null Value in a Collection",
        "error at bins[0]: Null Value in a Collection",
    ];
    let unlabeled = ["error at labels: Unlabeled Lock"];
    let cases = [
        (
            json!({ "bins": [null], "labels": { "a": null } }),
            nulls.as_slice(),
        ),
        (json!({ "code": "0000" }), &unlabeled),
    ];
    for (written, expected) in cases {
        assert_eq!(told(&terraform.validate(&config(written)).await), expected);
    }
}

#[tokio::test]
async fn value_that_cannot_be_written_does_not_cost_the_rest_of_the_state() {
    let terraform = Calls {
        resource_type: "library_book",
        ..library(Json::Null).await
    };
    let planned = Answer {
        state: json!({ "title": "Emma", "note": UNKNOWN }),
        ..Answer::default()
    };

    let created = terraform
        .apply(&Answer::default(), &planned, &Json::Null)
        .await;

    only(&created.diagnostics, "error: Bug in the Provider");
    assert_eq!(created.state, json!({ "title": "Emma", "note": null }));
}

#[test]
#[should_panic(expected = "only an optional attribute can have a default")]
fn required_attribute_with_a_default_is_refused() {
    let _ = required("name", Type::String, "Name.").default("x");
}
