//! Values as Terraform's core sees them: nulls have types, and unknown objects have attributes.

use realtimekit::framework::{Type, Value};

/// An attribute of an object; those of null are null and those of an unknown are unknown.
pub(super) fn attribute(object: &Value, name: &str) -> Value {
    match object {
        Value::Object(object) => object.get(name).cloned().unwrap_or(Value::Null),
        Value::Unknown => Value::Unknown,
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

/// Whether `value` is of type `kind`; objects must be complete.
pub(crate) fn conforms(value: &Value, kind: &Type) -> bool {
    match (value, kind) {
        (Value::Null | Value::Unknown, _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number | Type::Integer)
        | (Value::String(_), Type::String) => true,
        (Value::List(list), Type::List(kind)) => list.iter().all(|value| conforms(value, kind)),
        (Value::Set(set), Type::Set(kind)) => set.iter().all(|value| conforms(value, kind)),
        (Value::Map(map), Type::Map(kind)) => map.values().all(|value| conforms(value, kind)),
        (Value::Object(object), Type::Object(kinds)) => {
            object.keys().eq(kinds.keys())
                && object
                    .values()
                    .zip(kinds.values())
                    .all(|(value, kind)| conforms(value, kind))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use realtimekit::framework::Object;

    use super::*;

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
