//! Values as Terraform's core sees them: nulls have types, and unknown objects have attributes.

use realtimekit::framework::{Object, Set, Type, Value};

/// Null, whether or not it has a type.
pub(crate) fn is_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Dynamic(typed) => typed.1 == Value::Null,
        _ => false,
    }
}

/// Unknown as a whole, whether or not it has a type.
pub(super) fn is_unknown(value: &Value) -> bool {
    match value {
        Value::Unknown(_) => true,
        Value::Dynamic(typed) => matches!(typed.1, Value::Unknown(_)),
        _ => false,
    }
}

/// An attribute of an object; those of null are null and those of an unknown are unknown.
pub(super) fn attribute(object: &Value, name: &str) -> Value {
    match object {
        Value::Object(object) => object.get(name).cloned().unwrap_or(Value::Null),
        Value::Unknown(_) => Value::UNKNOWN,
        _ => Value::Null,
    }
}

/// An element of a list; null where there is none.
pub(super) fn at_index(list: &Value, index: usize) -> Value {
    match list {
        Value::List(list) => list.get(index).cloned().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// An element of a map; null where there is none.
pub(super) fn at_key(map: &Value, key: &str) -> Value {
    match map {
        Value::Map(map) => map.get(key).cloned().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// The same value without what is promised of its unknowns: how Terraform compares plans.
pub(crate) fn unrefined(value: &Value) -> Value {
    let each = |values: &Object| -> Object {
        let values = values.iter();
        values
            .map(|(key, value)| (key.clone(), unrefined(value)))
            .collect()
    };
    match value {
        Value::Unknown(_) => Value::UNKNOWN,
        Value::List(list) => Value::List(list.iter().map(unrefined).collect()),
        Value::Set(set) => Value::Set(set.iter().map(unrefined).collect::<Set>()),
        Value::Map(map) => Value::Map(each(map)),
        Value::Object(object) => Value::Object(each(object)),
        Value::Dynamic(typed) => Value::Dynamic(Box::new((typed.0.clone(), unrefined(&typed.1)))),
        known => known.clone(),
    }
}

pub(super) fn same(one: &Value, other: &Value) -> bool {
    unrefined(one) == unrefined(other)
}

/// Whether `value` is of type `kind`; objects must be complete.
pub(crate) fn conforms(value: &Value, kind: &Type) -> bool {
    match (value, kind) {
        (Value::Null | Value::Unknown(_), _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => true,
        (Value::List(list), Type::List(kind)) => list.iter().all(|value| conforms(value, kind)),
        (Value::Set(set), Type::Set(kind)) => set.iter().all(|value| conforms(value, kind)),
        (Value::Map(map), Type::Map(kind)) => map.values().all(|value| conforms(value, kind)),
        (Value::List(list), Type::Tuple(kinds)) => {
            list.len() == kinds.len()
                && list
                    .iter()
                    .zip(kinds)
                    .all(|(value, kind)| conforms(value, kind))
        }
        (Value::Object(object), Type::Object(kinds)) => {
            object.keys().eq(kinds.keys())
                && object
                    .values()
                    .zip(kinds.values())
                    .all(|(value, kind)| conforms(value, kind))
        }
        (Value::Dynamic(typed), Type::Dynamic) => conforms(&typed.1, &typed.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use realtimekit::framework::Promises;

    use super::*;

    #[test]
    fn a_null_with_a_type_is_a_null_and_another_one() {
        let typed = Value::Dynamic(Box::new((Type::Bool, Value::Null)));

        assert!(is_null(&typed));
        assert!(!same(&typed, &Value::Null));
    }

    #[test]
    fn promises_do_not_tell_two_unknowns_apart() {
        let promises = Promises {
            not_null: true,
            ..Promises::default()
        };
        let list = Value::List(vec![Value::Unknown(promises.into())]);

        assert!(same(&list, &Value::List(vec![Value::UNKNOWN])));
        assert!(!same(&list, &Value::List(vec![Value::Null])));
    }

    #[test]
    fn an_object_that_lacks_an_attribute_does_not_conform() {
        let kind = Type::object([("a", Type::Bool)]);

        assert!(conforms(
            &Value::Object([("a".to_owned(), Value::Null)].into()),
            &kind
        ));
        assert!(!conforms(&Value::Object(Object::new()), &kind));
        assert!(!conforms(
            &Value::Object([("a".to_owned(), "x".into())].into()),
            &kind
        ));
        assert!(!conforms(&Value::List(vec![]), &Type::set(Type::Bool)));
    }
}
