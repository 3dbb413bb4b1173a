//! What unknown values become.

use proptest::prelude::*;
use realtimekit::framework::{
    Object, Type, Value,
    schema::{Attribute, AttributeType, Presence},
};

use super::{
    config::{Kind, config_of},
    value::{any_value, nested, non_null_value, object_of},
};

/// Who decides what an unknown value becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decider {
    /// Other resources, to which the configuration refers.
    Config,
    Provider,
}

/// The same configuration once everything in it is known, and still acceptable.
pub(crate) fn resolved(attributes: &[Attribute], config: &Object) -> BoxedStrategy<Object> {
    decided(attributes, config, Decider::Config)
}

/// The state after a change that went as planned: the provider has decided what was left to
/// it, and nothing else.
pub(crate) fn completed(attributes: &[Attribute], planned: &Object) -> BoxedStrategy<Object> {
    decided(attributes, planned, Decider::Provider)
}

fn decided(attributes: &[Attribute], object: &Object, by: Decider) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let value = &object[&attribute.name];
        let is_required = by == Decider::Config && attribute.presence == Presence::Required;
        let decided = match &attribute.kind {
            AttributeType::Value(kind) => decided_value(kind, value, is_required),
            AttributeType::Nested(nesting, inner) => match value {
                Value::Unknown => or_null(nested(*nesting, new_object(inner, by)), is_required),
                value => decided_nested(inner, value, by),
            },
        };
        (attribute.name.clone(), decided)
    }))
}

fn decided_nested(inner: &[Attribute], value: &Value, by: Decider) -> BoxedStrategy<Value> {
    match value {
        Value::Object(object) => decided(inner, object, by).prop_map(Value::Object).boxed(),
        Value::Unknown => or_null(new_object(inner, by), false), // an element
        Value::List(list) => {
            let elements: Vec<_> = list
                .iter()
                .map(|it| decided_nested(inner, it, by))
                .collect();
            elements.prop_map(Value::List).boxed()
        }
        Value::Map(map) => {
            let entries = map.iter();
            let entries = entries.map(|(key, it)| (key.clone(), decided_nested(inner, it, by)));
            object_of(entries).prop_map(Value::Map).boxed()
        }
        other => Just(other.clone()).boxed(),
    }
}

/// A nested object of which nothing was planned. What is not computed in one of the provider's is
/// null.
fn new_object(inner: &[Attribute], by: Decider) -> BoxedStrategy<Value> {
    let object = match by {
        Decider::Config => config_of(inner, None, Kind::Known),
        Decider::Provider => object_of(inner.iter().map(|attribute| {
            let value = match &attribute.kind {
                _ if !attribute.presence.is_computed() => Just(Value::Null).boxed(),
                AttributeType::Value(kind) => any_value(kind, false),
                AttributeType::Nested(nesting, inner) => {
                    or_null(nested(*nesting, new_object(inner, by)), false)
                }
            };
            (attribute.name.clone(), value)
        })),
    };
    object.prop_map(Value::Object).boxed()
}

fn or_null(known: BoxedStrategy<Value>, is_required: bool) -> BoxedStrategy<Value> {
    match is_required {
        true => known,
        false => prop_oneof![3 => known, 1 => Just(Value::Null)].boxed(),
    }
}

/// A known value that `value` may become; never null if it is required.
fn decided_value(kind: &Type, value: &Value, is_required: bool) -> BoxedStrategy<Value> {
    let elements = |kind: &Type, elements: std::slice::Iter<'_, Value>| {
        let elements = elements.map(|value| decided_value(kind, value, false));
        elements.collect::<Vec<_>>()
    };
    match (kind, value) {
        (kind, Value::Unknown) if is_required => non_null_value(kind, false),
        (kind, Value::Unknown) => any_value(kind, false),
        (Type::List(kind), Value::List(list)) => {
            elements(kind, list.iter()).prop_map(Value::List).boxed()
        }
        (Type::Set(kind), Value::Set(set)) => {
            let set = elements(kind, set.iter());
            set.prop_map(|set| Value::Set(set.into_iter().collect()))
                .boxed()
        }
        (Type::Map(kind), Value::Map(map)) => {
            let entries = map.iter();
            let entries = entries.map(|(key, it)| (key.clone(), decided_value(kind, it, false)));
            object_of(entries).prop_map(Value::Map).boxed()
        }
        (Type::Object(kinds), Value::Object(object)) => {
            let values = kinds.iter();
            let values = values
                .map(|(name, kind)| (name.clone(), decided_value(kind, &object[name], false)));
            object_of(values).prop_map(Value::Object).boxed()
        }
        (_, known) => Just(known.clone()).boxed(),
    }
}
