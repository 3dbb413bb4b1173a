//! Any schema, with every behaviour that a plan knows.

use proptest::{collection, option, prelude::*};
use realtimekit::framework::{
    Type, Value,
    schema::{
        Attribute, AttributeType, DefaultValue, Nesting, Presence, computed, optional, required,
    },
};

use super::value::{any_type, known_value};

/// How deep nested attributes may go.
const DEPTH: u32 = 2;

/// Any attributes. No two have the same name, on whatever level: an attribute that follows
/// the provider block does so by its name.
pub(crate) fn any_attributes() -> impl Strategy<Value = Vec<Attribute>> {
    attributes(DEPTH).prop_map(|mut attributes| {
        rename(&mut attributes, "");
        attributes
    })
}

fn rename(attributes: &mut [Attribute], parent: &str) {
    for (letter, attribute) in ('a'..).zip(attributes) {
        attribute.name = format!("{parent}{letter}");
        if let AttributeType::Nested(_, inner) = &mut attribute.kind {
            rename(inner, &attribute.name);
        }
        rename_default(attribute);
    }
}

/// A default of a nested attribute is written with the names that its attributes now have.
fn rename_default(attribute: &mut Attribute) {
    let kind = attribute.kind.to_type();
    if let Some(DefaultValue::Value(value)) = &mut attribute.default {
        *value = renamed(value, &kind);
    }
}

fn renamed(value: &Value, kind: &Type) -> Value {
    match (value, kind) {
        (Value::Object(object), Type::Object(kinds)) => {
            let values = kinds.iter().zip(object.values());
            let values = values.map(|((name, kind), value)| (name.clone(), renamed(value, kind)));
            Value::Object(values.collect())
        }
        (Value::List(list), Type::List(kind)) => {
            Value::List(list.iter().map(|value| renamed(value, kind)).collect())
        }
        (Value::Map(map), Type::Map(kind)) => {
            let values = map.iter();
            Value::Map(
                values
                    .map(|(key, value)| (key.clone(), renamed(value, kind)))
                    .collect(),
            )
        }
        (value, _) => value.clone(),
    }
}

fn attributes(depth: u32) -> BoxedStrategy<Vec<Attribute>> {
    // Names that keep their order when they are changed.
    collection::vec(attribute(depth), 1..4)
        .prop_map(|mut attributes| {
            for (letter, attribute) in ('a'..).zip(&mut attributes) {
                attribute.name = letter.to_string();
            }
            attributes
        })
        .boxed()
}

fn attribute(depth: u32) -> BoxedStrategy<Attribute> {
    kind(depth)
        .prop_flat_map(|kind| {
            let default = default_of(&kind);
            (
                Just(kind),
                presence(),
                option::weighted(0.3, default),
                any::<[bool; 2]>(),
            )
        })
        .prop_map(|(kind, presence, default, [requires_replace, use_state])| {
            let mut attribute = match presence {
                _ if default.is_some() => optional("", kind, ""), // only these have defaults
                Presence::Required => required("", kind, ""),
                Presence::Optional => optional("", kind, ""),
                Presence::Computed => computed("", kind, ""),
                Presence::OptionalComputed => optional("", kind, "").or_computed(),
            };
            attribute = match default {
                Some(DefaultValue::Value(value)) => attribute.default(value),
                Some(DefaultValue::Provider(otherwise)) => {
                    attribute.default_from_provider(&otherwise)
                }
                None => attribute,
            };
            attribute.requires_replace = requires_replace;
            attribute.use_state_for_unknown = use_state;
            attribute
        })
        .boxed()
}

fn presence() -> impl Strategy<Value = Presence> {
    prop::sample::select(vec![
        Presence::Required,
        Presence::Optional,
        Presence::Computed,
        Presence::OptionalComputed,
    ])
}

fn kind(depth: u32) -> BoxedStrategy<AttributeType> {
    let value = any_type().prop_map(AttributeType::Value).boxed();
    if depth == 0 {
        return value;
    }
    let single = attributes(depth - 1);
    let single = single.prop_map(|inner| AttributeType::Nested(Nesting::Single, inner));
    let many = prop::sample::select(vec![Nesting::List, Nesting::Map]);
    let many = (many, attributes(depth - 1));
    let many = many.prop_map(|(nesting, inner)| AttributeType::Nested(nesting, inner));
    prop_oneof![4 => value, 1 => single, 2 => many].boxed()
}

fn default_of(kind: &AttributeType) -> BoxedStrategy<DefaultValue> {
    let value = known_value(&kind.to_type()).prop_map(DefaultValue::Value);
    match kind {
        AttributeType::Nested(..) => value.boxed(),
        AttributeType::Value(_) => {
            prop_oneof![value, Just(DefaultValue::Provider("Set it.".into()))].boxed()
        }
    }
}

/// The attributes that follow the provider block, with their types.
pub(crate) fn followed(attributes: &[Attribute]) -> Vec<(String, Type)> {
    let mut found = Vec::new();
    for attribute in attributes {
        if let Some(DefaultValue::Provider(_)) = &attribute.default {
            found.push((attribute.name.clone(), attribute.kind.to_type()));
        }
        if let AttributeType::Nested(_, inner) = &attribute.kind {
            found.extend(followed(inner));
        }
    }
    found
}
