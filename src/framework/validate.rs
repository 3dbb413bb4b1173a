//! Checks a configuration against its schema. Pure: values in, diagnostics out.
//!
//! Terraform checks types and required arguments itself, but not on every level of nesting,
//! so both are checked again here. A null or unknown value is never handed to a validator.

use super::{
    diagnostics::{AttributePath, Diagnostic, Diagnostics, Step},
    nested::elements,
    schema::{Attribute, AttributeType, Presence},
    value::{Object, Type, Value},
};

/// Everything that is wrong with `config`, not only the first.
///
/// Terraform shows the line of an attribute of the block itself; an attribute inside of another
/// one is named in words.
pub fn validate(attributes: &[Attribute], config: &Object) -> Diagnostics {
    let named = check(attributes, config).into_iter().map(|mut diagnostic| {
        let is_first = |it: &&Attribute| {
            diagnostic.path.0.first() == Some(&Step::Attribute(it.name.as_str().into()))
        };
        let outer = attributes.iter().find(is_first);
        let is_hidden = outer.is_some_and(Attribute::holds_sensitive);
        if is_hidden || diagnostic.path.0.len() > 1 {
            diagnostic.detail += &format!("\n\nThis is about {}.", diagnostic.path);
        }
        // Terraform prints the lines of the configuration that a path points at: with the value.
        if is_hidden {
            diagnostic.path = AttributePath::default();
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
        found.extend(match attribute.sensitive {
            // The keys of a sensitive map are sensitive too.
            true => without_path(problems).at(attribute.name.as_str()),
            false => problems.at(attribute.name.as_str()),
        });
    }
    found
}

fn without_path(problems: Diagnostics) -> Diagnostics {
    let path = AttributePath::default;
    let problems = problems.into_iter();
    problems
        .map(|it| Diagnostic { path: path(), ..it })
        .collect()
}

fn validate_attribute(attribute: &Attribute, value: &Value) -> Diagnostics {
    let name = &attribute.name;
    match (attribute.presence, value.is_null()) {
        (Presence::Required, true) => {
            return Diagnostics::error(
                "Missing Configuration for Required Attribute",
                format!("The argument {name:?} is required, but no value was given: set it."),
            );
        }
        (Presence::Computed, false) => {
            return Diagnostics::error(
                "Invalid Configuration for Read-Only Attribute",
                format!("The provider decides {name:?}: remove it from the configuration."),
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
    let misfits = match &attribute.kind {
        AttributeType::Value(kind) => misfits(kind, value),
        AttributeType::Nested(_, attributes) => each_element(value, |element| match element {
            Value::Object(object) => check(attributes, object),
            Value::Null => null_element(),
            _ => Diagnostics::new(),
        }),
    };
    if !misfits.has_error() {
        for validator in &attribute.validators {
            found.extend(validator(value));
        }
    }
    found.extend(misfits);
    found
}

/// What a type forbids and Terraform does not check: null elements of collections at any depth,
/// though objects may have null attributes, and numbers that are not whole.
fn misfits(kind: &Type, value: &Value) -> Diagnostics {
    match (kind, value) {
        (Type::Integer, Value::Number(number)) if number.as_i64().is_none() => Diagnostics::error(
            "Not a Whole Number",
            "The value must be a whole number of at most 64 bits.",
        ),
        (Type::List(kind) | Type::Set(kind) | Type::Map(kind), value) => {
            each_element(value, |element| match element {
                Value::Null => null_element(),
                element => misfits(kind, element),
            })
        }
        (Type::Object(kinds), Value::Object(object)) => {
            let mut found = Diagnostics::new();
            for (name, kind) in kinds {
                found.extend(misfits(kind, &object[name]).at(&**name));
            }
            found
        }
        _ => Diagnostics::new(),
    }
}

fn each_element(value: &Value, check: impl Fn(&Value) -> Diagnostics) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (step, element) in elements(value) {
        found.extend(check(element).at(AttributePath(step.into_iter().collect())));
    }
    found
}

fn null_element() -> Diagnostics {
    Diagnostics::error(
        "Null Value in a Collection",
        "An element of a list, map or set must not be null: remove it or give it a value.",
    )
}

/// An error unless exactly one of the attributes is set. What is unknown may turn out to be
/// the one, or null.
pub fn exactly_one_of(config: &Object, names: &[&str]) -> Diagnostics {
    let is_set = |name: &&str| !config[*name].is_null() && !config[*name].is_unknown();
    let set: Vec<&str> = names.iter().copied().filter(is_set).collect();
    let choices = names.join(", ");
    match set.as_slice() {
        [_] => Diagnostics::new(),
        [] if names.iter().any(|name| config[*name].is_unknown()) => Diagnostics::new(),
        [] => Diagnostics::error(
            "Missing Attribute Configuration",
            format!("Set exactly one of these: {choices}."),
        ),
        [first, ..] => {
            let set = set.join(" and ");
            Diagnostics::error(
                "Invalid Attribute Combination",
                format!("Set exactly one of these: {choices}. Here are {set}."),
            )
            .at(*first)
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
    fn sensitive_value_is_not_shown_at_any_depth() {
        let nested = |inner| AttributeType::Nested(Nesting::List, vec![inner]);
        let pin = || optional("pin", Type::Integer, "").sensitive();
        let attributes = [
            pin(),
            optional("pins", Type::list(Type::String), "").sensitive(),
            optional("doors", nested(pin()), ""),
        ];
        let half: Value = Value::Number("1234.5".parse().unwrap());
        let door = Value::Object(object([("pin", half.clone())]));
        let config = object([
            ("pin", half),
            ("pins", Value::List(vec![Value::Null])),
            ("doors", Value::List(vec![door])),
        ]);

        let found: Vec<_> = validate(&attributes, &config).into_iter().collect();

        assert_eq!(found.len(), 3);
        for (found, name) in found.iter().zip(["pin", "pins", "doors"]) {
            assert!(found.path.0.is_empty(), "{found:?}");
            assert!(found.detail.contains(&format!("This is about {name}")));
            assert!(!found.detail.contains("1234"), "{}", found.detail);
        }
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
