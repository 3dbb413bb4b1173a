//! Configurations: often what they were, sometimes something else, sometimes not known yet.

use proptest::{option, prelude::*};
use realtimekit::framework::{
    Object, Value,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

use super::value::{non_null_value, object_of};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Known,
    /// With unknowns.
    Partial,
    /// With unknowns; may lack what is required, and set what is read-only.
    Sloppy,
}

/// A configuration; Terraform accepts it unless it is sloppy.
pub(crate) fn config_of(
    attributes: &[Attribute],
    prior: Option<&Object>,
    kind: Kind,
) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let prior = prior.and_then(|prior| prior.get(&attribute.name));
        (attribute.name.clone(), attribute_of(attribute, prior, kind))
    }))
}

fn attribute_of(attribute: &Attribute, prior: Option<&Value>, kind: Kind) -> BoxedStrategy<Value> {
    let unknowns = kind != Kind::Known;
    let known = match &attribute.kind {
        AttributeType::Nested(nesting, inner) => nested_of(*nesting, inner, prior, kind),
        AttributeType::Value(kind) => {
            let anew = non_null_value(kind, unknowns);
            match prior.filter(|prior| !prior.is_null() && prior.is_wholly_known()) {
                Some(prior) => prop_oneof![2 => Just(prior.clone()), 1 => anew].boxed(),
                None => anew,
            }
        }
    };
    let set = match unknowns {
        true => prop_oneof![7 => known, 1 => Just(Value::Unknown)].boxed(),
        false => known,
    };
    let null = Just(Value::Null);
    match (attribute.presence, kind) {
        (Presence::Required, Kind::Sloppy) => prop_oneof![1 => null, 8 => set].boxed(),
        (Presence::Computed, Kind::Sloppy) => prop_oneof![8 => null, 1 => set].boxed(),
        (Presence::Required, _) => set,
        (Presence::Computed, _) => null.boxed(),
        _ => prop_oneof![1 => null, 2 => set].boxed(),
    }
}

fn nested_of(
    nesting: Nesting,
    inner: &[Attribute],
    prior: Option<&Value>,
    kind: Kind,
) -> BoxedStrategy<Value> {
    const KEYS: [&str; 3] = ["x", "y", "z"];
    let object = |prior: Option<&Value>| {
        let prior = match prior {
            Some(Value::Object(prior)) => Some(prior),
            _ => None,
        };
        config_of(inner, prior, kind).prop_map(Value::Object)
    };
    if nesting == Nesting::Single {
        return object(prior).boxed();
    }
    let odd = if kind == Kind::Known {
        Value::Null
    } else {
        Value::Unknown
    };
    let elements = (0..).zip(KEYS).map(|(index, key)| {
        let before = match prior {
            Some(Value::List(list)) => list.get::<usize>(index),
            Some(Value::Map(map)) => map.get(key),
            _ => None,
        };
        let element =
            prop_oneof![10 => object(before), 1 => Just(Value::Null), 1 => Just(odd.clone())];
        option::weighted(if before.is_some() { 0.8 } else { 0.3 }, element)
    });
    let elements: Vec<_> = elements.collect();
    elements
        .prop_map(move |elements| match nesting {
            Nesting::Map => {
                let entries = KEYS.into_iter().zip(elements);
                let entries = entries.filter_map(|(key, value)| Some((key.to_owned(), value?)));
                Value::Map(entries.collect())
            }
            _ => Value::List(elements.into_iter().flatten().collect()),
        })
        .boxed()
}
