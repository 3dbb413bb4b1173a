//! Checks what a provider declares: that its models can hold what its schemas allow. Pure.
//!
//! A server is not built otherwise, so a test that builds it finds what would end in "Bug in the
//! Provider" for a user.

use super::{
    model::{Model, Shape, ShapeKind},
    schema::{Attribute, AttributeType, DefaultValue, Nesting, Presence},
    validate::whole_number,
    value::Type,
};

/// What a model is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A configuration, of which nothing is computed and everything is known.
    Config,
    /// The provider block: any attribute may be unknown.
    ProviderConfig,
    /// The configured part of a data source, known as a whole.
    Query,
    /// A planned state: a computed attribute without a default may be unknown.
    Plan,
    /// A state, whose attributes are the fields of the model.
    State,
}

/// What does not fit between the fields of a model and the attributes of its schema.
pub(super) fn mismatches<M: Model>(role: Role, attributes: &[Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(fields) = M::shapes() {
        check_object(role, "", &fields, attributes, &mut found);
    }
    found
}

fn check_object(
    role: Role,
    path: &str,
    fields: &[(&'static str, Shape)],
    attributes: &[Attribute],
    found: &mut Vec<String>,
) {
    for (name, _) in fields {
        if !attributes.iter().any(|attribute| attribute.name == *name) {
            found.push(format!("{role:?}: the field {path}{name} is no attribute"));
        }
    }
    for attribute in attributes {
        let path = format!("{path}{}", attribute.name);
        if role == Role::Config && attribute.presence == Presence::Computed {
            found.push(format!(
                "{role:?}: {path} is computed, but nothing is stored"
            ));
        }
        match fields.iter().find(|(name, _)| *attribute.name == **name) {
            Some((_, shape)) => check_attribute(role, &path, shape, attribute, found),
            None if role == Role::State => {
                found.push(format!("{role:?}: no field for the attribute {path}"));
            }
            None => {}
        }
    }
}

fn check_attribute(
    role: Role,
    path: &str,
    shape: &Shape,
    attribute: &Attribute,
    found: &mut Vec<String>,
) {
    let is_open = attribute.presence.is_computed() && attribute.default.is_none();
    let may_be_unknown = match role {
        Role::ProviderConfig => true,
        Role::Plan => is_open,
        Role::Config | Role::Query | Role::State => false,
    };
    let may_be_null = attribute.presence != Presence::Required && attribute.default.is_none();
    if may_be_unknown && !shape.unknowable {
        found.push(format!("{role:?}: {path} may be unknown: use MaybeUnknown"));
    } else if role != Role::State && may_be_null && !shape.nullable {
        found.push(format!("{role:?}: {path} may be null: use Option"));
    }
    let fits = match (&attribute.kind, object_fields(&shape.kind)) {
        (AttributeType::Value(kind), _) => holds(&shape.kind, kind),
        (AttributeType::Nested(nesting, inner), Some((held, fields))) if *nesting == held => {
            let inside = if held == Nesting::Single { "." } else { "[]." };
            check_object(role, &format!("{path}{inside}"), fields, inner, found);
            true
        }
        (AttributeType::Nested(..), _) => matches!(shape.kind, ShapeKind::Any),
    };
    if !fits {
        found.push(format!(
            "{role:?}: the field {path} is of another type than the attribute"
        ));
    }
}

/// The fields of the objects that a field holds, and how many of these there are.
fn object_fields(kind: &ShapeKind) -> Option<(Nesting, &[(&'static str, Shape)])> {
    match kind {
        ShapeKind::Object(fields) => Some((Nesting::Single, fields)),
        ShapeKind::List(element) => Some((Nesting::List, object_fields(&element.kind)?.1)),
        ShapeKind::Map(element) => Some((Nesting::Map, object_fields(&element.kind)?.1)),
        _ => None,
    }
}

fn holds(shape: &ShapeKind, kind: &Type) -> bool {
    match (shape, kind) {
        (ShapeKind::Any, _)
        | (ShapeKind::Bool, Type::Bool)
        | (ShapeKind::Number | ShapeKind::Integer, Type::Number)
        | (ShapeKind::String, Type::String) => true,
        (ShapeKind::List(element), Type::List(kind))
        | (ShapeKind::Set(element), Type::Set(kind))
        | (ShapeKind::Map(element), Type::Map(kind)) => holds(&element.kind, kind),
        (ShapeKind::Object(fields), Type::Object(kinds)) => fields.iter().all(|(name, shape)| {
            kinds
                .get(*name)
                .is_some_and(|kind| holds(&shape.kind, kind))
        }),
        _ => false,
    }
}

/// Has each attribute that a model holds as an integer validated as one.
pub(super) fn require_whole_numbers<M: Model>(attributes: &mut [Attribute]) {
    if let Some(fields) = M::shapes() {
        require_whole_numbers_in(&fields, attributes);
    }
}

fn require_whole_numbers_in(fields: &[(&'static str, Shape)], attributes: &mut [Attribute]) {
    for attribute in attributes {
        let Some((_, shape)) = fields.iter().find(|(name, _)| *attribute.name == **name) else {
            continue;
        };
        if matches!(shape.kind, ShapeKind::Integer) {
            attribute.validators.push(whole_number);
        } else if let Some((_, fields)) = object_fields(&shape.kind)
            && let AttributeType::Nested(_, inner) = &mut attribute.kind
        {
            require_whole_numbers_in(fields, inner);
        }
    }
}

/// What is wrong with the attributes of a schema by themselves.
pub(super) fn contradictory(attributes: &[Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for (position, attribute) in attributes.iter().enumerate() {
        let name = &attribute.name;
        if attributes[..position]
            .iter()
            .any(|other| other.name == *name)
        {
            found.push(format!("the attribute {name} is declared twice"));
        }
        if attribute.default == Some(DefaultValue::Value(super::Value::Null)) {
            found.push(format!("the default of {name} is null"));
        }
        if let AttributeType::Nested(_, inner) = &attribute.kind {
            let inner = contradictory(inner).into_iter();
            found.extend(inner.map(|problem| format!("{name}: {problem}")));
        }
    }
    found
}
