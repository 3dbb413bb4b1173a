//! Configurations: often what they were, sometimes something else, sometimes not known yet.

use proptest::prelude::*;
use realtimekit::framework::{
    Object, Type, Value,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

use super::value::{known_value, non_null_value, object_of};

/// A configuration that Terraform accepts. `unknowns` says whether there may be some in it.
pub(crate) fn config_of(
    attributes: &[Attribute],
    prior: Option<&Object>,
    unknowns: bool,
) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let prior = prior.and_then(|prior| prior.get(&attribute.name));
        let value = attribute_of(attribute, prior, unknowns);
        (attribute.name.clone(), value)
    }))
}

/// A configuration that may lack what is required, and set what is read-only.
pub(crate) fn sloppy_config_of(attributes: &[Attribute]) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let value = match &attribute.kind {
            AttributeType::Nested(nesting, inner) => nested_of(
                *nesting,
                inner,
                None,
                &|inner, _| sloppy_config_of(inner),
                true,
            ),
            AttributeType::Value(kind) => with_unknowns(kind),
        };
        let value = match attribute.presence {
            Presence::Required => prop_oneof![1 => Just(Value::Null), 8 => value],
            Presence::Computed => prop_oneof![8 => Just(Value::Null), 1 => value],
            _ => prop_oneof![1 => Just(Value::Null), 1 => value],
        };
        (attribute.name.clone(), value.boxed())
    }))
}

fn attribute_of(
    attribute: &Attribute,
    prior: Option<&Value>,
    unknowns: bool,
) -> BoxedStrategy<Value> {
    let set = match &attribute.kind {
        AttributeType::Nested(nesting, inner) => {
            let config_of =
                |inner: &[Attribute], prior: Option<&Object>| config_of(inner, prior, unknowns);
            nested_of(*nesting, inner, prior, &config_of, unknowns)
        }
        AttributeType::Value(kind) => {
            let anew = if unknowns {
                with_unknowns(kind)
            } else {
                non_null_value(kind)
            };
            match prior.filter(|prior| !prior.is_null() && prior.is_wholly_known()) {
                Some(prior) => prop_oneof![2 => Just(prior.clone()), 1 => anew].boxed(),
                None => anew,
            }
        }
    };
    match attribute.presence {
        Presence::Computed => Just(Value::Null).boxed(),
        Presence::Required => set,
        Presence::Optional | Presence::OptionalComputed => {
            prop_oneof![2 => set, 1 => Just(Value::Null)].boxed()
        }
    }
}

type ConfigOf<'f> = &'f dyn Fn(&[Attribute], Option<&Object>) -> BoxedStrategy<Object>;

fn nested_of(
    nesting: Nesting,
    inner: &[Attribute],
    prior: Option<&Value>,
    config_of: ConfigOf<'_>,
    unknowns: bool,
) -> BoxedStrategy<Value> {
    let element = |prior: Option<&Value>| {
        let prior = match prior {
            Some(Value::Object(prior)) => Some(prior),
            _ => None,
        };
        config_of(inner, prior).prop_map(Value::Object)
    };
    let any_element = |prior: Option<&Value>| {
        let unknown = if unknowns {
            Value::Unknown
        } else {
            Value::Null
        };
        prop_oneof![10 => element(prior), 1 => Just(Value::Null), 1 => Just(unknown)].boxed()
    };
    let known = match (nesting, prior) {
        (Nesting::Single, prior) => element(prior).boxed(),
        (Nesting::List, prior) => {
            let before = match prior {
                Some(Value::List(list)) => list.as_slice(),
                _ => &[],
            };
            let elements: Vec<_> = (0..3).map(|index| any_element(before.get(index))).collect();
            let length = prop_oneof![2 => Just(before.len().min(3)), 1 => 0..4_usize];
            (elements, length)
                .prop_map(|(mut elements, length)| {
                    elements.truncate(length);
                    Value::List(elements)
                })
                .boxed()
        }
        (Nesting::Map, prior) => {
            let entries: Vec<_> = ["x", "y", "z"]
                .into_iter()
                .map(|key| {
                    let before = match prior {
                        Some(Value::Map(map)) => map.get(key),
                        _ => None,
                    };
                    let likely = if before.is_some() { 0.8 } else { 0.3 };
                    let element = prop::option::weighted(likely, any_element(before));
                    element
                        .prop_map(move |element| element.map(|element| (key.to_owned(), element)))
                })
                .collect();
            entries
                .prop_map(|entries| Value::Map(entries.into_iter().flatten().collect()))
                .boxed()
        }
    };
    if unknowns {
        prop_oneof![8 => known, 1 => Just(Value::Unknown)].boxed()
    } else {
        known
    }
}

/// A value of this type that is no null, but unknown at times, as a whole or in parts.
fn with_unknowns(kind: &Type) -> BoxedStrategy<Value> {
    let known = non_null_value(kind);
    let in_parts = match kind {
        Type::List(kind) => elements(kind).prop_map(Value::List).boxed(),
        Type::Set(kind) => elements(kind)
            .prop_map(|elements| Value::Set(elements.into_iter().collect()))
            .boxed(),
        Type::Map(kind) => elements(kind)
            .prop_map(|elements| {
                let keys = ["x", "y", "z"].map(str::to_owned);
                Value::Map(keys.into_iter().zip(elements).collect())
            })
            .boxed(),
        Type::Object(kinds) => {
            let values = kinds.iter().map(|(name, kind)| (name.clone(), part(kind)));
            object_of(values).prop_map(Value::Object).boxed()
        }
        Type::Bool | Type::Number | Type::Integer | Type::String => Just(Value::Unknown).boxed(),
    };
    prop_oneof![6 => known, 1 => in_parts, 1 => Just(Value::Unknown)].boxed()
}

fn elements(kind: &Type) -> BoxedStrategy<Vec<Value>> {
    prop::collection::vec(part(kind), 0..3).boxed()
}

fn part(kind: &Type) -> BoxedStrategy<Value> {
    prop_oneof![known_value(kind), Just(Value::Unknown)].boxed()
}
