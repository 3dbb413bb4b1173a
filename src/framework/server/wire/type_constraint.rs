//! [`Type`] ↔ Terraform's JSON for type constraints (go-cty: cty/json.go).

use serde_json::{Value as Json, json};

use super::codec_error::{CodecError, within};
use crate::framework::value::Type;

/// The JSON of `kind`.
pub(super) fn to_json(kind: &Type) -> Vec<u8> {
    json_of(kind).to_string().into_bytes()
}

/// Reads a type constraint.
///
/// # Errors
/// It is no JSON, or no type. serde_json limits how deeply it may be nested.
pub(super) fn from_json(bytes: &[u8]) -> Result<Type, CodecError> {
    let json: Json =
        serde_json::from_slice(bytes).map_err(|_| CodecError::new("a type that is no JSON"))?;
    type_of(&json)
}

fn json_of(kind: &Type) -> Json {
    match kind {
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::Dynamic => json!("dynamic"),
        Type::List(element) => json!(["list", json_of(element)]),
        Type::Set(element) => json!(["set", json_of(element)]),
        Type::Map(element) => json!(["map", json_of(element)]),
        Type::Tuple(elements) => json!(["tuple", elements.iter().map(json_of).collect::<Vec<_>>()]),
        Type::Object(attributes) => {
            let attributes = attributes
                .iter()
                .map(|(name, kind)| (name.as_ref().to_owned(), json_of(kind)));
            json!(["object", attributes.collect::<serde_json::Map<_, _>>()])
        }
    }
}

fn type_of(json: &Json) -> Result<Type, CodecError> {
    if let Some(primitive) = json.as_str() {
        return match primitive {
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            "dynamic" => Ok(Type::Dynamic),
            _ => Err(CodecError::new("an unknown type")),
        };
    }
    let malformed = || CodecError::new("a malformed type");
    let parts = json.as_array().ok_or_else(malformed)?;
    let (constructor, of) = match parts.as_slice() {
        [Json::String(constructor), of] => (constructor.as_str(), of),
        // A third part lists optional attributes: a matter of module variables.
        [Json::String(constructor), of, Json::Array(_)] if constructor == "object" => {
            (constructor.as_str(), of)
        }
        _ => return Err(malformed()),
    };
    match (constructor, of) {
        ("list", of) => type_of(of).map(Type::list),
        ("set", of) => type_of(of).map(Type::set),
        ("map", of) => type_of(of).map(Type::map),
        ("tuple", Json::Array(elements)) => elements
            .iter()
            .map(type_of)
            .collect::<Result<_, _>>()
            .map(Type::Tuple),
        ("object", Json::Object(attributes)) => {
            let attributes = attributes
                .iter()
                .map(|(name, of)| Ok((name.as_str(), within(name, type_of(of))?)))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Type::object(attributes))
        }
        _ => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::framework::server::wire::arbitrary::any_type;

    #[test]
    fn types_are_written_as_terraform_writes_them() {
        let object = Type::object([("a", Type::Tuple(vec![Type::Bool]))]);

        assert_eq!(to_json(&Type::String), br#""string""#);
        assert_eq!(to_json(&Type::set(Type::Number)), br#"["set","number"]"#);
        assert_eq!(to_json(&object), br#"["object",{"a":["tuple",["bool"]]}]"#);
    }

    #[test]
    fn the_optional_attributes_of_an_object_type_are_passed_over() {
        let kind = from_json(br#"["object",{"a":"bool"},["a"]]"#);

        assert_eq!(kind, Ok(Type::object([("a", Type::Bool)])));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        let texts = [
            "",
            "null",
            "1",
            r#""text""#,
            "[]",
            r#"["list"]"#,
            r#"["list","bool",1]"#,
        ];
        for text in texts
            .into_iter()
            .chain([r#"["tuple","bool"]"#, r#"["object",["bool"]]"#])
        {
            assert!(from_json(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_type_nested_without_end_is_refused() {
        let text = r#"["list","#.repeat(100_000);

        assert!(from_json(text.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn every_type_round_trips(kind in any_type()) {
            prop_assert_eq!(from_json(&to_json(&kind)), Ok(kind));
        }
    }
}
