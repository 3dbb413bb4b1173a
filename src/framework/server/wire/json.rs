//! JSON → [`Value`]: how Terraform hands over states that it stored (protocol: object-wire-format.md).

use serde_json::Value as Json;

use crate::framework::{
    ValueError,
    value::{Object, Type, Value},
};

/// Reads a value of type `kind`.
///
/// A stored state may be of an older schema: attributes that it lacks are null, and those
/// that the schema does not have any more are passed over.
pub(super) fn decode(bytes: &[u8], kind: &Type) -> Result<Value, ValueError> {
    value(
        serde_json::from_slice(bytes).map_err(ValueError::new)?,
        kind,
    )
}

fn value(json: Json, kind: &Type) -> Result<Value, ValueError> {
    Ok(match (json, kind) {
        (Json::Null, _) => Value::Null,
        (Json::Bool(value), Type::Bool) => Value::Bool(value),
        (Json::String(text), Type::String) => Value::String(text),
        (Json::Number(number), Type::Number | Type::Integer) => number_of(&number.to_string())?,
        (Json::String(number), Type::Number | Type::Integer) => number_of(&number)?,
        (Json::Array(elements), Type::List(kind)) => Value::List(list(elements, kind)?),
        (Json::Array(elements), Type::Set(kind)) => Value::Set(list(elements, kind)?),
        (Json::Object(map), Type::Map(kind)) => {
            let values = map.into_iter().map(|(key, json)| match value(json, kind) {
                Ok(value) => Ok((key, value)),
                Err(error) => Err(error.within(key)),
            });
            Value::Map(values.collect::<Result<_, _>>()?)
        }
        (Json::Object(mut object), Type::Object(kinds)) => {
            let values = kinds.iter().map(|(name, kind)| {
                let json = object.remove(&**name).unwrap_or(Json::Null);
                let value = value(json, kind).map_err(|error| error.within(name))?;
                Ok((name.clone(), value))
            });
            Value::Object(values.collect::<Result<Object, ValueError>>()?)
        }
        _ => {
            return Err(ValueError::new(
                "the value is of another type than the schema says",
            ));
        }
    })
}

fn list<C: FromIterator<Value>>(elements: Vec<Json>, kind: &Type) -> Result<C, ValueError> {
    let elements = elements.into_iter().enumerate();
    elements
        .map(|(index, json)| value(json, kind).map_err(|error| error.within(index)))
        .collect()
}

fn number_of(text: &str) -> Result<Value, ValueError> {
    text.parse().map(Value::Number).map_err(ValueError::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::framework::server::wire::tests::{any_type, known_value_of};

    fn object(attributes: &[(&str, Type)]) -> Type {
        let attributes = attributes
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), kind.clone()));
        Type::object(attributes)
    }

    #[test]
    fn what_an_older_state_lacks_is_null_and_what_it_has_more_is_passed_over() {
        let state = decode(
            br#"{"gone": 1, "name": "x"}"#,
            &object(&[("name", Type::String), ("new", Type::Bool)]),
        );

        let expected = Object::from([("name", "x".into()), ("new", Value::Null)]);
        assert_eq!(state, Ok(Value::Object(expected)));
    }

    #[test]
    fn numbers_keep_every_digit() {
        let number = decode(b"0.10000000000000000000000000000000000001", &Type::Number).unwrap();

        let Value::Number(number) = number else {
            panic!("{number:?}")
        };
        assert_eq!(
            number.to_string(),
            "0.10000000000000000000000000000000000001"
        );
    }

    #[test]
    fn an_error_names_the_place() {
        let error = decode(
            br#"{"doors": [true, 1]}"#,
            &object(&[("doors", Type::list(Type::Bool))]),
        );

        let text = error.unwrap_err().to_string();
        assert!(text.ends_with("at doors.1"), "{text}");
    }

    /// A known value as Terraform stores it: the opposite of what is tested.
    fn stored(value: &Value) -> Json {
        match value {
            Value::Null | Value::Unknown => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
            Value::String(text) => Json::String(text.clone()),
            Value::List(elements) => elements.iter().map(stored).collect(),
            Value::Set(set) => set.iter().map(stored).collect(),
            Value::Map(values) | Value::Object(values) => Json::Object(
                values
                    .iter()
                    .map(|(key, value)| (key.as_ref().to_owned(), stored(value)))
                    .collect(),
            ),
        }
    }

    proptest! {
        #[test]
        fn every_stored_value_is_read_back((kind, value) in any_type().prop_flat_map(|kind| {
            let value = known_value_of(&kind);
            (Just(kind), value)
        })) {
            let bytes = serde_json::to_vec(&stored(&value)).unwrap();

            prop_assert_eq!(decode(&bytes, &kind), Ok(value));
        }

        #[test]
        fn random_bytes_are_an_error_or_a_value(kind in any_type(), bytes: Vec<u8>) {
            let _ = decode(&bytes, &kind);
        }
    }
}
