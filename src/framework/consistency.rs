//! Holds what a change came to against what was planned. Pure.
//!
//! Terraform makes the same comparison and calls a difference a bug of the provider. It may
//! as well be the API that stored something else, and then the practitioner needs both values.

use super::{
    diagnostics::Diagnostics,
    schema::{Attribute, Presence},
    value::{Object, Set, Value},
};

/// An error for each attribute whose planned value is known and is not the one in `state`.
pub fn inconsistencies(attributes: &[Attribute], planned: &Object, state: &Object) -> Diagnostics {
    let mut found = Diagnostics::new();
    for attribute in attributes {
        let name = attribute.name.as_str();
        let (planned, stored) = (&planned[name], &state[name]);
        if !agrees(planned, stored) {
            found.extend(inconsistency(attribute, planned, stored).at(name));
        }
    }
    found
}

fn agrees(planned: &Value, stored: &Value) -> bool {
    match (planned, stored) {
        (Value::Unknown, _) => true,
        (Value::List(planned), Value::List(stored)) => {
            let mut both = planned.iter().zip(stored);
            planned.len() == stored.len() && both.all(|(planned, stored)| agrees(planned, stored))
        }
        (Value::Map(planned), Value::Map(stored))
        | (Value::Object(planned), Value::Object(stored)) => {
            let mut both = planned.values().zip(stored.values());
            planned.keys().eq(stored.keys())
                && both.all(|(planned, stored)| agrees(planned, stored))
        }
        (Value::Set(planned), Value::Set(stored)) => sets_agree(planned, stored),
        (planned, stored) => planned == stored,
    }
}

/// Unknown elements may turn out to be equal, so there may be fewer of them. A known element is
/// looked up, since a set may be large.
fn sets_agree(planned: &Set, stored: &Set) -> bool {
    let (known, open): (Vec<_>, Vec<_>) = planned.iter().partition(|it| it.is_wholly_known());
    let kept = |planned: &&Value| stored.iter().any(|stored| agrees(planned, stored));
    let meant = |stored| open.iter().any(|planned| agrees(planned, stored));
    planned.len() >= stored.len()
        && known.iter().all(|known| stored.contains(known))
        && open.iter().all(kept)
        && (stored.iter()).all(|stored| planned.contains(stored) || meant(stored))
}

fn inconsistency(attribute: &Attribute, planned: &Value, stored: &Value) -> Diagnostics {
    let name = &attribute.name;
    let values = match attribute.holds_sensitive() {
        true => "The values are not shown, since the attribute is sensitive.".to_owned(),
        false => format!("Sent: {planned}\nReceived: {stored}"),
    };
    // A computed attribute cannot be configured.
    let what_to_do = match attribute.presence {
        Presence::Computed => "Run terraform plan to see what else changed.",
        _ => "Write that value into the configuration if it is right; otherwise apply again.",
    };
    Diagnostics::error(
        "The API Stored Another Value",
        format!(
            "The change was made, but {name:?} is not as planned.\n\n{values}\n\nThe state holds \
             what was received. {what_to_do}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{
        schema::{AttributeType, Nesting, computed, optional},
        value::Type,
    };

    fn found(planned: impl Into<Value>, stored: impl Into<Value>, sensitive: bool) -> Diagnostics {
        let mut attribute = optional("name", Type::String, "");
        attribute.sensitive = sensitive;
        let object = |value| Object::from([("name".to_owned(), value)]);
        inconsistencies(
            &[attribute],
            &object(planned.into()),
            &object(stored.into()),
        )
    }

    #[test]
    fn an_unknown_value_may_become_anything() {
        assert!(found(Value::Unknown, "x", false).is_empty());
        assert!(
            found(
                Value::List(vec![Value::Unknown]),
                Value::List(vec!["x".into()]),
                false
            )
            .is_empty()
        );
    }

    #[test]
    fn another_value_is_reported_with_both() {
        let found = found("a", "b", false);

        let found = found.iter().next().unwrap();
        assert_eq!(found.path.to_string(), "name");
        assert!(
            found.detail.contains("Sent: \"a\"\nReceived: \"b\""),
            "{}",
            found.detail
        );
    }

    #[test]
    fn computed_attribute_is_never_to_be_configured() {
        let attribute = computed("name", Type::String, "");
        let object = |value: &str| Object::from([("name".to_owned(), value.into())]);

        let found = inconsistencies(&[attribute], &object("a"), &object("b"));

        let detail = &found.iter().next().unwrap().detail;
        assert!(!detail.contains("configuration"), "{detail}");
        assert!(detail.contains("terraform plan"), "{detail}");
    }

    #[test]
    fn a_sensitive_value_is_not_shown() {
        let found = found("hunter2", "b", true);

        assert!(!found.iter().next().unwrap().detail.contains("hunter2"));
    }

    #[test]
    fn a_sensitive_value_within_a_nested_attribute_is_not_shown() {
        let pin = optional("pin", Type::String, "").sensitive();
        let door = optional(
            "door",
            AttributeType::Nested(Nesting::Single, vec![pin]),
            "",
        );
        let object = |pin: &str| {
            let door = Value::Object([("pin", pin.into())].into());
            Object::from([("door", door)])
        };

        let found = inconsistencies(&[door], &object("hunter2"), &object("hunter3"));

        let detail = &found.iter().next().unwrap().detail;
        assert!(!detail.contains("hunter"), "{detail}");
    }

    #[test]
    fn a_set_must_keep_the_elements_that_were_known() {
        let set = |values: &[Value]| Value::Set(values.iter().cloned().collect());
        let planned = || set(&["a".into(), Value::Unknown]);

        assert!(found(planned(), set(&["a".into(), "b".into()]), false).is_empty());
        assert!(found(planned(), set(&["a".into()]), false).is_empty());
        assert!(!found(planned(), set(&["b".into()]), false).is_empty());
        let three = set(&["a".into(), "b".into(), "c".into()]);
        assert!(!found(planned(), three, false).is_empty());
        assert!(!found(set(&["a".into()]), set(&["a".into(), "b".into()]), false).is_empty());
    }

    #[test]
    fn a_list_must_keep_its_length() {
        let list = |values: &[&str]| Value::List(values.iter().map(|&text| text.into()).collect());

        assert!(!found(list(&["a"]), list(&["a", "b"]), false).is_empty());
    }
}
