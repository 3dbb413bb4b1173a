//! `ProposedNew`: what Terraform suggests to plan, from the configuration and the prior state.

use realtimekit::framework::{
    Object, Value,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

use super::values::{at_key, attribute};

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
        let prior = attribute(prior, &schema.name);
        let config = attribute(config, &schema.name);
        (schema.name.clone(), merged_attribute(schema, prior, config))
    });
    values.collect()
}

fn merged_attribute(schema: &Attribute, prior: Value, config: Value) -> Value {
    match &schema.kind {
        _ if schema.presence.is_computed() && config.is_null() => {
            if was_configured(schema, &prior) {
                config
            } else {
                prior
            }
        }
        AttributeType::Nested(nesting, attributes) => {
            merged_nested(*nesting, attributes, &prior, config)
        }
        AttributeType::Value(_) => config,
    }
}

fn merged_nested(
    nesting: Nesting,
    attributes: &[Attribute],
    prior: &Value,
    config: Value,
) -> Value {
    if config.is_null() || config.is_unknown() {
        return config;
    }
    match (nesting, config) {
        (Nesting::Single, config) => merged_element(attributes, prior, config),
        (Nesting::List, Value::List(list)) => {
            let elements = list
                .into_iter()
                .enumerate()
                .map(|(index, config)| match prior {
                    Value::List(prior) if index < prior.len() => {
                        merged_element(attributes, &prior[index], config)
                    }
                    _ => config, // an element that is new is taken as it is
                });
            Value::List(elements.collect())
        }
        (Nesting::Map, Value::Map(map)) => {
            let elements = map.into_iter().map(|(key, config)| {
                let element = merged_element(attributes, &at_key(prior, &key), config);
                (key, element)
            });
            Value::Map(elements.collect())
        }
        (nesting, config) => panic!("{config} for a nested attribute of kind {nesting:?}"),
    }
}

/// An unknown element comes out as an object of unknown attributes.
fn merged_element(attributes: &[Attribute], prior: &Value, config: Value) -> Value {
    if config.is_null() {
        return config;
    }
    Value::Object(merged(attributes, prior, &config))
}

/// Whether a part of an optional nested value can only have come from a configuration. The
/// practitioner then has removed it, and it is not to be carried over.
fn was_configured(schema: &Attribute, prior: &Value) -> bool {
    match &schema.kind {
        AttributeType::Nested(_, attributes) if schema.presence == Presence::OptionalComputed => {
            holds_configured(attributes, prior)
        }
        _ => false,
    }
}

fn holds_configured(attributes: &[Attribute], prior: &Value) -> bool {
    match prior {
        Value::List(list) => list
            .iter()
            .any(|element| holds_configured(attributes, element)),
        Value::Map(map) => map
            .values()
            .any(|element| holds_configured(attributes, element)),
        Value::Object(_) => attributes.iter().any(|schema| {
            let prior = attribute(prior, &schema.name);
            let configured_itself = !schema.presence.is_computed() && !prior.is_null();
            configured_itself
                || matches!(&schema.kind, AttributeType::Nested(_, inner) if holds_configured(inner, &prior))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use realtimekit::framework::{
        Type,
        schema::{computed, optional, required},
    };

    use super::*;

    fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
        let attributes = attributes.into_iter();
        attributes
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn key() -> Vec<Attribute> {
        vec![
            required("cut", Type::String, ""),
            computed("serial", Type::String, ""),
        ]
    }

    fn a_key(cut: impl Into<Value>, serial: impl Into<Value>) -> Value {
        Value::Object(object([("cut", cut.into()), ("serial", serial.into())]))
    }

    #[test]
    fn what_is_not_computed_is_taken_from_the_configuration_even_if_null() {
        let attributes = [optional("name", Type::String, "")];
        let prior = object([("name", "old".into())]);

        let proposed = proposed_new(&attributes, Some(&prior), &object([("name", Value::Null)]));

        assert_eq!(proposed["name"], Value::Null);
    }

    #[test]
    fn what_is_computed_is_carried_over_unless_it_is_configured() {
        let attributes = [optional("name", Type::String, "").or_computed()];
        let prior = object([("name", "old".into())]);
        let proposed = |config: Value| {
            proposed_new(&attributes, Some(&prior), &object([("name", config)]))["name"].clone()
        };

        assert_eq!(proposed(Value::Null), "old".into());
        assert_eq!(proposed("new".into()), "new".into());
        assert_eq!(proposed(Value::Unknown), Value::Unknown);
    }

    #[test]
    fn a_creation_is_proposed_as_configured() {
        let attributes = [
            computed("id", Type::String, ""),
            required("name", Type::String, ""),
        ];
        let config = object([("id", Value::Null), ("name", "x".into())]);

        assert_eq!(proposed_new(&attributes, None, &config), config);
    }

    #[test]
    fn elements_of_a_list_are_merged_by_index() {
        let attributes = [optional(
            "keys",
            AttributeType::Nested(Nesting::List, key()),
            "",
        )];
        let keys = |keys: Vec<Value>| object([("keys", Value::List(keys))]);
        let prior = keys(vec![a_key("round", "A1")]);
        let config = keys(vec![
            a_key("flat", Value::Null),
            a_key("square", Value::Null),
        ]);

        let proposed = proposed_new(&attributes, Some(&prior), &config);

        let expected = keys(vec![a_key("flat", "A1"), a_key("square", Value::Null)]);
        assert_eq!(proposed, expected);
    }

    #[test]
    fn elements_of_a_map_are_merged_by_key() {
        let attributes = [optional(
            "keys",
            AttributeType::Nested(Nesting::Map, key()),
            "",
        )];
        let keys = |key: &str, value| object([("keys", Value::Map(object([(key, value)])))]);

        let prior = keys("mine", a_key("round", "A1"));
        let merged = |config| proposed_new(&attributes, Some(&prior), &config);

        assert_eq!(
            merged(keys("mine", a_key("flat", Value::Null))),
            keys("mine", a_key("flat", "A1"))
        );
        assert_eq!(
            merged(keys("yours", a_key("flat", Value::Null))),
            keys("yours", a_key("flat", Value::Null))
        );
    }

    #[test]
    fn an_unknown_element_is_taken_apart_if_it_has_a_predecessor() {
        let attributes = [optional(
            "keys",
            AttributeType::Nested(Nesting::List, key()),
            "",
        )];
        let keys = |keys: Vec<Value>| object([("keys", Value::List(keys))]);
        let prior = keys(vec![a_key("round", "A1")]);
        let config = keys(vec![Value::Unknown, Value::Unknown]);

        let proposed = proposed_new(&attributes, Some(&prior), &config);

        let expected = keys(vec![a_key(Value::Unknown, Value::Unknown), Value::Unknown]);
        assert_eq!(proposed, expected);
    }

    #[test]
    fn a_computed_nested_value_that_was_configured_is_not_carried_over() {
        let attributes =
            [optional("key", AttributeType::Nested(Nesting::Single, key()), "").or_computed()];
        let config = object([("key", Value::Null)]);
        let proposed = |prior| {
            proposed_new(&attributes, Some(&object([("key", prior)])), &config)["key"].clone()
        };

        assert_eq!(proposed(a_key("round", "A1")), Value::Null);
        assert_eq!(proposed(a_key(Value::Null, "A1")), a_key(Value::Null, "A1"));
    }
}
