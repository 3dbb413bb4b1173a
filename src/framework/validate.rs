//! Checks a configuration against its schema. Pure: values in, diagnostics out.
//!
//! Terraform checks types and required arguments itself, but not on every level of nesting,
//! so both are checked again here. A null or unknown value is never handed to a validator.

use super::{
    diagnostics::{AttributePath, Diagnostics, Step},
    nested::elements,
    schema::{Attribute, AttributeType, Presence},
    value::{Object, Value},
};

/// Everything that is wrong with `config`, not only the first.
///
/// Terraform shows the line of an attribute of the block itself; an attribute inside of another
/// one is named in words.
pub fn validate(attributes: &[Attribute], config: &Object) -> Diagnostics {
    let named = check(attributes, config).into_iter().map(|mut diagnostic| {
        if diagnostic.path.0.len() > 1 {
            diagnostic.detail += &format!("\n\nThis is about {}.", diagnostic.path);
        }
        diagnostic
    });
    named.collect()
}

fn check(attributes: &[Attribute], config: &Object) -> Diagnostics {
    let mut found = Diagnostics::new();
    for attribute in attributes {
        let value = &config[&attribute.name];
        let problems = validate_attribute(attribute, value);
        // Terraform prints the line of the configuration that a path points at: with the value.
        found.extend(match attribute.sensitive {
            true => problems.with_detail(&format!("This is about {}.", attribute.name)),
            false => problems.at(attribute.name.as_str()),
        });
    }
    found
}

fn validate_attribute(attribute: &Attribute, value: &Value) -> Diagnostics {
    match (attribute.presence, value.is_null()) {
        (Presence::Required, true) => {
            return Diagnostics::error(
                "Missing Configuration for Required Attribute",
                format!(
                    "The argument {:?} is required, but no value was given: set it.",
                    attribute.name
                ),
            );
        }
        (Presence::Computed, false) => {
            return Diagnostics::error(
                "Invalid Configuration for Read-Only Attribute",
                format!(
                    "The provider decides {:?}: remove it from the configuration.",
                    attribute.name
                ),
            );
        }
        (_, true) => return Diagnostics::new(),
        (_, false) => {}
    }
    let mut found = Diagnostics::new();
    if let Some(instead) = &attribute.deprecation {
        found.extend(Diagnostics::warning(
            "Attribute Deprecated",
            instead.as_str(),
        ));
    }
    if value.is_unknown() {
        return found;
    }
    let nulls = null_elements(value);
    if nulls.is_empty() {
        for validator in &attribute.validators {
            found.extend(validator(value));
        }
    }
    found.extend(nulls);
    if let AttributeType::Nested(nesting, attributes) = &attribute.kind {
        for (step, element) in elements(*nesting, value) {
            if let Value::Object(object) = element {
                let path = AttributePath(step.into_iter().collect::<Vec<Step>>());
                found.extend(check(attributes, object).at(path));
            }
        }
    }
    found
}

/// An error for each element of a list, map or set that is null, at any depth of collections.
/// Objects may have null attributes.
fn null_elements(value: &Value) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut check = |step: Option<Step>, element: &Value| {
        let path = AttributePath(step.into_iter().collect());
        found.extend(match element {
            Value::Null => null_element().at(path),
            element => null_elements(element).at(path),
        });
    };
    match value {
        Value::List(elements) => (0..)
            .zip(elements)
            .for_each(|(index, element)| check(Some(Step::Index(index)), element)),
        Value::Map(entries) => entries
            .iter()
            .for_each(|(key, element)| check(Some(Step::Key(key.clone())), element)),
        Value::Set(set) => set.iter().for_each(|element| check(None, element)),
        _ => {}
    }
    found
}

fn null_element() -> Diagnostics {
    Diagnostics::error(
        "Null Value in a Collection",
        "An element of a list, map or set must not be null: remove it or give it a value.",
    )
}

/// A validator for numbers that must be whole and fit into 64 bits.
pub fn whole_number(value: &Value) -> Diagnostics {
    match value {
        Value::Number(number) if number.as_i64().is_none() => Diagnostics::error(
            "Not a Whole Number",
            format!("The value must be a whole number of at most 64 bits, not {number}."),
        ),
        _ => Diagnostics::new(),
    }
}

/// An error unless exactly one of the attributes is set. What is unknown may turn out to be
/// the one, or null.
pub fn exactly_one_of(config: &Object, names: &[&str]) -> Diagnostics {
    let value = |name: &str| &config[name];
    let is_set = |name: &&&str| !value(name).is_null() && !value(name).is_unknown();
    let set: Vec<&&str> = names.iter().filter(is_set).collect();
    let unknown = names.iter().any(|name| value(name).is_unknown());
    let choices = names.join(", ");
    match set.as_slice() {
        [_] => Diagnostics::new(),
        [] if unknown => Diagnostics::new(),
        [] => Diagnostics::error(
            "Missing Attribute Configuration",
            format!("Set exactly one of these: {choices}."),
        ),
        [first, ..] => {
            let set: Vec<&str> = set.iter().map(|name| **name).collect();
            Diagnostics::error(
                "Invalid Attribute Combination",
                format!(
                    "Set exactly one of these: {choices}. Here are {}.",
                    set.join(" and ")
                ),
            )
            .at(**first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{
        schema::{Nesting, computed, optional, required},
        value::Type,
    };

    fn not_blank(value: &Value) -> Diagnostics {
        match value.as_str() {
            Some("") => Diagnostics::error("Blank", "Write something."),
            _ => Diagnostics::new(),
        }
    }

    fn attributes() -> Vec<Attribute> {
        let mut old = optional("old", Type::Bool, "");
        old.deprecation = Some("Use `name`.".into());
        vec![
            required("name", Type::String, "").validate(not_blank),
            computed("id", Type::String, ""),
            old,
            optional(
                "doors",
                AttributeType::Nested(
                    Nesting::List,
                    vec![required("key", Type::String, "").validate(not_blank)],
                ),
                "",
            ),
        ]
    }

    fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
        attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn found(config: Object) -> Vec<(String, String)> {
        let found = validate(&attributes(), &config);
        found
            .iter()
            .map(|found| (found.path.to_string(), found.summary.clone()))
            .collect()
    }

    #[test]
    fn a_missing_required_attribute_is_named() {
        let found = found(Object::new());

        assert_eq!(
            found,
            [(
                "name".into(),
                "Missing Configuration for Required Attribute".into()
            )]
        );
    }

    #[test]
    fn an_unknown_value_is_no_missing_one_and_not_validated() {
        assert_eq!(found(object([("name", Value::Unknown)])), []);
    }

    #[test]
    fn a_configured_read_only_attribute_is_an_error() {
        let found = found(object([("name", "x".into()), ("id", "1".into())]));

        assert_eq!(
            found,
            [(
                "id".into(),
                "Invalid Configuration for Read-Only Attribute".into()
            )]
        );
    }

    #[test]
    fn a_deprecated_attribute_warns_when_it_is_used() {
        let found = found(object([("name", "x".into()), ("old", true.into())]));

        assert_eq!(found, [("old".into(), "Attribute Deprecated".into())]);
    }

    #[test]
    fn everything_wrong_is_reported_at_its_path() {
        let door = |key: &str| Value::Object(object([("key", key.into())]));
        let doors = Value::List(vec![door("brass"), door("")]);

        let found = found(object([("name", "".into()), ("doors", doors)]));

        let blank = |path: &str| (path.to_owned(), "Blank".to_owned());
        assert_eq!(found, [blank("name"), blank("doors[1].key")]);
    }

    #[test]
    fn an_attribute_inside_of_another_one_is_named_in_words() {
        let door = Value::Object(object([("key", "".into())]));
        let config = object([("name", "".into()), ("doors", Value::List(vec![door]))]);

        let found: Vec<String> = validate(&attributes(), &config)
            .into_iter()
            .map(|found| found.detail)
            .collect();

        assert_eq!(
            found,
            [
                "Write something.",
                "Write something.\n\nThis is about doors[0].key."
            ]
        );
    }

    #[test]
    fn exactly_one_of_several_attributes_is_to_be_set() {
        let check = |one: Value, other: Value| {
            let found =
                exactly_one_of(&object([("one", one), ("other", other)]), &["one", "other"]);
            found.iter().next().map(|found| found.summary.clone())
        };

        assert_eq!(check("x".into(), Value::Null), None);
        assert_eq!(check("x".into(), Value::Unknown), None);
        assert_eq!(check(Value::Null, Value::Unknown), None);
        assert_eq!(
            check(Value::Null, Value::Null),
            Some("Missing Attribute Configuration".into())
        );
        assert_eq!(
            check("x".into(), "y".into()),
            Some("Invalid Attribute Combination".into())
        );
    }
}
