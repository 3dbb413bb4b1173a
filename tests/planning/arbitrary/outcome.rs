//! What the unknowns of a plan turn out to be.

use proptest::prelude::*;
use realtimekit::framework::{
    Object, Type, Value,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

use super::{
    config::config_of,
    value::{known_value, non_null_value, object_of},
};

/// The same configuration once everything in it is known, and still acceptable.
pub(crate) fn resolved(attributes: &[Attribute], config: &Object) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let config = &config[&attribute.name];
        let present = attribute.presence == Presence::Required;
        let value = match &attribute.kind {
            AttributeType::Nested(nesting, inner) => {
                resolved_nested(*nesting, inner, config, present)
            }
            AttributeType::Value(kind) => resolved_value(kind, config, present),
        };
        (attribute.name.clone(), value)
    }))
}

fn resolved_nested(
    nesting: Nesting,
    inner: &[Attribute],
    config: &Value,
    present: bool,
) -> BoxedStrategy<Value> {
    let element = |config: &Value| match config {
        Value::Object(config) => resolved(inner, config).prop_map(Value::Object).boxed(),
        Value::Unknown => {
            let known = config_of(inner, None, false).prop_map(Value::Object);
            or_null(known.boxed(), false)
        }
        null => Just(null.clone()).boxed(),
    };
    match (nesting, config) {
        (_, Value::Unknown) => {
            let known = config_of(inner, None, false).prop_map(Value::Object);
            let known = match nesting {
                Nesting::Single => known.boxed(),
                Nesting::List => prop::collection::vec(known, 0..3)
                    .prop_map(Value::List)
                    .boxed(),
                Nesting::Map => prop::collection::btree_map("[xyz]", known, 0..3)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect()))
                    .boxed(),
            };
            or_null(known, present)
        }
        (Nesting::Single, config) => element(config),
        (Nesting::List, Value::List(list)) => {
            let elements: Vec<_> = list.iter().map(element).collect();
            elements.prop_map(Value::List).boxed()
        }
        (Nesting::Map, Value::Map(map)) => {
            let entries = map
                .iter()
                .map(|(key, config)| (key.clone(), element(config)));
            object_of(entries).prop_map(Value::Map).boxed()
        }
        (_, null) => Just(null.clone()).boxed(),
    }
}

fn or_null(known: BoxedStrategy<Value>, never: bool) -> BoxedStrategy<Value> {
    if never {
        return known;
    }
    prop_oneof![3 => known, 1 => Just(Value::Null)].boxed()
}

/// A known value that `value` may turn out to be; never null if it must be `present`.
fn resolved_value(kind: &Type, value: &Value, present: bool) -> BoxedStrategy<Value> {
    let sequence = |kind: &Type, elements: std::slice::Iter<'_, Value>| {
        let elements = elements.map(|value| resolved_value(kind, value, false));
        elements.collect::<Vec<_>>()
    };
    match (kind, value) {
        (kind, Value::Unknown) if present => non_null_value(kind),
        (kind, Value::Unknown) => known_value(kind),
        (Type::List(kind), Value::List(list)) => {
            sequence(kind, list.iter()).prop_map(Value::List).boxed()
        }
        (Type::Set(kind), Value::Set(set)) => sequence(kind, set.iter())
            .prop_map(|elements| Value::Set(elements.into_iter().collect()))
            .boxed(),
        (Type::Map(kind), Value::Map(map)) => {
            let entries = map.iter();
            let entries =
                entries.map(|(key, value)| (key.clone(), resolved_value(kind, value, false)));
            object_of(entries).prop_map(Value::Map).boxed()
        }
        (Type::Object(kinds), Value::Object(object)) => {
            let values = kinds
                .iter()
                .map(|(name, kind)| (name.clone(), resolved_value(kind, &object[name], false)));
            object_of(values).prop_map(Value::Object).boxed()
        }
        (_, known) => Just(known.clone()).boxed(),
    }
}

/// The state after a change that went as planned: the provider has decided what was left to
/// it, and nothing else.
pub(crate) fn completed(attributes: &[Attribute], planned: &Object) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let planned = &planned[&attribute.name];
        let value = match &attribute.kind {
            AttributeType::Value(kind) => resolved_value(kind, planned, false),
            AttributeType::Nested(nesting, inner) => completed_nested(*nesting, inner, planned),
        };
        (attribute.name.clone(), value)
    }))
}

fn completed_nested(
    nesting: Nesting,
    inner: &[Attribute],
    planned: &Value,
) -> BoxedStrategy<Value> {
    let element = |planned: &Value| match planned {
        Value::Object(planned) => completed(inner, planned).prop_map(Value::Object).boxed(),
        null => Just(null.clone()).boxed(),
    };
    match (nesting, planned) {
        (_, Value::Unknown) => or_null(decided_by_provider(nesting, inner), false),
        (Nesting::List, Value::List(list)) => {
            let elements: Vec<_> = list.iter().map(element).collect();
            elements.prop_map(Value::List).boxed()
        }
        (Nesting::Map, Value::Map(map)) => {
            let entries = map
                .iter()
                .map(|(key, planned)| (key.clone(), element(planned)));
            object_of(entries).prop_map(Value::Map).boxed()
        }
        (_, planned) => element(planned),
    }
}

/// A nested value without any configuration: what is not computed in it is null.
fn decided_by_provider(nesting: Nesting, inner: &[Attribute]) -> BoxedStrategy<Value> {
    let object = object_of(inner.iter().map(|attribute| {
        let value = match &attribute.kind {
            _ if !attribute.presence.is_computed() => Just(Value::Null).boxed(),
            AttributeType::Value(kind) => known_value(kind),
            AttributeType::Nested(nesting, inner) => {
                or_null(decided_by_provider(*nesting, inner), false)
            }
        };
        (attribute.name.clone(), value)
    }));
    let object = object.prop_map(Value::Object);
    match nesting {
        Nesting::Single => object.boxed(),
        Nesting::List => prop::collection::vec(object, 0..3)
            .prop_map(Value::List)
            .boxed(),
        Nesting::Map => prop::collection::btree_map("[xyz]", object, 0..3)
            .prop_map(|entries| Value::Map(entries.into_iter().collect()))
            .boxed(),
    }
}
