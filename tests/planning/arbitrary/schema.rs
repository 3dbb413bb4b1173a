//! Any schema, with every behavior that a plan knows.

use proptest::{option, prelude::*, sample::select};
use realtimekit::framework::{
    Type,
    schema::{
        Attribute, AttributeType, DefaultValue, Nesting, Presence, computed, optional, required,
    },
};

use super::value::{any_type, any_value};

/// How deep nested attributes may be.
const DEPTH: u32 = 2;

/// Any attributes. No two have the same name, on whatever level: an attribute that follows
/// the provider block does so by its name.
pub(crate) fn any_attributes() -> impl Strategy<Value = Vec<Attribute>> {
    attributes("", DEPTH)
}

fn attributes(parent: &str, depth: u32) -> BoxedStrategy<Vec<Attribute>> {
    let each = ["a", "b", "c"].map(|letter| attribute(format!("{parent}{letter}"), depth));
    (Vec::from(each), 1..4_usize)
        .prop_map(|(mut attributes, count)| {
            attributes.truncate(count);
            attributes
        })
        .boxed()
}

fn attribute(name: String, depth: u32) -> BoxedStrategy<Attribute> {
    let presences = vec![
        Presence::Required,
        Presence::Optional,
        Presence::Computed,
        Presence::OptionalComputed,
    ];
    kind(&name, depth)
        .prop_flat_map(move |kind| {
            let default = option::weighted(0.3, default_of(&kind));
            let presence = select(presences.clone());
            (Just(kind), presence, default, any::<[bool; 2]>())
        })
        .prop_map(
            move |(kind, presence, default, [requires_replace, use_state])| {
                let mut attribute = match (default, presence) {
                    (Some(DefaultValue::Value(value)), _) => {
                        optional(&name, kind, "").default(value)
                    }
                    (Some(DefaultValue::Provider(otherwise)), _) => {
                        optional(&name, kind, "").default_from_provider(&otherwise)
                    }
                    (None, Presence::Required) => required(&name, kind, ""),
                    (None, Presence::Optional) => optional(&name, kind, ""),
                    (None, Presence::Computed) => computed(&name, kind, ""),
                    (None, Presence::OptionalComputed) => optional(&name, kind, "").or_computed(),
                };
                attribute.requires_replace = requires_replace;
                attribute.use_state_for_unknown = use_state;
                attribute
            },
        )
        .boxed()
}

fn kind(name: &str, depth: u32) -> BoxedStrategy<AttributeType> {
    let value = any_type().prop_map(AttributeType::Value).boxed();
    if depth == 0 {
        return value;
    }
    let nesting = select(vec![Nesting::Single, Nesting::List, Nesting::Map]);
    let nested = (nesting, attributes(name, depth - 1));
    let nested = nested.prop_map(|(nesting, inner)| AttributeType::Nested(nesting, inner));
    prop_oneof![4 => value, 3 => nested].boxed()
}

fn default_of(kind: &AttributeType) -> BoxedStrategy<DefaultValue> {
    let value = any_value(&kind.to_type(), false).prop_map(DefaultValue::Value);
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
