//! `ProposedNew`: what Terraform proposes to plan, from the configuration and the prior state.

use realtimekit::framework::{
    Object, Step, Value,
    schema::{Attribute, AttributeType, Presence},
};

use super::{child, part, steps};

/// Configured values, and prior ones for what is computed and not configured.
pub(crate) fn proposed_new(
    attributes: &[Attribute],
    prior: Option<&Object>,
    config: &Object,
) -> Object {
    let prior = prior.cloned().map_or(Value::Null, Value::Object);
    merged(attributes, &prior, &Value::Object(config.clone()))
}

fn merged(attributes: &[Attribute], prior: &Value, config: &Value) -> Object {
    let values = attributes.iter().map(|schema| {
        let step = Step::Attribute(schema.name.as_str().into());
        let (prior, config) = (part(prior, &step), part(config, &step));
        let value = match &schema.kind {
            _ if schema.presence.is_computed() && config.is_null() => {
                match was_configured(schema, &prior) {
                    true => config,
                    false => prior,
                }
            }
            AttributeType::Nested(_, inner) => merged_nested(inner, &prior, config),
            AttributeType::Value(_) => config,
        };
        (schema.name.clone(), value)
    });
    values.collect()
}

fn merged_nested(inner: &[Attribute], prior: &Value, config: Value) -> Value {
    match config {
        Value::Object(_) => Value::Object(merged(inner, prior, &config)),
        Value::List(list) => {
            let elements = (0..).zip(list).map(|(index, config)| {
                match child(prior, &Step::Index(index)) {
                    Some(prior) => merged_element(inner, &prior, config),
                    None => config, // a new element is taken as it is
                }
            });
            Value::List(elements.collect())
        }
        Value::Map(map) => {
            let elements = map.into_iter().map(|(key, config)| {
                let prior = part(prior, &Step::Key(key.clone()));
                (key, merged_element(inner, &prior, config))
            });
            Value::Map(elements.collect())
        }
        config => config,
    }
}

/// An unknown element becomes an object of unknown attributes.
fn merged_element(inner: &[Attribute], prior: &Value, config: Value) -> Value {
    match config {
        Value::Null => config,
        config => Value::Object(merged(inner, prior, &config)),
    }
}

/// Whether a part of an optional nested value can only come from a configuration. The practitioner
/// then has removed it, and it is not carried over.
fn was_configured(schema: &Attribute, prior: &Value) -> bool {
    match &schema.kind {
        AttributeType::Nested(_, inner) if schema.presence == Presence::OptionalComputed => {
            has_configured(inner, prior)
        }
        _ => false,
    }
}

fn has_configured(attributes: &[Attribute], prior: &Value) -> bool {
    if !matches!(prior, Value::Object(_)) {
        let mut elements = steps(prior).into_iter().map(|step| part(prior, &step));
        return elements.any(|element| has_configured(attributes, &element));
    }
    attributes.iter().any(|schema| {
        let prior = part(prior, &Step::Attribute(schema.name.as_str().into()));
        let is_configured = !schema.presence.is_computed() && !prior.is_null();
        let inner = match &schema.kind {
            AttributeType::Nested(_, inner) => inner.as_slice(),
            AttributeType::Value(_) => &[],
        };
        is_configured || (!inner.is_empty() && has_configured(inner, &prior))
    })
}
