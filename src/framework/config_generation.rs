//! Turns a state into the configuration that a practitioner would have written for it. Pure.
//!
//! What the provider decides, what is a default, and what follows the provider block all the
//! same is left out. A configuration that was generated plans to change nothing.

use super::{
    nested::elements_mut,
    schema::{Attribute, DefaultValue, Presence, ProviderDefaults},
    value::{Object, Value},
};

/// The configuration of an object with this state.
pub fn configuration(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    mut state: Object,
) -> Object {
    let configured = attributes.iter().map(|attribute| {
        let name = attribute.name.as_str();
        let value = state.remove(name).unwrap_or(Value::Null);
        (name, written(attribute, provider, value))
    });
    configured.collect()
}

/// What is written for one attribute; null is nothing.
fn written(attribute: &Attribute, provider: &ProviderDefaults, mut value: Value) -> Value {
    // Terraform leaves deprecated attributes out too (core: genconfig).
    let left_out = attribute.presence == Presence::Computed
        || (attribute.deprecation.is_some() && attribute.presence != Presence::Required);
    let is_default = match &attribute.default {
        Some(DefaultValue::Value(default)) => value == *default,
        Some(DefaultValue::Provider(_)) => value == provider[&attribute.name],
        None => false,
    };
    if left_out || is_default {
        return Value::Null;
    }
    if !attribute.nested().is_empty() {
        for (_, element) in elements_mut(&mut value) {
            if let Value::Object(object) = element {
                let state = std::mem::take(object);
                *object = configuration(attribute.nested(), provider, state);
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{
        schema::{AttributeType, Nesting, computed, optional, required},
        value::Type,
    };

    fn door() -> Vec<Attribute> {
        let lock = vec![
            required("cut", Type::String, ""),
            optional("locked", Type::Bool, "").default(false),
            computed("serial", Type::String, ""),
        ];
        vec![
            computed("id", Type::String, ""),
            optional("house", Type::String, "").default_from_provider(""),
            required("name", Type::String, ""),
            optional("open", Type::Bool, "").default(true),
            optional("color", Type::String, ""),
            optional("locks", AttributeType::Nested(Nesting::List, lock), ""),
        ]
    }

    fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
        let attributes = attributes.into_iter();
        attributes
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn lock(locked: Value, serial: Value) -> Value {
        Value::List(vec![Value::Object(object([
            ("cut", "flat".into()),
            ("locked", locked),
            ("serial", serial),
        ]))])
    }

    fn lives_at(house: impl Into<Value>) -> ProviderDefaults {
        object([("house", house.into())])
    }

    fn state(open: bool, locks: Value) -> Object {
        object([
            ("id", "1".into()),
            ("house", "Elm".into()),
            ("name", "front".into()),
            ("open", open.into()),
            ("color", Value::Null),
            ("locks", locks),
        ])
    }

    #[test]
    fn what_goes_without_saying_is_not_said() {
        let locks = lock(false.into(), "#1".into());

        let written = configuration(&door(), &lives_at("Elm"), state(true, locks));

        let expected = object([
            ("id", Value::Null),
            ("house", Value::Null),
            ("name", "front".into()),
            ("open", Value::Null),
            ("color", Value::Null),
            ("locks", lock(Value::Null, Value::Null)),
        ]);
        assert_eq!(written, expected);
    }

    #[test]
    fn deprecated_attribute_is_left_out_unless_required() {
        let mut color = optional("color", Type::String, "");
        color.deprecation = Some("Use paint.".into());
        let mut name = required("name", Type::String, "");
        name.deprecation = Some("Use title.".into());
        let state = object([("color", "red".into()), ("name", "front".into())]);

        let written = configuration(&[color, name], &ProviderDefaults::new(), state);

        let expected = object([("color", Value::Null), ("name", "front".into())]);
        assert_eq!(written, expected);
    }

    #[test]
    fn what_differs_from_a_default_is_said() {
        let locks = lock(true.into(), "#1".into());
        for provider in [
            lives_at("Oak"),
            lives_at(Value::Unknown),
            ProviderDefaults::new(),
        ] {
            let written = configuration(&door(), &provider, state(false, locks.clone()));

            assert_eq!(written["house"], "Elm".into());
            assert_eq!(written["open"], false.into());
            assert_eq!(written["locks"], lock(true.into(), Value::Null));
        }
    }
}
